from harness import bench, ict, peer

NAME = "nearest_rotation_10k"


def inputs():
    import torch

    return torch.randn(10_000, 3, 3, generator=torch.Generator().manual_seed(0))


@bench(NAME, work="the rotations nearest to 10,000 matrices of 3 x 3, float32")
def ours():
    ops, matrices = ict.ops(), inputs()
    return lambda: ops.nearest_rotation(matrices)


def of_svd(matrices):
    import torch

    u, _, vt = torch.linalg.svd(matrices)
    last = u[..., -1:] * torch.linalg.det(u @ vt)[:, None, None]
    return torch.cat((u[..., :-1], last), -1) @ vt


@peer(NAME, "torch.linalg.svd + det")
def svd():
    matrices = inputs()
    return lambda: of_svd(matrices)


BACKWARD = "nearest_rotation_backward_10k"


@bench(BACKWARD, work="the gradient of the rotations nearest to 10,000 matrices of 3 x 3, float32")
def ours_backward():
    import torch

    ops, matrices = ict.ops(), inputs()
    grad = torch.ones(10_000, 3, 3)
    return lambda: ops._nearest_rotation_backward(grad, matrices, False)


@peer(BACKWARD, "torch's autograd of torch.linalg.svd + det, forward included")
def svd_backward():
    import torch

    matrices = inputs().requires_grad_()
    grad = torch.ones(10_000, 3, 3)
    return lambda: torch.autograd.grad(of_svd(matrices), matrices, grad)
