"""Laplacian matrices of meshes, sparse [V, V]."""

from typing import Tuple

import torch

from .._ops import ops


def _symmetric(edges: torch.Tensor, weights: torch.Tensor, num_verts: int) -> torch.Tensor:
    """`weights` [E] at `edges` [E, 2] in both directions."""
    places = torch.cat([edges, edges.flip(1)]).t()
    return torch.sparse_coo_tensor(places, weights.repeat(2), (num_verts, num_verts), check_invariants=False)


def laplacian(verts: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    """The uniform Laplacian of verts [V, 3] and edges [E, 2]: -1 on the diagonal, 1 / degree(i) where i has an edge to j."""
    num_verts = verts.shape[0]
    start, end = edges.unbind(1)
    rows, columns = torch.cat([start, end]), torch.cat([end, start])
    degrees = torch.zeros(num_verts, dtype=verts.dtype, device=verts.device).index_add(0, rows, torch.ones_like(rows, dtype=verts.dtype))
    diagonal = torch.arange(num_verts, device=verts.device)
    places = torch.stack([torch.cat([rows, diagonal]), torch.cat([columns, diagonal])])
    values = torch.cat([degrees.reciprocal()[rows], degrees.new_full((num_verts,), -1.0)])
    return torch.sparse_coo_tensor(places, values, (num_verts, num_verts), check_invariants=False)


def cot_laplacian(verts: torch.Tensor, faces: torch.Tensor, eps: float = 1e-12) -> Tuple[torch.Tensor, torch.Tensor]:
    """The cotangent weights of verts [V, 3] and faces [F, 3]: cot a + cot b, the angles opposite to an edge, without a diagonal; and the
    inverse [V, 1] of the area of the faces around each vert, 0 where there are none. Differentiable by verts."""
    cots, areas = ops.face_cotangents(verts, faces, eps)
    sides = torch.stack([faces.roll(-1, 1), faces.roll(-2, 1)], 2)  # opposite to each corner
    sums = torch.zeros_like(verts[:, 0]).index_add(0, faces.reshape(-1), areas.repeat_interleave(3))
    inverse = torch.where(sums > 0, sums, 1.0).reciprocal() * (sums > 0)
    return _symmetric(sides.flatten(0, 1), cots.flatten(), verts.shape[0]), inverse[:, None]


def norm_laplacian(verts: torch.Tensor, edges: torch.Tensor, eps: float = 1e-12) -> torch.Tensor:
    """1 / (length + eps) at the edges [E, 2] of verts [V, 3], in both directions, without a diagonal."""
    lengths = (verts[edges[:, 0]] - verts[edges[:, 1]]).norm(dim=1)
    return _symmetric(edges, (lengths + eps).reciprocal(), verts.shape[0])
