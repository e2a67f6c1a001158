import pytest
import torch

from bisque3d.testing import OpTests

ALPHA, WEIGHTED, NORM = 0, 1, 2


def indices(random, points, *sizes):
    """Indices of points, some of which are none."""
    return torch.randint(-2, points, sizes, generator=random.generator)


class TestComposite(OpTests):
    op = "bisque::composite"
    gradients = ["features", "alphas"]
    gradcheck_cases = ["alpha", "norm", "weighted"]

    def inputs_alpha(self, dtype, random):
        return self.some(ALPHA, dtype, random)

    def inputs_weighted(self, dtype, random):
        return self.some(WEIGHTED, dtype, random)

    def inputs_norm(self, dtype, random):
        return self.some(NORM, dtype, random)

    def some(self, mode, dtype, random):
        alphas = torch.rand(2, 3, 4, 5, generator=random.generator, dtype=dtype) * 0.8 + 0.1
        return dict(features=random(3, 7, dtype=dtype), alphas=alphas, points_idx=indices(random, 7, 2, 3, 4, 5), mode=mode)

    def inputs_many(self, dtype, random):
        alphas = torch.rand(1, 8, 40, 60, generator=random.generator, dtype=dtype)
        return dict(features=random(5, 300, dtype=dtype), alphas=alphas, points_idx=indices(random, 300, 1, 8, 40, 60), mode=ALPHA)

    def inputs_no_points(self, dtype, random):
        return dict(features=random(3, 0, dtype=dtype), alphas=random(1, 2, 3, 3, dtype=dtype), points_idx=torch.full((1, 2, 3, 3), -1), mode=NORM)

    def inputs_no_layers(self, dtype, random):
        return dict(features=random(3, 4, dtype=dtype), alphas=random(1, 0, 3, 3, dtype=dtype), points_idx=torch.zeros(1, 0, 3, 3).long(), mode=ALPHA)

    def reference(self, features, alphas, points_idx, mode):
        alphas = alphas * (points_idx >= 0)
        if mode == ALPHA:
            passed = torch.cat([torch.ones_like(alphas[:, :1]), (1 - alphas).cumprod(1)], 1)[:, : alphas.shape[1]]
            weights = alphas * passed
        else:
            weights = alphas / alphas.sum(1, keepdim=True).clamp(min=1e-4) if mode == NORM else alphas
        if features.shape[1] == 0:
            return features.new_zeros(len(alphas), len(features), *alphas.shape[2:])
        return torch.einsum("cnkhw,nkhw->nchw", features[:, points_idx.clamp(min=0)], weights)

    errors = [
        (dict(mode=3), "composite: expected mode to be one of 0, 1, 2, but got 3"),
        (dict(points_idx=torch.full((2, 3, 4, 5), 7)), r"composite: expected points_idx to lie in \[0, 7\), but got 7 at \[0, 0, 0, 0\]"),
        (dict(alphas=torch.zeros(2, 3, 4)), "composite: expected alphas to have shape"),
    ]


def composite(alphas, mode=ALPHA):
    """Of one pixel with a feature 1, 2, 4, ... per point."""
    alphas = torch.as_tensor(alphas, dtype=torch.float64).requires_grad_()
    features = 2.0 ** torch.arange(len(alphas), dtype=torch.float64)[None]
    result = torch.ops.bisque.composite(features, alphas.view(1, -1, 1, 1), torch.arange(len(alphas)).view(1, -1, 1, 1), mode)
    return result.sum().item(), torch.autograd.grad(result.sum(), alphas)[0]


def test_an_opaque_point_hides_those_behind_and_has_its_gradient():
    value, gradient = composite([1.0, 0.5, 0.25])
    assert value == 1
    # By its own alpha: its feature, less what is behind it: 0.5 * 2 + 0.5 * 0.25 * 4.
    assert gradient.tolist() == [1 - 1.5, 0, 0]


@pytest.mark.parametrize("alphas", [[1e-6, 3e-6], [0.0, 0.0]])
def test_a_small_sum_of_alphas_is_not_differentiated(alphas):
    value, gradient = composite(alphas, NORM)
    assert value == pytest.approx(sum(a * 2**k for k, a in enumerate(alphas)) / 1e-4)
    torch.testing.assert_close(gradient, torch.tensor([1e4, 2e4], dtype=torch.float64))


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
@pytest.mark.parametrize("alphas", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 1], [1, 0, 0.5, 1]])
@pytest.mark.parametrize("mode", [ALPHA, WEIGHTED, NORM])
def test_gradients_where_alphas_are_0_and_1_equal_those_of_torch(mode, alphas, device):
    """And nothing is NaN."""
    alphas = torch.tensor(alphas, dtype=torch.float64).view(1, 4, 1, 1)
    features, idx = torch.randn(2, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64), torch.arange(4).view(1, 4, 1, 1)
    gradients = []
    for function, where in ((torch.ops.bisque.composite, device), (TestComposite().reference, "cpu")):
        leaves = [features.clone().requires_grad_(), alphas.clone().requires_grad_()]
        images = function(*(leaf.to(where) for leaf in leaves), idx.to(where), mode)
        gradients.append(torch.autograd.grad(images, leaves, torch.ones_like(images.cpu()).to(where)))
    for ours, expected in zip(*gradients):
        assert ours.isfinite().all()
        torch.testing.assert_close(ours, expected)


@pytest.mark.cuda
def test_cuda_gradients_do_not_depend_on_the_order_of_the_pixels():
    pixels = 500
    generator = torch.Generator().manual_seed(0)
    grad = torch.randn(1, 1, 1, pixels, generator=generator) * torch.logspace(-12, 12, pixels)
    results = []
    for order in (torch.arange(pixels), torch.arange(pixels).flip(0), torch.randperm(pixels, generator=generator)):
        given = grad[..., order].cuda(), torch.zeros(1, 1, device="cuda"), torch.ones(1, 1, 1, pixels, device="cuda"), torch.zeros(1, 1, 1, pixels, dtype=torch.int64, device="cuda")
        results.append(torch.ops.bisque._composite_backward(*given, ALPHA, True, False)[0].cpu())
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])
    torch.testing.assert_close(results[0].double().item(), grad.double().sum().item(), rtol=1e-6, atol=0)
