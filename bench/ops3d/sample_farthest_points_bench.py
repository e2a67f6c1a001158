from harness import bench, ict, peer

SAMPLES = 1024
HEIGHT = {10_000: 5, 100_000: 7}  # of fpsample's tree: the fastest of 3, 5, 7 and 9


def cloud(P):
    import torch

    return torch.rand(1, P, 3, generator=torch.Generator().manual_seed(0))


def ours(P):
    ops, points = ict.ops(), cloud(P)
    return lambda: ops.sample_farthest_points(points, None, SAMPLES)


def fpsample(P):
    import fpsample

    points = cloud(P)[0].numpy()
    return lambda: fpsample.bucket_fps_kdline_sampling(points, SAMPLES, h=HEIGHT[P], start_idx=0)


for row, P in (("fps_10k", 10_000), ("fps_100k", 100_000)):
    bench(row, work=f"the 1,024 farthest of {P:,} points, float32", note="the tree is built at each call, the peer's too")(lambda P=P: ours(P))
    peer(row, "fpsample bucket kd-line")(lambda P=P: fpsample(P))
