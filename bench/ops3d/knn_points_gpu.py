"""Clouds of points in 3D and their 8 nearest neighbours."""

import torch
from gpu import Case


def cases():
    for N, P, K in ((32, 1024, 8), (1, 20_000, 8), (1, 20_000, 1)):
        p1, p2 = (torch.rand(N, P, 3, device="cuda") for _ in range(2))
        ours = lambda p1=p1, p2=p2, K=K: torch.ops.bisque.knn_points(p1, p2, None, None, K)
        theirs = lambda p1=p1, p2=p2, K=K: torch.cdist(p1, p2).topk(K, largest=False)
        yield Case(f"knn_points_{N}x{P}_k{K}", ours, theirs, 2 * p1.nbytes + N * P * K * 12)
    p1, p2 = (torch.rand(32, 1024, 3, device="cuda", requires_grad=True) for _ in range(2))
    dists, idx = torch.ops.bisque.knn_points(p1, p2, None, None, 8)
    batch = torch.arange(32, device="cuda")[:, None, None]
    plain = (p1[:, :, None] - p2[batch, idx]).square().sum(-1)
    weights = torch.rand_like(dists)
    gradients = [lambda r=r: torch.autograd.grad(r, (p1, p2), weights, retain_graph=True) for r in (dists, plain)]
    yield Case("knn_points_backward_32x1024_k8", *gradients, 2 * (p1.nbytes + p2.nbytes) + dists.nbytes + idx.nbytes)
