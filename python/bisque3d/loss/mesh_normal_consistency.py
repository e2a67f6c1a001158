"""A loss on the angles between faces."""

import torch

from .._ops import ops
from ._mean import mean_over_meshes, zero_loss


def mesh_normal_consistency(meshes: "Meshes") -> torch.Tensor:  # noqa: F821
    """The mean over meshes of the means of 1 - cos of the angle between the normals of each pair of faces that share an edge; [0.0] if there
    are no such pairs, which compiled code does not know. Differentiable."""
    if meshes.isempty():
        return zero_loss(meshes)
    sides = meshes.faces_packed_to_edges_packed()
    most_edges = sides.numel()  # an edge without faces has no pairs; the number of edges depends on values, which compiled code does not know
    cosines, corners = ops.adjacent_face_cosines(meshes.verts_packed(), meshes.faces_packed(), sides, most_edges)
    if not torch.compiler.is_compiling() and len(cosines) == 0:
        return zero_loss(meshes)
    return mean_over_meshes(1 - cosines, meshes.faces_packed_to_mesh_idx()[corners[:, 0] // 3], len(meshes))
