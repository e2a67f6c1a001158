"""What follows from the verts and faces of meshes: edges, the Laplacian, areas and normals."""

from typing import List

import torch

from .._ops import ops
from . import utils as struct_utils


class DerivedMeshes:
    """A part of Meshes."""

    def edges_packed(self) -> torch.Tensor:
        """[sum E, 2]: the edges of the faces, each once, of packed verts; the smaller index is first."""
        self._compute_edges_packed()
        return self._edges_packed

    def edges_packed_to_mesh_idx(self) -> torch.Tensor:
        """[sum E]: the mesh of each edge."""
        self._compute_edges_packed()
        return self._edges_packed_to_mesh_idx

    def mesh_to_edges_packed_first_idx(self) -> torch.Tensor:
        """[N]: the first of the packed edges of each mesh."""
        self._compute_edges_packed()
        return self._mesh_to_edges_packed_first_idx

    def faces_packed_to_edges_packed(self) -> torch.Tensor:
        """[sum F, 3]: the edges opposite to the verts of each face."""
        self._compute_edges_packed()
        return self._faces_packed_to_edges_packed

    def num_edges_per_mesh(self) -> torch.Tensor:
        """[N] int32."""
        self._compute_edges_packed()
        return self._num_edges_per_mesh

    def laplacian_packed(self) -> torch.Tensor:
        """The uniform Laplacian, sparse [sum V, sum V]: -1 on the diagonal, 1 / degree(i) where i has an edge to j."""
        self._compute_laplacian_packed()
        return self._laplacian_packed

    def faces_areas_packed(self) -> torch.Tensor:
        """[sum F]."""
        self._compute_face_areas_normals()
        return self._faces_areas_packed

    def faces_normals_packed(self) -> torch.Tensor:
        """[sum F, 3]: unit normals (v1 - v0) x (v2 - v0)."""
        self._compute_face_areas_normals()
        return self._faces_normals_packed

    def faces_normals_list(self) -> List[torch.Tensor]:
        """N tensors [F_n, 3]."""
        return list(self.faces_normals_packed().split(self._face_counts, 0))

    def faces_normals_padded(self) -> torch.Tensor:
        """[N, max F, 3], 0 after the faces of a mesh."""
        return self._padded_of(self.faces_normals_list(), self._F)

    def has_verts_normals(self) -> bool:
        """Whether normals of verts were given, or computed."""
        return self._verts_normals_packed is not None

    def verts_normals_packed(self) -> torch.Tensor:
        """[sum V, 3]: the unit normals that were given, or the sum of those of the faces around a vert, weighed by their areas."""
        self._compute_vertex_normals()
        return self._verts_normals_packed

    def verts_normals_list(self) -> List[torch.Tensor]:
        """N tensors [V_n, 3]."""
        return list(self.verts_normals_packed().split(self._vert_counts, 0))

    def verts_normals_padded(self) -> torch.Tensor:
        """[N, max V, 3], 0 after the verts of a mesh."""
        return self._padded_of(self.verts_normals_list(), self._V)

    def _padded_of(self, items: List[torch.Tensor], longest: int) -> torch.Tensor:
        if self._N == 0:
            return torch.zeros((0, 0, 3), device=self.device)
        return struct_utils.list_to_padded(items, (longest, 3), 0.0, self.equisized)

    def _set_verts_normals(self, verts_normals) -> None:
        if isinstance(verts_normals, list):
            shapes = [tuple(n.shape) if torch.is_tensor(n) else None for n in verts_normals]
            if shapes != [(count, 3) for count in self._vert_counts]:
                raise ValueError("Invalid verts_normals input: expected a list of a tensor [V_n, 3] per mesh.")
            self._verts_normals_packed = torch.cat(verts_normals, 0) if verts_normals else None
        elif torch.is_tensor(verts_normals):
            if verts_normals.ndim != 3 or verts_normals.size(2) != 3 or verts_normals.size(0) != self._N:
                raise ValueError(f"Vertex normals tensor has incorrect dimensions: {list(verts_normals.shape)}, expected [{self._N}, V, 3].")
            self._verts_normals_packed = struct_utils.padded_to_packed(verts_normals, split_size=self._vert_counts)
        else:
            raise ValueError("verts_normals must be a list or tensor")

    def _compute_face_areas_normals(self, refresh: bool = False) -> None:
        if refresh or self._faces_areas_packed is None or self._faces_normals_packed is None:
            self._faces_areas_packed, self._faces_normals_packed = ops.face_areas_normals(self.verts_packed(), self.faces_packed())

    def _compute_vertex_normals(self, refresh: bool = False) -> None:
        if not refresh and self._verts_normals_packed is not None:
            return
        verts, faces = self.verts_packed(), self.faces_packed()
        if self._vert_faces is None:
            self._vert_faces_offsets, self._vert_faces = vert_faces_of(faces, len(verts))
        self._verts_normals_packed = ops.vertex_normals(verts[None], faces, self._vert_faces_offsets, self._vert_faces)[0]

    def _compute_edges_packed(self, refresh: bool = False) -> None:
        if not refresh and self._edges_packed is not None:
            return
        self._edges_packed, self._faces_packed_to_edges_packed = ops.mesh_edges(self.verts_packed().detach(), self.faces_packed())
        self._edges_packed_to_mesh_idx = self.verts_packed_to_mesh_idx()[self._edges_packed[:, 0]]
        ones = torch.ones_like(self._edges_packed_to_mesh_idx, dtype=torch.int32)
        counts = torch.zeros(self._N, dtype=torch.int32, device=self.device).scatter_add(0, self._edges_packed_to_mesh_idx, ones)
        self._num_edges_per_mesh = counts
        self._mesh_to_edges_packed_first_idx = counts.cumsum(0) - counts

    def _compute_laplacian_packed(self, refresh: bool = False) -> None:
        if refresh or self._laplacian_packed is None:
            from ..ops.laplacian_matrices import laplacian

            self._laplacian_packed = laplacian(self.verts_packed(), self.edges_packed())


def vert_faces_of(faces: torch.Tensor, num_verts: int):
    """The faces around each vert: offsets [V + 1] and faces [3 F], by vert, then by face."""
    corners = faces.reshape(-1)
    counts = torch.zeros(num_verts + 1, dtype=torch.int64, device=faces.device)
    counts = counts.scatter_add(0, corners + 1, torch.ones_like(corners))
    return counts.cumsum(0), corners.sort(stable=True)[1] // 3
