import pytest
import torch

from bisque3d.testing import OpTests


def plain(bins, weights, n_samples, u=None, eps=1e-5):
    """In plain torch."""
    share = (weights + eps).clamp(min=0)
    ends = torch.cat([torch.zeros_like(share[:, :1]), share.cumsum(1)], 1)
    if u is None:
        u = torch.linspace(0, 1, n_samples, dtype=bins.dtype).expand(len(bins), -1)
    at = u * ends[:, -1:]
    bin = (torch.searchsorted(ends.detach(), at.detach().contiguous(), right=True) - 1).clamp(0, weights.shape[1] - 1)
    fraction = ((at - ends.gather(1, bin)) / share.gather(1, bin)).clamp(0, 1)
    low, high = bins.gather(1, bin), bins.gather(1, bin + 1)
    return low + fraction * (high - low)


class TestSamplePdf(OpTests):
    op = "bisque::sample_pdf"
    gradients = ["bins", "weights"]
    gradcheck_cases = ["random", "steps"]

    def some(self, random, dtype, rays, bins, n_samples, with_u=True, eps=1e-5):
        uniform = lambda *sizes: torch.rand(*sizes, generator=random.generator, dtype=torch.float64).to(dtype)
        inputs = dict(bins=uniform(rays, bins + 1).sort(1).values, weights=uniform(rays, bins), n_samples=n_samples)
        return inputs | dict(u=uniform(rays, n_samples) if with_u else None, eps=eps)

    def inputs_random(self, dtype, random):
        return self.some(random, dtype, 4, 6, 5, eps=0.1)

    def inputs_steps(self, dtype, random):
        """Without the ends, at which fractions are clamped."""
        inputs = self.some(random, dtype, 3, 5, 4, with_u=False)
        return inputs | dict(u=torch.linspace(0.1, 0.9, 4, dtype=dtype).expand(3, 4).clone())

    def inputs_equal_steps(self, dtype, random):
        return self.some(random, dtype, 3, 5, 16, with_u=False)

    def inputs_many(self, dtype, random):
        return self.some(random, dtype, 200, 63, 130)

    def inputs_one_bin(self, dtype, random):
        return self.some(random, dtype, 3, 1, 1, with_u=False)

    def inputs_no_samples(self, dtype, random):
        return self.some(random, dtype, 3, 4, 0)

    def inputs_no_rays(self, dtype, random):
        return self.some(random, dtype, 0, 4, 3)

    def reference(self, **inputs):
        return plain(**inputs)

    errors = [
        (dict(eps=-1.0), "sample_pdf: expected eps to be at least 0, but got -1"),
        (dict(n_samples=-1, u=None), "sample_pdf: expected n_samples to be at least 0, but got -1"),
        (dict(bins=torch.zeros(3, 1), weights=torch.zeros(3, 0), u=None), "sample_pdf: expected B of weights .* to be at least 1, but got 0"),
        (dict(bins=torch.zeros(3, 5)), r"sample_pdf: expected bins to have shape"),
    ]


def test_steps_are_those_of_linspace():
    bins = torch.arange(5.0)[None]
    samples = torch.ops.bisque.sample_pdf(bins, torch.ones(1, 4), 9)
    torch.testing.assert_close(samples, torch.linspace(0, 4, 9)[None])


def test_numbers_outside_of_0_to_1_are_the_ends():
    u = torch.tensor([[-1.0, 0.0, 1.0, 2.0, torch.inf, -torch.inf, torch.nan]])
    samples = torch.ops.bisque.sample_pdf(torch.tensor([[3.0, 4.0, 7.0]]), torch.ones(1, 2), 7, u)
    assert samples[0, :6].tolist() == [3, 3, 7, 7, 7, 3] and samples[0, 6].isnan()


@pytest.mark.parametrize("weight", [0.0, -1.0, torch.nan])
def test_bins_without_weight_are_never_drawn(weight):
    weights = torch.tensor([[weight, 1.0, weight, weight, 1.0, weight]]).requires_grad_()
    u = torch.rand(1, 1000, generator=torch.Generator().manual_seed(0))
    samples = torch.ops.bisque.sample_pdf(torch.arange(7.0)[None], weights, 1000, u, 0.0)
    assert (((samples >= 1) & (samples <= 2)) | ((samples >= 4) & (samples <= 5))).all()
    (gradient,) = torch.autograd.grad(samples.sum(), weights)
    assert gradient.isfinite().all()


def test_the_distribution_is_that_of_the_weights():
    weights = torch.tensor([[1.0, 3.0, 0.0, 4.0]])
    u = torch.rand(1, 40_000, generator=torch.Generator().manual_seed(0))
    samples = torch.ops.bisque.sample_pdf(torch.arange(5.0)[None], weights, 40_000, u)
    share = torch.histc(samples, 4, 0, 4) / 40_000
    torch.testing.assert_close(share, weights[0] / 8, atol=0.01, rtol=0)
