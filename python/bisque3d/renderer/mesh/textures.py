"""Textures: what gives faces their colours, or other features."""

import warnings
from typing import List, Optional, Union

import torch

from ._texture_maps import padded_maps as _pad_texture_maps
from ._textures_atlas import TexturesAtlas
from ._textures_base import TexturesBase, _list_to_padded_wrapper, _padded_to_list_wrapper  # noqa: F401
from ._textures_uv import TexturesUV
from ._textures_vertex import TexturesVertex

__all__ = ["Textures", "TexturesAtlas", "TexturesBase", "TexturesUV", "TexturesVertex"]

_pad_texture_multiple_maps = _pad_texture_maps  # the name in PyTorch3D of that for [M, H, W, C]


def Textures(
    maps: Optional[Union[List[torch.Tensor], torch.Tensor]] = None,
    faces_uvs: Optional[torch.Tensor] = None,
    verts_uvs: Optional[torch.Tensor] = None,
    verts_rgb: Optional[torch.Tensor] = None,
) -> TexturesBase:
    """The old name of TexturesUV, with maps, faces_uvs and verts_uvs, and of TexturesVertex, with verts_rgb."""
    warnings.warn("Textures is deprecated, use TexturesUV, TexturesAtlas or TexturesVertex instead.", PendingDeprecationWarning, stacklevel=2)
    if faces_uvs is not None and verts_uvs is not None and maps is not None:
        return TexturesUV(maps=maps, faces_uvs=faces_uvs, verts_uvs=verts_uvs)
    if verts_rgb is not None:
        return TexturesVertex(verts_features=verts_rgb)
    raise ValueError("Textures either requires all three of (faces uvs, verts uvs, maps) or verts rgb")
