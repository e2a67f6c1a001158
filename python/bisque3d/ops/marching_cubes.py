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
    return list(verts.split(num_verts.tolist())), list(faces.split(num_faces.tolist()))


marching_cubes_naive = marching_cubes
