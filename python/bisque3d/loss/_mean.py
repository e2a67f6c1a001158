"""Means of values over a batch of meshes, in which each mesh counts alike."""

import torch


def mean_over_meshes(values: torch.Tensor, mesh_idx: torch.Tensor, num_meshes: int) -> torch.Tensor:
    """The sum of the means of the values [M] of each mesh, divided by the number of meshes."""
    counts = torch.zeros(num_meshes, dtype=values.dtype, device=values.device)
    counts = counts.index_add(0, mesh_idx, torch.ones_like(values.detach()))
    return (values / counts[mesh_idx]).sum() / num_meshes


def zero_loss(meshes: "Meshes") -> torch.Tensor:  # noqa: F821
    """[0.0] of an empty batch, as PyTorch3D returns it, with a gradient to the verts."""
    verts = meshes.verts_packed()
    return verts[:0].sum() + torch.zeros(1, dtype=verts.dtype, device=verts.device, requires_grad=True)
