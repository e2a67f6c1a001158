"""Clouds of points in 3D and their first 32 neighbours in a ball."""

import torch
from gpu import Case


def cases():
    for N, P, K, radius in ((32, 1024, 32, 0.2), (1, 20_000, 32, 0.1)):
        p1, p2 = (torch.rand(N, P, 3, device="cuda") for _ in range(2))
        order = torch.arange(P, device="cuda")
        ours = lambda p1=p1, p2=p2, K=K, radius=radius: torch.ops.bisque.ball_query(p1, p2, None, None, K, radius)

        def theirs(p1=p1, p2=p2, K=K, radius=radius, order=order, P=P):
            return torch.where(torch.cdist(p1, p2) < radius, order, P).topk(K, largest=False)

        yield Case(f"ball_query_{N}x{P}_k{K}", ours, theirs, 2 * p1.nbytes + N * P * K * 12)
