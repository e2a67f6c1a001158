from harness import bench, ict, peer

NAME = "raymarch_65k_rays_64"
BACKWARD = "raymarch_backward_65k_rays_64"


def inputs():
    import torch

    return torch.rand(65_536, 64), torch.rand(65_536, 64, 3)


def in_torch(densities, features):
    import torch

    passed = ((1 + 1e-10) - densities).cumprod(1)
    weights = densities * torch.cat([torch.ones_like(passed[:, :1]), passed[:, :-1]], 1)
    return (weights[..., None] * features).sum(1), 1 - (1 - densities).prod(1)


@bench(NAME, work="emission-absorption along 65,536 rays of 64 samples, 3 channels")
def forward():
    ops, given = ict.ops(), inputs()
    return lambda: ops.raymarch(*given)


@peer(NAME, "torch cumprod, prod and sum")
def forward_in_torch():
    given = inputs()
    return lambda: in_torch(*given)


def gradient(march):
    import torch

    leaves = [x.requires_grad_() for x in inputs()]
    results = march(*leaves)[:2]
    grads = [torch.rand_like(x) for x in results]
    return lambda: torch.autograd.grad(results, leaves, grads, retain_graph=True)


@bench(BACKWARD, work="the gradient of raymarch_65k_rays_64 by densities and features")
def backward():
    return gradient(ict.ops().raymarch)


@peer(BACKWARD, "torch autograd of the same")
def backward_in_torch():
    return gradient(in_torch)
