"""Meshes of voxels."""

from typing import Optional

import torch

from .._ops import ops
from ..common.datatypes import Device
from ..structures import Meshes

_ALIGN = ["topleft", "corner", "center"]


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
