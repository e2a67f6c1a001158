"""A loss on the lengths of edges."""

import torch

from ._mean import mean_over_meshes, zero_loss


def mesh_edge_loss(meshes: "Meshes", target_length: float = 0.0) -> torch.Tensor:  # noqa: F821
    """The mean over meshes of the means of (length - target_length)^2 over the edges of a mesh; [0.0] if no mesh has faces. Differentiable."""
    if meshes.isempty():
        return zero_loss(meshes)
    v0, v1 = meshes.verts_packed()[meshes.edges_packed()].unbind(1)
    losses = ((v0 - v1).norm(dim=1) - target_length).square()
    return mean_over_meshes(losses, meshes.edges_packed_to_mesh_idx(), len(meshes))
