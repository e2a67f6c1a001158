"""A loss on the distances between verts and the means of their neighbours."""

import torch

from .._ops import ops
from ._mean import mean_over_meshes, zero_loss


def mesh_laplacian_smoothing(meshes: "Meshes", method: str = "uniform") -> torch.Tensor:  # noqa: F821
    """The mean over meshes of the means over verts of the length of L V. [0.0] if no mesh has faces. Differentiable; the weights count as fixed.

    `method` gives L: "uniform": the mean of the neighbours minus the vert; "cot": neighbours weigh by the cotangents of the angles opposite to
    their edge; "cotcurv": the same, not divided by the sum of the weights, but by 4 times the area around the vert. ValueError: another."""
    if meshes.isempty():
        return zero_loss(meshes)
    if method == "uniform":
        differences = _uniform_differences(meshes.verts_packed(), meshes.edges_packed())
    elif method in ("cot", "cotcurv"):
        differences = _cot_differences(meshes.verts_packed(), meshes.faces_packed(), method == "cotcurv")
    else:
        raise ValueError("Method should be one of {uniform, cot, cotcurv}")
    return mean_over_meshes(differences.norm(dim=1), meshes.verts_packed_to_mesh_idx(), len(meshes))


def _uniform_differences(verts: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    ends = edges.reshape(-1)
    degrees = torch.zeros_like(verts[:, 0]).index_add(0, ends, torch.ones_like(ends, dtype=verts.dtype))
    return ops.gather_scatter(verts, edges) / degrees.clamp_min(1)[:, None] - verts


def _cot_differences(verts: torch.Tensor, faces: torch.Tensor, curvature: bool) -> torch.Tensor:
    cots, areas = ops.face_cotangents(verts.detach(), faces)
    sides = torch.stack([faces.roll(-1, 1), faces.roll(-2, 1)], 2).flatten(0, 1)  # opposite to each corner
    with_ones = torch.cat([verts, torch.ones_like(verts[:, :1])], 1)
    sums = ops.weighted_gather_scatter(with_ones, sides, cots.reshape(-1))
    of_verts, weights = sums[:, :3], sums[:, 3:]
    if not curvature:
        return of_verts * torch.where(weights > 0, weights.reciprocal(), weights) - verts
    around = torch.zeros_like(verts[:, 0]).index_add(0, faces.reshape(-1), areas.repeat_interleave(3))[:, None]
    return (of_verts - weights * verts) / torch.where(around > 0, 4 * around, 1.0)
