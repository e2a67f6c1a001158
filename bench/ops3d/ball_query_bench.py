from harness import bench, ict

# The radius of the larger cloud gives as many neighbours, about 42.
CLOUDS = {"ball_query_10k": (10_000, 0.1), "ball_query_100k": (100_000, 0.1 / 10 ** (1 / 3))}
PYTORCH3D = {"ball_query_10k": ("PyTorch3D on the CPU", 301)}


def ours(name):
    import torch

    P, radius = CLOUDS[name]
    generator = torch.Generator().manual_seed(0)
    p1, p2 = (torch.rand(1, P, 3, generator=generator) for _ in range(2))
    ops = ict.ops()
    return lambda: ops.ball_query(p1, p2, None, None, 32, radius)


for row, (P, radius) in CLOUDS.items():
    work = f"up to 32 of {P:,} points within {radius:.3g} of each of {P:,}, float32"
    bench(row, work=work, note="the tree is built at each call", recorded=PYTORCH3D.get(row))(lambda row=row: ours(row))
