"""A ring of triangles."""

import math
from typing import Optional

import torch

from ..common.datatypes import Device
from ..structures import Meshes


def torus(r: float, R: float, sides: int, rings: int, device: Optional[Device] = None) -> Meshes:
    """A torus around the z axis: a circle of radius r and `sides` verts, at `rings` places of a circle of radius R. Faces are oriented outwards.
    ValueError: no sides or rings.

    >>> torus(1.0, 3.0, sides=8, rings=16).faces_packed().shape
    torch.Size([256, 3])
    """
    if not sides > 0:
        raise ValueError("sides must be > 0.")
    if not rings > 0:
        raise ValueError("rings must be > 0.")
    phi = torch.arange(rings, dtype=torch.float64)[:, None] * (2 * math.pi / rings)
    theta = torch.arange(sides, dtype=torch.float64) * (2 * math.pi / sides)
    out = R + r * theta.cos()
    verts = torch.stack([out * phi.cos(), out * phi.sin(), (r * theta.sin()).expand(rings, sides)], 2)
    # A quad lies between a ring or side and the next one, and the first is that before the first vert.
    ring, side = torch.arange(-1, rings - 1)[:, None], torch.arange(-1, sides - 1)
    corners = [(ring + i) % rings * sides + (side + j) % sides for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
    quads = torch.stack(corners, 2)
    faces = torch.stack([quads[..., [0, 1, 2]], quads[..., [2, 3, 0]]], 2)
    return Meshes([verts.reshape(-1, 3).float()], [faces.reshape(-1, 3)]).to(device or "cpu")
