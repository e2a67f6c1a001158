"""The frames of the ict fixture as torch tensors, one at each call, and our ops."""

import functools
import itertools
import sys

from harness import ROOT, WORK


def scene() -> dict:
    from safetensors.torch import load_file

    return load_file(WORK / "ict_scene.safetensors")


def each(tensor):
    """Yields the frames of a tensor [F, ...] in a cycle, as [1, ...]."""
    return itertools.cycle(frame.unsqueeze(0).contiguous() for frame in tensor)


@functools.cache
def ops():
    """torch.ops.bisque."""
    import torch

    sys.path.insert(0, str(ROOT / "python"))
    import bisque3d

    bisque3d.load_library(ROOT / "build/lib/libbisque_ops.so")
    return torch.ops.bisque


def rasterize(ops, verts, faces, size: int = 512):
    """For projected verts [V, 3]: pix_to_face, zbuf, bary_coords, without distances; near plane at 1."""
    import torch

    one_mesh = torch.tensor([0]), torch.tensor([len(faces)])
    return ops.rasterize_meshes(verts, faces, *one_mesh, size, size, z_clip=1.0, with_dists=False)[:3]


def dense_deltas(scene):
    """The sparse deltas as a dense [S, V, 3]."""
    import torch

    shapes, verts = scene["coefficients"].shape[1], len(scene["neutral"])
    vert = torch.repeat_interleave(torch.arange(verts), scene["vert_first"].diff())
    dense = torch.zeros(shapes, verts, 3)
    dense[scene["delta_shape"].long(), vert] = scene["deltas"]
    return dense
