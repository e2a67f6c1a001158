from harness import bench, ict, peer

NAME = "rasterize_points_100k_512"
BACKWARD = "rasterize_points_backward_100k_512"


def cloud():
    import torch

    generator = torch.Generator().manual_seed(0)
    points = torch.rand(100_000, 3, generator=generator) * 2 - 1
    points[:, 2] += 2
    return points, torch.tensor([0]), torch.tensor([100_000])


def rasterize(ops):
    given = cloud()
    return lambda: ops.rasterize_points(*given, None, 512, 512, radius=0.01, points_per_pixel=8)


@bench(
    NAME,
    work="the 8 nearest of 100,000 points at each pixel, radius 0.01, 512 x 512",
    note="the peer only draws: it finds one point per pixel and no lists",
)
def forward():
    return rasterize(ict.ops())


@peer(NAME, "torch scatter of depths of the same pixels")
def scatter():
    """The least depth at each pixel that a point takes: no order, no lists."""
    import torch

    points, *_ = cloud()
    pixel = ((1 - points[:, :2]) * 256).long()
    reach = torch.arange(-2, 3)

    def call():
        x, y = (pixel[:, axis, None, None] + shift for axis, shift in ((0, reach[None, :]), (1, reach[:, None])))
        dx, dy = (1 - (2 * at + 1) / 512 - points[:, axis, None, None] for axis, at in ((0, x), (1, y)))
        taken = (dx * dx + dy * dy < 1e-4) & (x >= 0) & (x < 512) & (y >= 0) & (y < 512)
        depth = torch.full((512 * 512,), torch.inf)
        return depth.scatter_reduce(0, (y * 512 + x)[taken], points[:, 2, None, None].expand_as(taken)[taken], "amin")

    return call


@bench(BACKWARD, work="the gradient of rasterize_points_100k_512 to the points", note="the peer adds the same rows, without their computation")
def backward():
    import torch

    ops = ict.ops()
    idx, zbuf, dists = rasterize(ops)()
    grads = torch.rand_like(zbuf), torch.rand_like(dists)
    points = cloud()[0]
    return lambda: ops._rasterize_points_backward(*grads, points, idx)


@peer(BACKWARD, "torch index_add")
def index_add():
    import torch

    entries = 512 * 512 * 8
    idx = torch.randint(0, 100_000, (entries,))
    idx[torch.rand(entries) < 0.15] = -1  # as many as are empty
    grads = torch.rand(entries, 3)

    def call():
        taken = idx >= 0
        return torch.zeros(100_000, 3).index_add(0, idx[taken], grads[taken])

    return call
