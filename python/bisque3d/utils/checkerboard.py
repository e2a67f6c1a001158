"""A floor of tiles."""

from typing import Optional, Tuple

import torch

from ..common.datatypes import Device
from ..structures import Meshes


def checkerboard(
    radius: int = 4,
    color1: Tuple[float, ...] = (0.0, 0.0, 0.0),
    color2: Tuple[float, ...] = (1.0, 1.0, 1.0),
    device: Optional[Device] = None,
) -> Meshes:
    """2 radius times 2 radius unit squares in the plane z = 0, centred at the origin, in two colours (a TexturesAtlas of one texel per face).
    ValueError: a radius below 1."""
    from ..renderer.mesh.textures import TexturesAtlas

    if radius < 1:
        raise ValueError(f"checkerboard: expected a radius of 1 or more, but got {radius}.")
    size = 2 * radius
    line = torch.arange(size + 1)
    y, x = torch.meshgrid(line, line, indexing="ij")
    verts = torch.stack([x - radius, y - radius, torch.zeros_like(x)], 2).reshape(-1, 3).float()
    first = (line[:size, None] * (size + 1) + line[:size]).reshape(-1)
    quads = torch.stack([first, first + 1, first + size + 2, first + size + 1], 1)
    faces = torch.stack([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]], 1).reshape(-1, 3)
    is_first = ((line[:size, None] + line[:size]) % 2 == 0).reshape(-1).repeat_interleave(2)
    colors = torch.where(is_first[:, None], torch.tensor(color1), torch.tensor(color2))
    return Meshes([verts], [faces], TexturesAtlas([colors[:, None, None]])).to(device or "cpu")
