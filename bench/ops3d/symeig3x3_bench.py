from harness import bench, ict, peer

NAME = "symeig3x3_100k"


def inputs():
    import torch

    matrices = torch.randn(100_000, 3, 3, generator=torch.Generator().manual_seed(0))
    return matrices + matrices.mT


@bench(NAME, work="eigenvalues and eigenvectors of 100,000 symmetric matrices, float32")
def ours():
    ops, matrices = ict.ops(), inputs()
    return lambda: ops.symeig3x3(matrices)


@peer(NAME, "torch.linalg.eigh")
def eigh():
    import torch

    matrices = inputs()
    return lambda: torch.linalg.eigh(matrices)


BACKWARD = "symeig3x3_backward_100k"


@bench(BACKWARD, work="the gradient of eigenvalues and eigenvectors of 100,000 symmetric matrices, float32")
def ours_backward():
    import torch

    ops, matrices = ict.ops(), inputs()
    grads = torch.ones(100_000, 3), torch.ones(100_000, 3, 3)
    return lambda: ops._symeig3x3_backward(*grads, matrices, True)


@peer(BACKWARD, "torch's autograd of torch.linalg.eigh, forward included")
def eigh_backward():
    import torch

    matrices = inputs().requires_grad_()
    grads = torch.ones(100_000, 3), torch.ones(100_000, 3, 3)
    return lambda: torch.autograd.grad(torch.linalg.eigh(matrices), matrices, grads)
