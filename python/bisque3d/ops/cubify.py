"""Meshes of voxels."""

from typing import Optional, Sequence

import torch

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes

_ALIGN = ["topleft", "corner", "center"]


def unravel_index(idx: torch.Tensor, dims: Sequence[int]) -> torch.Tensor:
    """The indices [M, 4] of linear indices [M] in an array of 4 dimensions. ValueError: another number of dimensions."""
    if len(dims) != 4:
        raise ValueError("Expects a 4-element list.")
    return torch.stack(torch.unravel_index(idx, tuple(dims)), 1)


def ravel_index(idx: torch.Tensor, dims: Sequence[int]) -> torch.Tensor:
    """The linear indices [M] of indices [M, 3] in an array of 3 dimensions. ValueError: other shapes."""
    if len(dims) != 3:
        raise ValueError("Expects a 3-element list")
    if idx.dim() != 2 or idx.shape[1] != 3:
        raise ValueError(f"Expects an index tensor of shape Nx3, got {tuple(idx.shape)}")
    return (idx * idx.new_tensor([dims[1] * dims[2], dims[2], 1])).sum(1)


@torch.no_grad()
def cubify(
    voxels: torch.Tensor,
    thresh: float,
    *,
    feats: Optional[torch.Tensor] = None,
    device: Optional[Device] = None,
    align: str = "topleft",
) -> Meshes:
    """Meshes of the sides of all voxels [N, D, H, W] with a value of `thresh` or more that have an empty neighbour; they share their verts.

    Verts lie in [-1, 1]: `align` "topleft" places the first corner of a voxel at its grid point, "center" its centre, and with "corner" the
    voxels fill the range. With `feats` [N, K, D, H, W] and "center" the meshes have a TexturesAtlas of one colour per face. Not
    differentiable. ValueError: another align."""
    if align not in _ALIGN:
        raise ValueError("Align mode must be one of (topleft, corner, center).")
    has_textures = feats is not None and align == "center"
    verts, faces, face_voxels, num_verts, num_faces = ops.cubify(voxels, thresh, _ALIGN.index(align), has_textures)
    textures = None
    if has_textures and len(voxels) > 0:
        from ..renderer.mesh.textures import TexturesAtlas

        colors = feats.movedim(1, -1).reshape(-1, feats.shape[1])[face_voxels][:, None, None]
        textures = TexturesAtlas(list(colors.split(num_faces.tolist())))
    meshes = Meshes(list(verts.split(num_verts.tolist())), list(faces.split(num_faces.tolist())), textures=textures)
    return meshes if device is None else meshes.to(device)
