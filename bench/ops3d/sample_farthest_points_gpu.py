"""Farthest point sampling of clouds in 3D."""

import torch
from gpu import Case


def torch_way(points, K):
    batch = torch.arange(len(points), device="cuda")
    last = torch.zeros_like(batch)
    selected, dists = [last], torch.full(points.shape[:2], torch.inf, device="cuda")
    for _ in range(K - 1):
        dists = torch.minimum(dists, (points - points[batch, last][:, None]).square().sum(2))
        last = dists.argmax(1)
        selected.append(last)
    return torch.stack(selected, 1)


def cases():
    for N, P, K in ((32, 1024, 256), (1, 10_000, 1024)):
        points = torch.rand(N, P, 3, device="cuda")
        ours = lambda points=points, K=K: torch.ops.bisque.sample_farthest_points(points, None, K)
        theirs = lambda points=points, K=K: torch_way(points, K)
        yield Case(f"sample_farthest_points_{N}x{P}_{K}", ours, theirs, K * points.nbytes)
