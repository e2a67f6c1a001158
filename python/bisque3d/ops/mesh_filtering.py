"""Smoothing of meshes."""

import torch

from .._ops import ops
from ..structures import Meshes

_LEAST_LENGTH = 1e-12  # as the eps of norm_laplacian


def taubin_smoothing(meshes: Meshes, lambd: float = 0.53, mu: float = -0.53, num_iter: int = 10) -> Meshes:
    """The same meshes after `num_iter` times two steps: each vert moves by the share `lambd`, then `mu`, of the way to the mean of its
    neighbours, which weigh by the inverse of their distance (Taubin, Curve and surface smoothing without shrinkage, 1995).
    Differentiable. A vert without neighbours stays."""
    verts, edges = meshes.verts_packed(), meshes.edges_packed()
    for _ in range(num_iter):
        verts = _towards_neighbors(_towards_neighbors(verts, edges, lambd), edges, mu)
    return meshes._with_verts_packed(verts)


def _towards_neighbors(verts: torch.Tensor, edges: torch.Tensor, step: float) -> torch.Tensor:
    weights = ((verts[edges[:, 0]] - verts[edges[:, 1]]).norm(dim=1) + _LEAST_LENGTH).reciprocal()
    with_ones = torch.cat([verts, torch.ones_like(verts[:, :1])], 1)
    sums = ops.weighted_gather_scatter(with_ones, edges, weights)
    total = sums[:, 3:]
    has_neighbors = total > 0
    mean = torch.where(has_neighbors, sums[:, :3] / torch.where(has_neighbors, total, 1.0), verts)
    return (1 - step) * verts + step * mean
