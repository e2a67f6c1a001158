"""Meshes that are made from others: moved, scaled, repeated, parts."""

from typing import List, Union

import torch

from ._batch import check_copies, check_new_values, write_padded

_OF_FACES = [
    "_faces_packed",
    "_verts_packed_to_mesh_idx",
    "_faces_packed_to_mesh_idx",
    "_mesh_to_verts_packed_first_idx",
    "_mesh_to_faces_packed_first_idx",
    "_verts_padded_to_packed_idx",
    "_edges_packed",
    "_edges_packed_to_mesh_idx",
    "_mesh_to_edges_packed_first_idx",
    "_faces_packed_to_edges_packed",
    "_num_edges_per_mesh",
    "_laplacian_packed",
    "_vert_faces_offsets",
    "_vert_faces",
    "_faces_list",
    "_num_verts_per_mesh",
    "_num_faces_per_mesh",
    "valid",
]


class ChangedMeshes:
    """A part of Meshes."""

    def offset_verts_(self, vert_offsets_packed: torch.Tensor):
        """Adds offsets [sum V, 3] or [3] to the verts. Normals and areas that exist are computed again, unless all verts move alike.
        ValueError: another shape."""
        verts = self.verts_packed()
        moves_alike = vert_offsets_packed.shape == (3,)
        if not moves_alike and vert_offsets_packed.shape != verts.shape:
            raise ValueError(f"Verts offsets must have dimension (all_v, 3). They are {list(vert_offsets_packed.shape)}.")
        self._set_verts_packed(verts + vert_offsets_packed)
        if not moves_alike:
            self._refresh_areas_normals()
            if self._verts_normals_packed is not None:
                self._compute_vertex_normals(refresh=True)
        return self

    def offset_verts(self, vert_offsets_packed: torch.Tensor):
        """The same meshes with offsets [sum V, 3] or [3] added to their verts."""
        self.verts_packed()
        return self._shared().offset_verts_(vert_offsets_packed)

    def scale_verts_(self, scale: Union[float, torch.Tensor]):
        """Multiplies the verts by a number, or by one per mesh, [N]."""
        if torch.is_tensor(scale) and scale.dim() > 0:
            scale = scale.reshape(-1)[self.verts_packed_to_mesh_idx()][:, None]
        self._set_verts_packed(self.verts_packed() * scale)
        self._refresh_areas_normals()
        return self

    def scale_verts(self, scale: Union[float, torch.Tensor]):
        """The same meshes with their verts multiplied by a number, or by one per mesh, [N]."""
        self.verts_packed()
        return self._shared().scale_verts_(scale)

    def _set_verts_packed(self, verts: torch.Tensor) -> None:
        self._verts_packed = verts
        self._verts_list = list(verts.split(self._vert_counts, 0))
        if self._verts_padded is not None:
            self._verts_padded = write_padded(self._verts_padded, self._verts_list)

    def _with_verts_packed(self, verts: torch.Tensor):
        """The same faces and textures with other verts [sum V, 3]."""
        self.verts_packed()
        new = self._shared()
        new._faces_areas_packed = new._faces_normals_packed = new._verts_normals_packed = None
        new._set_verts_packed(verts)
        return new

    def _refresh_areas_normals(self) -> None:
        if self._faces_areas_packed is not None or self._faces_normals_packed is not None:
            self._compute_face_areas_normals(refresh=True)

    def update_padded(self, new_verts_padded: torch.Tensor):
        """The same faces and textures with other verts [N, max V, 3]; what follows from the faces alone is kept. ValueError: another shape."""
        check_new_values(new_verts_padded, (self._N, self._V, 3), "dimension")
        self._compute_padded()
        new = self._shared()
        for name in self._INTERNAL_TENSORS:
            if name not in (*_OF_FACES, "_faces_padded", "equisized"):
                setattr(new, name, None)
        new._verts_list = None
        new._verts_padded = new_verts_padded
        if self._verts_packed is not None:
            new._verts_padded_to_packed_idx = self.verts_padded_to_packed_idx()
            new._verts_packed = new_verts_padded.reshape(-1, 3)[new._verts_padded_to_packed_idx]
        return new

    def extend(self, N: int):
        """Each mesh N times in a row, with its textures. ValueError: N is not an int above 0."""
        check_copies(N)
        return self.__class__(
            verts=[verts.clone() for verts in self.verts_list() for _ in range(N)],
            faces=[faces.clone() for faces in self.faces_list() for _ in range(N)],
            textures=None if self.textures is None else self.textures.extend(N),
        )

    def submeshes(self, face_indices: Union[List[List[torch.Tensor]], List[torch.Tensor], torch.Tensor]):
        """For each mesh the meshes of some of its faces: `face_indices` has for each mesh a list of index tensors, or a tensor
        [number of parts, faces of a part]. Returns all parts in one batch, with the verts that their faces use, in order.
        ValueError: another number of meshes, textures that cannot be cut."""
        if len(face_indices) != len(self):
            raise ValueError(f"You must specify exactly one set of submeshes for each mesh: expected {len(self)}, but got {len(face_indices)}.")
        if self.textures is not None and not hasattr(self.textures, "submeshes"):
            raise ValueError(f"Submesh extraction does not work with {type(self.textures).__name__}.")
        sub_verts, sub_faces, vert_ids, face_ids = [], [], [], []
        for parts, faces, verts in zip(face_indices, self.faces_list(), self.verts_list()):
            used = [torch.unique(faces[part], return_inverse=True) for part in parts]
            sub_verts.extend(verts[ids] for ids, _ in used)
            sub_faces.extend(inverse for _, inverse in used)
            vert_ids.append([ids for ids, _ in used])
            face_ids.append(list(parts))
        textures = None if self.textures is None else self.textures.submeshes(vert_ids, face_ids)
        return self.__class__(verts=sub_verts, faces=sub_faces, textures=textures)

