"""Meshes of the surfaces at which volumes have a value."""

from typing import List, Optional, Tuple

import torch

from .._ops import ops


def marching_cubes(
    vol_batch: torch.Tensor, isolevel: Optional[float] = None, return_local_coords: bool = True
) -> Tuple[List[torch.Tensor], List[torch.Tensor]]:
    """Lists of verts [V_n, 3] and faces [F_n, 3] of the surfaces at which volumes [N, D, H, W], linear between grid points, equal `isolevel`;
    default: the mean of the least and the greatest value of each.

    Verts lie in [-1, 1], or with `return_local_coords` False at grid points from 0 to W - 1, H - 1 and D - 1. Not differentiable."""
    verts, faces, num_verts, num_faces = ops.marching_cubes(vol_batch.detach(), isolevel, return_local_coords)
    meshes = zip(verts.split(num_verts.tolist()), faces.split(num_faces.tolist()))
    ordered = [_in_order_of_faces(*mesh) for mesh in meshes]
    return [verts for verts, _ in ordered], [faces for _, faces in ordered]


def _in_order_of_faces(verts: torch.Tensor, faces: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """The mesh with its verts in the order in which faces use them, as PyTorch3D returns them; the op's are in that of their cells."""
    corners = faces.reshape(-1)
    places = torch.arange(len(corners), device=faces.device)
    order = torch.full((len(verts),), len(corners), device=faces.device).scatter_reduce(0, corners, places, "amin").argsort()
    ranks = torch.empty_like(order).scatter_(0, order, places[: len(order)])
    return verts[order], ranks[faces]


marching_cubes_naive = marching_cubes
