from harness import bench, ict, peer

NAME = "points_to_volumes_100k_64"


def inputs():
    import torch

    generator = torch.Generator().manual_seed(0)
    points = 2 * torch.rand(1, 100_000, 3, generator=generator) - 1
    return points, torch.rand(1, 100_000, 4, generator=generator), torch.zeros(1, 1, 64, 64, 64), torch.zeros(1, 4, 64, 64, 64)


@bench(NAME, work="100,000 points with 4 features into a volume of 64^3, trilinear, float32")
def ours():
    ops, given = ict.ops(), inputs()
    return lambda: ops.points_to_volumes(*given)


def splat(points, features, densities, volume):
    """With scatter_add; all points lie inside."""
    import itertools

    import torch

    at = (points[0] + 1) / 2 * 63
    low = at.floor().clamp_max(62)
    share, low = at - low, low.long()
    values = torch.cat((torch.ones(len(low), 1), features[0]), 1)
    sums = torch.cat((densities, volume), 1).reshape(5, -1)
    for corner in itertools.product((0, 1), repeat=3):
        x, y, z = (low + torch.tensor(corner)).unbind(1)
        weights = torch.where(torch.tensor(corner).bool(), share, 1 - share).prod(1)
        sums = sums.index_add(1, (z * 64 + y) * 64 + x, (weights[:, None] * values).T)
    return sums


@peer(NAME, "torch floor + index_add")
def index_add():
    given = inputs()
    return lambda: splat(*given)


BACKWARD = "points_to_volumes_backward_100k_64"


@bench(BACKWARD, work="the gradient of that by points and features")
def ours_backward():
    import torch

    ops, (points, features, densities, volume) = ict.ops(), inputs()
    grads = torch.ones_like(densities), torch.ones_like(volume)
    return lambda: ops._points_to_volumes_backward(*grads, points, features, None, 1.0, None, True, True, True, True, False, False, False)


@peer(BACKWARD, "torch's autograd of floor + index_add, forward included")
def index_add_backward():
    import torch

    points, features, densities, volume = inputs()
    points.requires_grad_(), features.requires_grad_()
    grad = torch.ones(5, 64**3)
    return lambda: torch.autograd.grad(splat(points, features, densities, volume), (points, features), grad)
