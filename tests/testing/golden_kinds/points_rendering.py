"""Golden cases of points as pictures, and of what implicit rendering consists of."""

import torch

from ..functions import functions
from . import golden_kind


@golden_kind()
def rasterize_points(case) -> dict:
    points, args = case.input("points"), dict(case.args)
    height, width = args.pop("image_size")
    sizes = torch.full((len(points),), points.shape[1])
    idx, zbuf, dists = case.call(torch.ops.bisque.rasterize_points, points.reshape(-1, 3), sizes.cumsum(0) - sizes, sizes, None, height, width, **args)
    return {"idx": idx.cpu().int(), "zbuf": zbuf, "dists": dists}


@golden_kind()
def raymarch_ea(case) -> dict:
    densities, features = case.input("densities"), case.input("features")
    rays = densities.shape[:-2]
    rendered, opacities, _ = case.call(torch.ops.bisque.raymarch, densities.flatten(0, -3).squeeze(-1), features.flatten(0, -3))
    return {"y": torch.cat([rendered.cpu(), opacities.cpu()[:, None]], 1).view(*rays, -1)}


@golden_kind()
def sample_pdf(case) -> dict:
    samples = case.tensors["out.samples"].shape[-1]  # by equal steps, which their arguments do not mention
    return {"samples": case.call(torch.ops.bisque.sample_pdf, case.input("bins"), case.input("weights"), samples)}


@golden_kind(on_cpu_only=True)
def harmonic_embedding(case) -> dict:
    x = case.input("x")
    n = (case.tensors["out.y"].shape[1] // x.shape[1] - 1) // 2  # 5, which their arguments do not mention
    return {"y": functions.harmonic_embedding(x, n, 1.0, True, True, None)[0]}
