"""A sphere of triangles."""

from typing import Optional

import torch

from ..common.datatypes import Device
from ..ops.subdivide_meshes import SubdivideMeshes
from ..structures import Meshes

# The verts (0, +-1, +-golden ratio) of an icosahedron and their cyclic permutations, at length 1 to four digits as in PyTorch3D.
_S, _L = 0.5257, 0.8507
_VERTS = [[x, y, 0.0] for y in (_L, -_L) for x in (-_S, _S)]
_VERTS += [[0.0, y, z] for z in (_L, -_L) for y in (-_S, _S)]
_VERTS += [[x, 0.0, z] for x in (_L, -_L) for z in (-_S, _S)]
# Five around vert 0, their neighbours, five around vert 3, their neighbours.
_FACES = [[0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6], [7, 1, 8]]
_FACES += [[3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1]]


def ico_sphere(level: int = 0, device: Optional[Device] = None) -> Meshes:
    """An icosahedron whose faces are split `level` times into four, with all verts moved to the unit sphere: 20 * 4^level faces, oriented
    outwards. ValueError: a level below 0.

    >>> ico_sphere(2).faces_packed().shape
    torch.Size([320, 3])
    """
    if level < 0:
        raise ValueError("level must be >= 0.")
    mesh = Meshes([torch.tensor(_VERTS)], [torch.tensor(_FACES)])
    for _ in range(level):
        finer = SubdivideMeshes()(mesh)
        mesh = Meshes([finer.verts_packed() / finer.verts_packed().norm(dim=1, keepdim=True)], [finer.faces_packed()])
    return mesh.to(device or "cpu")
