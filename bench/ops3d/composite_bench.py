from harness import bench, ict, peer

NAME = "composite_alpha_256"


def inputs():
    import torch

    return torch.rand(3, 20_000), torch.rand(1, 8, 256, 256), torch.randint(-1, 20_000, (1, 8, 256, 256))


@bench(NAME, work="alpha compositing of 8 points per pixel, 3 channels, 256 x 256")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.composite(*given)


@peer(NAME, "torch gather, cumprod and sum")
def in_torch():
    import torch

    features, alphas, idx = inputs()

    def call():
        weights = alphas * (idx >= 0)
        passed = torch.cat([torch.ones_like(weights[:, :1]), (1 - weights).cumprod(1)[:, :-1]], 1)
        return (features[:, idx.clamp(min=0)] * (weights * passed)).sum(2)

    return call
