"""Subdivision of meshes."""

from typing import Optional, Tuple, Union

import torch
from torch import nn

from ..structures import Meshes
from ..structures.utils import indices_of_sizes


class SubdivideMeshes(nn.Module):
    """Splits each face into four at the middles of its edges. Verts of a mesh are those given, then the middles of its edges, in the order of
    edges_packed. Its faces are those at the first corners of all faces, at the second, at the third, then those in the middle. Faces keep their
    orientation."""

    def __init__(self, meshes: Optional[Meshes] = None) -> None:
        """With `meshes` the faces are computed once, for the topology of its first mesh, which all meshes given to forward must have."""
        super().__init__()
        self.precomputed = meshes is not None
        self._N = -1
        if meshes is not None:
            self.register_buffer("_subdivided_faces", self.subdivide_faces(meshes[0]))

    @torch.no_grad()
    def subdivide_faces(self, meshes: Meshes) -> torch.Tensor:
        """The new faces [4 sum F, 3] where the middles of edges come after all verts of the batch."""
        corners = meshes.faces_packed()
        sides = meshes.faces_packed_to_edges_packed() + len(meshes.verts_packed())
        return _four_faces(corners, sides)

    def forward(
        self, meshes: Meshes, feats: Optional[torch.Tensor] = None
    ) -> Union[Meshes, Tuple[Meshes, torch.Tensor]]:
        """The subdivided meshes, and if given features [sum V, D] of packed verts, those of the new verts: for the middle of an edge the mean of
        its ends. Differentiable by verts and features."""
        self._N = len(meshes)
        return self.subdivide_homogeneous(meshes, feats) if self.precomputed else self.subdivide_heterogenerous(meshes, feats)

    def subdivide_homogeneous(
        self, meshes: Meshes, feats: Optional[torch.Tensor] = None
    ) -> Union[Meshes, Tuple[Meshes, torch.Tensor]]:
        """Of meshes of the topology that was given; features may also be [N, V, D], and are returned as [N, V + E, D]."""
        verts, edges = meshes.verts_padded(), meshes[0].edges_packed()
        faces = self._subdivided_faces.expand(len(meshes), -1, -1)
        new_meshes = Meshes(verts=_with_middles(verts, edges), faces=faces)
        if feats is None:
            return new_meshes
        if feats.dim() == 2:
            feats = feats.reshape(verts.shape[0], verts.shape[1], -1)
        if feats.dim() != 3:
            raise ValueError("features need to be of shape (N, V, D) or (N*V, D)")
        return new_meshes, _with_middles(feats, edges)

    def subdivide_heterogenerous(
        self, meshes: Meshes, feats: Optional[torch.Tensor] = None
    ) -> Union[Meshes, Tuple[Meshes, torch.Tensor]]:
        """Of meshes of any topologies."""
        num_verts, num_faces = meshes.num_verts_per_mesh(), meshes.num_faces_per_mesh()
        num_edges = meshes.num_edges_per_mesh().to(torch.int64)
        verts_order = create_verts_index(num_verts, num_edges, meshes.device)
        edges = meshes.edges_packed()
        new_sizes = (num_verts + num_edges).tolist()
        new_verts = _with_middles(meshes.verts_packed()[None], edges)[0][verts_order]
        places = torch.empty_like(verts_order)
        places[verts_order] = torch.arange(len(places), device=places.device)
        firsts = indices_of_sizes(new_sizes, meshes.device)[1]
        faces_order = create_faces_index(num_faces, meshes.device)
        of_mesh = meshes.faces_packed_to_mesh_idx().repeat(4)[faces_order]
        new_faces = places[self.subdivide_faces(meshes)[faces_order]] - firsts[of_mesh][:, None]
        new_meshes = Meshes(list(new_verts.split(new_sizes)), list(new_faces.split((4 * num_faces).tolist())))
        if feats is None:
            return new_meshes
        return new_meshes, _with_middles(feats[None], edges)[0][verts_order]


def _four_faces(corners: torch.Tensor, sides: torch.Tensor) -> torch.Tensor:
    """[4 F, 3] of corners [F, 3] and the middles of the edges opposite to them [F, 3]."""
    at_corners = [torch.stack([corners[:, i], sides[:, (i + 2) % 3], sides[:, (i + 1) % 3]], 1) for i in range(3)]
    return torch.cat([*at_corners, sides])


def _with_middles(rows: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    """[N, V + E, D]: rows [N, V, D], then the means of the ends of edges [E, 2]."""
    return torch.cat([rows, (rows[:, edges[:, 0]] + rows[:, edges[:, 1]]) / 2], 1)


def _by_mesh(*counts: torch.Tensor, device: Optional[torch.device]) -> torch.Tensor:
    """The order that brings items to their mesh: first come `counts[0]` [N] items of all meshes, one mesh after the other, then counts[1] ..."""
    meshes = torch.cat([torch.arange(len(count), device=device).repeat_interleave(count.to(device)) for count in counts])
    return meshes.sort(stable=True)[1]


def create_verts_index(
    verts_per_mesh: torch.Tensor, edges_per_mesh: torch.Tensor, device: Optional[torch.device] = None
) -> torch.Tensor:
    """The order [sum V + sum E] that brings all verts, followed by one new vert per edge, to their meshes."""
    return _by_mesh(verts_per_mesh, edges_per_mesh, device=device)


def create_faces_index(faces_per_mesh: torch.Tensor, device: Optional[torch.device] = None) -> torch.Tensor:
    """The order [4 sum F] that brings four new faces per face, the first of all meshes, then the second ..., to their meshes."""
    return _by_mesh(*[faces_per_mesh] * 4, device=device)
