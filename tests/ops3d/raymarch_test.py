import pytest
import torch

from bisque3d.testing import OpTests


def plain(densities, features, surface_thickness=1, eps=1e-10, with_weights=False):
    """In plain torch."""
    shift = min(surface_thickness, densities.shape[1])
    passed = ((1 + eps) - densities).cumprod(1)
    passed = torch.cat([torch.ones_like(passed[:, :shift]), passed[:, : densities.shape[1] - shift]], 1)
    weights = densities * passed
    return (weights[..., None] * features).sum(1), 1 - (1 - densities).prod(1), weights if with_weights else weights.new_empty(0)


class TestRaymarch(OpTests):
    op = "bisque::raymarch"
    gradients = ["densities", "features"]

    def some(self, random, dtype, rays, samples, channels, **options):
        densities = torch.rand(rays, samples, generator=random.generator, dtype=dtype)
        return dict(densities=densities, features=random(rays, samples, channels, dtype=dtype), **dict(surface_thickness=1, eps=1e-10, with_weights=False) | options)

    def inputs_colors(self, dtype, random):
        return self.some(random, dtype, 5, 7, 3)

    def inputs_weights(self, dtype, random):
        return self.some(random, dtype, 3, 6, 5, with_weights=True)

    def inputs_thick(self, dtype, random):
        return self.some(random, dtype, 4, 6, 2, surface_thickness=3, with_weights=True)

    def inputs_thicker_than_the_ray(self, dtype, random):
        return self.some(random, dtype, 2, 3, 1, surface_thickness=2**62, with_weights=True)

    def inputs_eps(self, dtype, random):
        return self.some(random, dtype, 2, 4, 1, eps=0.1)

    def inputs_absorption(self, dtype, random):
        return self.some(random, dtype, 6, 5, 0)

    def inputs_transparent_and_opaque(self, dtype, random):
        inputs = self.some(random, dtype, 6, 5, 3, with_weights=True)
        inputs["densities"] = torch.tensor([[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [1, 0.5, 1, 0, 1], [0.5, 0.5, 1, 0.5, 0], [0, 0, 0, 0, 1]], dtype=dtype)
        return inputs

    def inputs_no_samples(self, dtype, random):
        return self.some(random, dtype, 4, 0, 3, with_weights=True)

    def inputs_no_rays(self, dtype, random):
        return self.some(random, dtype, 0, 4, 3)

    def reference(self, **inputs):
        return plain(**inputs)

    errors = [
        (dict(surface_thickness=0), "raymarch: expected surface_thickness to be at least 1, but got 0"),
        (dict(eps=float("inf")), "raymarch: expected eps to be finite"),
        (dict(features=torch.zeros(6, 4, 3)), r"raymarch: expected features to have shape \[R, P, C\] = \[6, 5, \*\], but got \[6, 4, 3\]"),
    ]


@pytest.mark.parametrize("thickness", [1, 2])
def test_gradients_where_a_density_is_0_or_1_equal_those_of_torch(thickness):
    """And nothing is NaN."""
    densities = torch.randint(0, 3, (40, 8), generator=torch.Generator().manual_seed(0)).double() / 2
    features = torch.randn(40, 8, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    gradients = []
    for march in (torch.ops.bisque.raymarch, plain):
        leaf = densities.clone().requires_grad_()
        rendered, opacities, weights = march(leaf, features, thickness, 0.0, True)
        gradients.append(torch.autograd.grad((rendered.square().sum() + opacities.exp().sum() + (weights * features[..., 0]).sum()), leaf)[0])
    assert gradients[0].isfinite().all()
    torch.testing.assert_close(*gradients)


def test_an_opaque_sample_hides_those_behind():
    rendered, opacities, _ = torch.ops.bisque.raymarch(torch.tensor([[0.25, 1.0, 0.5]]), torch.tensor([[[4.0], [8.0], [100.0]]]))
    assert rendered.item() == 7 and opacities.item() == 1
