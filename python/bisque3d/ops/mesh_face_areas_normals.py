"""Areas and normals of faces."""

from typing import Tuple

import torch

from .._ops import ops


def mesh_face_areas_normals(verts: torch.Tensor, faces: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """The areas [F] and unit normals [F, 3] of faces [F, 3] of verts [V, 3]; a face without an area has the normal 0. Differentiable by verts.
    ValueError: other shapes, faces that are not int64."""
    if verts.dim() != 2 or verts.shape[1] != 3:
        raise ValueError("verts need to be of shape Vx3.")
    if faces.dim() != 2 or faces.shape[1] != 3:
        raise ValueError("faces need to be of shape Fx3.")
    if faces.dtype != torch.int64:
        raise ValueError("faces need to be of type torch.int64.")
    return ops.face_areas_normals(verts, faces)
