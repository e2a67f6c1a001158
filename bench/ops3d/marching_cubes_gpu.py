"""The surface of a ball in a volume of 128 grid points per side; torch has no marching cubes."""

import torch
from gpu import Case


def cases():
    axis = torch.linspace(-1, 1, 128, device="cuda")
    vol = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).norm(dim=0)[None]
    size = vol.nbytes + sum(result.nbytes for result in torch.ops.bisque.marching_cubes(vol, 0.7))
    yield Case("marching_cubes_128", lambda: torch.ops.bisque.marching_cubes(vol, 0.7), None, size)
