from harness import bench, ict, peer

NAME = "softmax_blend_256"


def inputs():
    import torch

    sizes = (1, 256, 256, 8)
    faces, zbuf = torch.randint(-1, 5000, sizes), torch.rand(sizes) * 6 + 2
    return torch.rand(*sizes, 3), faces, zbuf, torch.randn(sizes) * 1e-4, torch.ones(3), torch.ones(1), torch.full((1,), 100.0)


@bench(NAME, work="softmax blending of 8 faces per pixel, 256 x 256")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.softmax_blend(*given)


@peer(NAME, "the same formula in torch")
def in_torch():
    import torch

    colors, faces, zbuf, dists, background, znear, zfar = inputs()

    def call():
        is_face = faces >= 0
        covered = torch.sigmoid(-dists / 1e-4) * is_face
        nearness = (zfar - zbuf) / (zfar - znear) * is_face
        nearest = nearness.amax(-1, keepdim=True).clamp(min=1e-10)
        weights = covered * torch.exp((nearness - nearest) / 1e-4)
        behind = torch.exp((1e-10 - nearest) / 1e-4).clamp(min=1e-10)
        rgb = ((weights[..., None] * colors).sum(-2) + behind * background) / (weights.sum(-1, keepdim=True) + behind)
        return torch.cat([rgb, 1 - (1 - covered).prod(-1, keepdim=True)], -1)

    return call
