"""A batch of triangle meshes of different sizes."""

from typing import List, Optional, Sequence, Tuple, Union

import torch

from . import utils as struct_utils
from ._batch import Batch, Index, are_equal, bounding_boxes, positions_of
from ._meshes_change import ChangedMeshes
from ._meshes_derived import DerivedMeshes

Verts = Union[List[torch.Tensor], torch.Tensor]


class Meshes(ChangedMeshes, DerivedMeshes, Batch):
    """N triangle meshes, whose verts and faces exist in three forms:

    list    verts [V_n, 3] and faces [F_n, 3] of each mesh; faces are indices of its own verts
    packed  [sum V, 3] and [sum F, 3], one mesh after the other; faces are indices of the packed verts
    padded  [N, max V, 3] with 0 after the verts of a mesh, [N, max F, 3] with -1 after its faces

    Each form, and what follows from it (edges, normals, areas, the Laplacian), is computed when it is first asked for, and kept.
    A mesh may be empty, and so may the batch. All results are differentiable by the verts.
    """

    _INTERNAL_TENSORS = [
        "_verts_packed",
        "_verts_packed_to_mesh_idx",
        "_mesh_to_verts_packed_first_idx",
        "_verts_padded",
        "_num_verts_per_mesh",
        "_faces_packed",
        "_faces_packed_to_mesh_idx",
        "_mesh_to_faces_packed_first_idx",
        "_faces_padded",
        "_faces_areas_packed",
        "_verts_normals_packed",
        "_faces_normals_packed",
        "_num_faces_per_mesh",
        "_edges_packed",
        "_edges_packed_to_mesh_idx",
        "_mesh_to_edges_packed_first_idx",
        "_faces_packed_to_edges_packed",
        "_num_edges_per_mesh",
        "_verts_padded_to_packed_idx",
        "_laplacian_packed",
        "_vert_faces_offsets",
        "_vert_faces",
        "valid",
        "equisized",
    ]
    _LISTS = ["_verts_list", "_faces_list"]

    def __init__(self, verts: Verts, faces: Verts, textures=None, *, verts_normals: Optional[Verts] = None) -> None:
        """Lists with one tensor per mesh, or padded tensors verts [N, V, 3] and faces [N, F, 3]. Rows of faces with a negative index
        are padding, which must be at the end of a padded tensor. `verts_normals` in the same form replace those that follow
        from the faces. ValueError: other types or shapes, devices that differ, textures of other sizes."""
        if textures is not None and not hasattr(textures, "sample_textures"):
            raise ValueError(f"Expected textures to be an instance of type TexturesBase; got {type(textures)}.")
        for name in (*self._INTERNAL_TENSORS, *self._LISTS):
            setattr(self, name, None)
        self.textures = textures
        self.device = torch.device("cpu")
        if isinstance(verts, list) and isinstance(faces, list):
            self._take_lists(verts, faces)
        elif torch.is_tensor(verts) and torch.is_tensor(faces):
            self._take_padded(verts, faces)
        else:
            raise ValueError("Verts and Faces must be either a list or a tensor with shape (batch_size, N, 3).")
        self._set_sizes()
        if textures is not None:
            self._check_textures()
            textures._num_faces_per_mesh = list(self._face_counts)
            textures._num_verts_per_mesh = list(self._vert_counts)
            textures.valid = self.valid
        if verts_normals is not None:
            self._set_verts_normals(verts_normals)

    def _take_lists(self, verts: List[torch.Tensor], faces: List[torch.Tensor]) -> None:
        if len(verts) != len(faces):
            raise ValueError(f"Verts and Faces must be lists of the same length, but have {len(verts)} and {len(faces)} tensors.")
        for n, (v, f) in enumerate(zip(verts, faces)):
            if v.numel() > 0 and (v.dim() != 2 or v.shape[1] != 3) or f.numel() > 0 and (f.dim() != 2 or f.shape[1] != 3):
                raise ValueError(f"Verts or Faces tensors of mesh {n} have incorrect dimensions: {list(v.shape)} and {list(f.shape)}.")
        if verts:
            self.device = verts[0].device
        if any(tensor.device != self.device for tensor in (*verts, *faces)):
            raise ValueError("All Verts and Faces tensors should be on same device.")
        self._verts_list = verts
        self._faces_list = [_without_padding(f) for f in faces]
        self._N = len(verts)
        self._vert_counts = [v.shape[0] for v in verts]
        self._face_counts = [f.shape[0] for f in self._faces_list]

    def _take_padded(self, verts: torch.Tensor, faces: torch.Tensor) -> None:
        if verts.dim() == 2 and faces.dim() == 2:
            verts, faces = verts[None], faces[None]
        if verts.dim() != 3 or faces.dim() != 3 or verts.size(2) != 3 or faces.size(2) != 3 or len(verts) != len(faces):
            raise ValueError(f"Verts or Faces tensors have incorrect dimensions: {list(verts.shape)} and {list(faces.shape)}.")
        if verts.device != faces.device:
            raise ValueError(f"Verts and Faces tensors should be on same device, but are on {verts.device} and {faces.device}.")
        self.device = verts.device
        self._verts_padded = verts
        self._faces_padded = faces.to(torch.int64)
        self._N = verts.shape[0]
        is_face = self._faces_padded.gt(-1).all(2)
        self._vert_counts = [verts.shape[1]] * self._N
        if torch.compiler.is_compiling():  # where sizes cannot depend on values
            torch._assert_async(is_face.all(), "Meshes: in compiled code padded faces cannot have padding; give lists of verts and faces.")
            self._face_counts = [faces.shape[1]] * self._N
            return
        if (is_face[:, :-1] < is_face[:, 1:]).any():
            raise ValueError("Padding of faces must be at the end")
        self._face_counts = is_face.sum(1).tolist()

    def _set_sizes(self) -> None:
        """What follows from the numbers of verts and faces, which are also kept on the host."""
        verts, faces = self._vert_counts, self._face_counts
        self._V = max(verts, default=0)
        self._F = max(faces, default=0)
        self._num_verts_per_mesh = torch.tensor(verts, dtype=torch.int64, device=self.device)
        self._num_faces_per_mesh = torch.tensor(faces, dtype=torch.int64, device=self.device)
        self.valid = torch.tensor([v > 0 and f > 0 for v, f in zip(verts, faces)], dtype=torch.bool, device=self.device)
        self.equisized = are_equal(verts) and are_equal(faces)

    def _check_textures(self) -> None:
        if not self.textures.check_shapes(self._N, self._V, self._F):
            raise ValueError("Textures do not match the dimensions of Meshes.")

    def __getitem__(self, index: Index) -> "Meshes":
        """The meshes of an int, slice, list of ints, mask or tensor of ints, with views of their tensors."""
        positions = positions_of(index, self._N)
        verts, faces = self.verts_list(), self.faces_list()
        textures = None
        if self.textures is not None:
            is_mask = torch.is_tensor(index) and index.dtype == torch.bool
            textures = self.textures[positions if is_mask else index]
        return self.__class__(verts=[verts[i] for i in positions], faces=[faces[i] for i in positions], textures=textures)

    def isempty(self) -> bool:
        """Whether no mesh has verts and faces."""
        return not any(v > 0 and f > 0 for v, f in zip(self._vert_counts, self._face_counts))

    # Forms.

    def verts_list(self) -> List[torch.Tensor]:
        """N tensors [V_n, 3]."""
        if self._verts_list is None:
            self._verts_list = struct_utils.padded_to_list(self._verts_padded, self._vert_counts)
        return self._verts_list

    def faces_list(self) -> List[torch.Tensor]:
        """N tensors [F_n, 3], indices of the verts of their mesh."""
        if self._faces_list is None:
            self._faces_list = struct_utils.padded_to_list(self._faces_padded, self._face_counts)
        return self._faces_list

    def verts_packed(self) -> torch.Tensor:
        """[sum V, 3]."""
        self._compute_packed()
        return self._verts_packed

    def faces_packed(self) -> torch.Tensor:
        """[sum F, 3], indices of verts_packed()."""
        self._compute_packed()
        return self._faces_packed

    def verts_padded(self) -> torch.Tensor:
        """[N, max V, 3]."""
        self._compute_padded()
        return self._verts_padded

    def faces_padded(self) -> torch.Tensor:
        """[N, max F, 3]."""
        self._compute_padded()
        return self._faces_padded

    def num_verts_per_mesh(self) -> torch.Tensor:
        """[N] int64."""
        return self._num_verts_per_mesh

    def num_faces_per_mesh(self) -> torch.Tensor:
        """[N] int64."""
        return self._num_faces_per_mesh

    def verts_packed_to_mesh_idx(self) -> torch.Tensor:
        """[sum V]: the mesh of each of the packed verts."""
        self._compute_packed()
        return self._verts_packed_to_mesh_idx

    def faces_packed_to_mesh_idx(self) -> torch.Tensor:
        """[sum F]: the mesh of each of the packed faces."""
        self._compute_packed()
        return self._faces_packed_to_mesh_idx

    def mesh_to_verts_packed_first_idx(self) -> torch.Tensor:
        """[N]: the first of the packed verts of each mesh."""
        self._compute_packed()
        return self._mesh_to_verts_packed_first_idx

    def mesh_to_faces_packed_first_idx(self) -> torch.Tensor:
        """[N]: the first of the packed faces of each mesh."""
        self._compute_packed()
        return self._mesh_to_faces_packed_first_idx

    def verts_padded_to_packed_idx(self) -> torch.Tensor:
        """[sum V]: the rows of verts_padded().reshape(-1, 3) that are verts."""
        if self._verts_padded_to_packed_idx is None:
            self._verts_padded_to_packed_idx = struct_utils.padded_rows(self._vert_counts, self._V, self.device)
        return self._verts_padded_to_packed_idx

    def _compute_packed(self, refresh: bool = False) -> None:
        if not refresh and self._verts_packed is not None:
            return
        device = self.device
        _, self._mesh_to_verts_packed_first_idx, self._verts_packed_to_mesh_idx = struct_utils.indices_of_sizes(self._vert_counts, device)
        _, self._mesh_to_faces_packed_first_idx, self._faces_packed_to_mesh_idx = struct_utils.indices_of_sizes(self._face_counts, device)
        self._verts_packed = _packed(self.verts_list(), torch.float32, device)
        faces = _packed(self.faces_list(), torch.int64, device)
        mesh = self._faces_packed_to_mesh_idx
        if not torch.compiler.is_compiling():
            _check_faces(faces, mesh, self._num_verts_per_mesh)
        self._faces_packed = faces + self._mesh_to_verts_packed_first_idx[mesh][:, None]

    def _compute_padded(self, refresh: bool = False) -> None:
        if not refresh and self._verts_padded is not None and self._faces_padded is not None:
            return
        verts, faces = self.verts_list(), self.faces_list()
        if self._N == 0:
            self._verts_padded = torch.zeros((0, 0, 3), device=self.device)
            self._faces_padded = torch.zeros((0, 0, 3), dtype=torch.int64, device=self.device)
            return
        self._verts_padded = struct_utils.list_to_padded(verts, (self._V, 3), 0.0, self.equisized)
        self._faces_padded = struct_utils.list_to_padded(faces, (self._F, 3), -1, self.equisized)

    # Copies.

    def _mapped(self, function) -> "Meshes":
        self.verts_list(), self.faces_list()
        return super()._mapped(function)

    def clone(self) -> "Meshes":
        """A copy of all tensors, to which gradients flow, and of the textures."""
        other = super().clone()
        other.textures = None if self.textures is None else self.textures.clone()
        return other

    def detach(self) -> "Meshes":
        """The same meshes without gradients."""
        other = super().detach()
        other.textures = None if self.textures is None else self.textures.detach()
        return other

    def to(self, device, copy: bool = False) -> "Meshes":
        """On another device, with the textures; itself if it is there already, unless `copy`."""
        other = super().to(device, copy)
        if other.device != self.device and self.textures is not None:
            other.textures = self.textures.to(other.device)
        return other

    # Elements.

    def get_mesh_verts_faces(self, index: int) -> Tuple[torch.Tensor, torch.Tensor]:
        """The verts and faces of one mesh. ValueError: not an int in [0, N)."""
        if not isinstance(index, int):
            raise ValueError("Mesh index must be an integer.")
        if index < 0 or index >= self._N:
            raise ValueError(f"Mesh index must be in the range [0, {self._N}), but is {index}.")
        return self.verts_list()[index], self.faces_list()[index]

    def get_bounding_boxes(self) -> torch.Tensor:
        """[N, 3, 2]: the least and greatest coordinates; infinity and -infinity for a mesh without verts."""
        return bounding_boxes(self.verts_list(), self.device)

    def sample_textures(self, fragments) -> torch.Tensor:
        """The texels of a picture's fragments. ValueError: no textures, or of other sizes."""
        if self.textures is None:
            raise ValueError("Meshes does not have textures")
        self._check_textures()
        return self.textures.sample_textures(fragments, faces_packed=self.faces_packed())


def _without_padding(faces: torch.Tensor) -> torch.Tensor:
    """int64 [F, 3] without rows that have a negative index; torch.compile keeps them, since their number depends on data."""
    if faces.numel() == 0:
        return faces.new_zeros((0, 3), dtype=torch.int64)
    if torch.compiler.is_compiling():
        return faces.to(torch.int64)
    is_face = faces.gt(-1).all(1)
    return (faces if is_face.all() else faces[is_face]).to(torch.int64)


def _packed(items: Sequence[torch.Tensor], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """[sum, 3]; `dtype` if there are no items."""
    if not items:
        return torch.zeros((0, 3), dtype=dtype, device=device)
    return torch.cat([item.reshape(-1, 3) for item in items], 0)


def _check_faces(faces: torch.Tensor, mesh: torch.Tensor, num_verts: torch.Tensor) -> None:
    """ValueError: a face index that is no vert of its mesh: in packed form it would be a vert of another mesh."""
    is_outside = (faces >= num_verts[mesh][:, None]).any(1)
    if is_outside.any():
        row = is_outside.nonzero()[0, 0]
        n = int(mesh[row])
        raise ValueError(f"Meshes: expected faces of mesh {n} to be indices of its {int(num_verts[n])} verts, but one is {faces[row].tolist()}.")


def join_meshes_as_batch(meshes: List[Meshes], include_textures: bool = True) -> Meshes:
    """All meshes of a list of batches in one batch, with their textures, which must be of one kind, unless `include_textures` is False.
    ValueError: a Meshes in place of the list, textures of different kinds, or of some meshes only."""
    if isinstance(meshes, Meshes):
        raise ValueError("Wrong first argument to join_meshes_as_batch: expected a list of Meshes, but got a Meshes.")
    verts = [v for mesh in meshes for v in mesh.verts_list()]
    faces = [f for mesh in meshes for f in mesh.faces_list()]
    textures = [mesh.textures for mesh in meshes if mesh.textures is not None] if include_textures else []
    if not textures:
        return Meshes(verts=verts, faces=faces)
    if len(textures) != len(meshes):
        raise ValueError("Inconsistent textures in join_meshes_as_batch.")
    if any(type(texture) is not type(textures[0]) for texture in textures):
        raise ValueError("All meshes in the batch must have the same type of texture.")
    return Meshes(verts=verts, faces=faces, textures=textures[0].join_batch(textures[1:]))


def join_meshes_as_scene(meshes: Union[Meshes, List[Meshes]], include_textures: bool = True) -> Meshes:
    """All meshes of a batch, or of a list of batches, as one mesh, with their textures unless `include_textures` is False.
    ValueError: as join_meshes_as_batch; `include_textures` is not a bool."""
    if not isinstance(include_textures, (bool, int)):
        raise ValueError(f"include_textures argument cannot be {type(include_textures)}")
    if isinstance(meshes, list):
        meshes = join_meshes_as_batch(meshes, include_textures=include_textures)
    if len(meshes) == 1:
        return meshes
    textures = None
    if include_textures and meshes.textures is not None:
        textures = meshes.textures.join_scene()
    return Meshes(verts=meshes.verts_packed()[None], faces=meshes.faces_packed()[None], textures=textures)
