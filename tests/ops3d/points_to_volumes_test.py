"""The op points_to_volumes and its gradient, against torch's index_put."""

import itertools
import math

import pytest
import torch

from bisque3d.testing import OpTests, random_of
from tests.testing.functions import functions


def points_to_volumes(*arguments, **options):
    return torch.ops.bisque.points_to_volumes(*arguments, **options)


def case(N, P, C, sizes, dtype, random, spread=0.5):
    """Points of which some are outside of [-1, 1], and volumes that are not empty."""
    return dict(
        points_3d=spread * random(N, P, 3, dtype=dtype),
        points_features=random(N, P, C, dtype=dtype),
        volume_densities=random(N, 1, *sizes, dtype=dtype).abs(),
        volume_features=random(N, C, *sizes, dtype=dtype),
    )


class TestPointsToVolumes(OpTests):
    op = "bisque::points_to_volumes"
    gradients = ["points_3d", "points_features", "volume_densities", "volume_features"]
    gradcheck_cases = ["small", "small_nearest"]

    def inputs_many(self, dtype, random):
        return case(2, 300, 4, (5, 6, 7), dtype, random)

    def inputs_grid_sizes(self, dtype, random):
        mask = torch.rand(3, 100, generator=random.generator).to(dtype) * (torch.arange(100) % 3 > 0)
        grid_sizes = torch.tensor([[5, 6, 7], [2, 3, 4], [1, 0, 7]])
        return case(3, 100, 2, (5, 6, 7), dtype, random) | dict(mask=mask, grid_sizes=grid_sizes, point_weight=0.5, align_corners=False)

    def inputs_nearest(self, dtype, random):
        return case(2, 200, 3, (4, 5, 6), dtype, random) | dict(splat=False, align_corners=False)

    def inputs_small(self, dtype, random):
        mask = torch.tensor([[1.0, 0.5, 0, 2]], dtype=dtype)
        return case(1, 4, 2, (2, 3, 2), dtype, random) | dict(mask=mask, point_weight=1.5)

    def inputs_small_nearest(self, dtype, random):
        return case(1, 3, 2, (2, 3, 2), dtype, random) | dict(splat=False)

    def inputs_no_features(self, dtype, random):
        return case(2, 20, 0, (3, 3, 3), dtype, random)

    def inputs_no_points(self, dtype, random):
        return case(2, 0, 3, (3, 3, 3), dtype, random)

    def inputs_no_voxels(self, dtype, random):
        return case(2, 5, 3, (3, 0, 3), dtype, random)

    def reference(self, points_3d, points_features, volume_densities, volume_features, grid_sizes=None, **options):
        defaults = dict(point_weight=1.0, mask=None, align_corners=True, splat=True)
        point_weight, mask, align_corners, splat = (defaults | options).values()
        sizes = torch.tensor(volume_densities.shape[2:]).expand(len(points_3d), 3) if grid_sizes is None else grid_sizes
        whole = sizes.flip(1)[:, None].to(points_3d)  # x, y, z
        at = (points_3d + 1) / 2 * (whole - 1 if align_corners else whole) - (0 if align_corners else 0.5)
        weights = torch.full(points_3d.shape[:2], point_weight, dtype=points_3d.dtype) * (1 if mask is None else mask)
        densities, features = volume_densities.clone(), volume_features.clone()
        batch = torch.arange(len(points_3d))[:, None].expand(points_3d.shape[:2])
        low = at.floor() if splat else (at + 0.5).floor()
        for corner in itertools.product((0, 1), repeat=3) if splat else [(0, 0, 0)]:
            up = torch.tensor(corner)
            voxel = low.long() + up
            share = torch.where(up.bool(), at - low, 1 - (at - low)).prod(2) * weights if splat else weights
            inside = ((voxel >= 0) & (voxel < whole)).all(2)
            x, y, z = voxel[inside].unbind(1)
            densities.index_put_((batch[inside], torch.zeros_like(x), z, y, x), share[inside], accumulate=True)
            features.movedim(1, 4).index_put_((batch[inside], z, y, x), (share[..., None] * points_features)[inside], accumulate=True)
        return densities, features

    tolerance = {torch.float32: dict(rtol=1e-4, atol=2e-5), torch.float64: dict(rtol=1e-9, atol=1e-11)}

    errors = [
        (dict(mask=torch.zeros(2, 3)), r"points_to_volumes: expected mask to have shape \[N, P\] = \[3, 100\], but got \[2, 3\]"),
        (dict(points_3d=torch.zeros(3, 100, 2)), r"points_to_volumes: expected points_3d to have shape \[N, P, 3\]"),
        (dict(point_weight=math.inf), "points_to_volumes: expected point_weight to be finite, but got inf"),
    ]


@pytest.mark.parametrize("align_corners", [True, False])
def test_it_is_the_transpose_of_grid_sample(align_corners):
    """The gradient of features that grid_sample reads by features of voxels, from other code."""
    inputs = case(2, 50, 3, (4, 5, 6), torch.float64, random_of(1))
    zeros = torch.zeros_like(inputs["volume_features"]).requires_grad_()
    sampled = torch.nn.functional.grid_sample(zeros, inputs["points_3d"][:, :, None, None], align_corners=align_corners, padding_mode="zeros")
    (expected,) = torch.autograd.grad(sampled, zeros, inputs["points_features"].mT[..., None, None])
    inputs["volume_features"] = torch.zeros_like(zeros.detach())
    features = points_to_volumes(**inputs, align_corners=align_corners)[1]
    torch.testing.assert_close(features, expected)


def test_the_gradient_of_the_mask():
    inputs = case(2, 5, 2, (3, 3, 4), torch.float64, random_of(3), spread=0.3)
    mask = torch.rand(2, 5, generator=random_of(4).generator, dtype=torch.float64)
    mask[0, 0] = 0
    assert torch.autograd.gradcheck(lambda mask: points_to_volumes(**inputs, mask=mask), (mask.requires_grad_(),))


@pytest.mark.parametrize("splat", [True, False])
def test_points_that_are_not_finite_or_far_away_have_no_votes(splat):
    inputs = case(1, 6, 2, (3, 3, 3), torch.float32, random_of(3))
    inputs["points_3d"][0, :, 1] = torch.tensor([math.nan, math.inf, -math.inf, 1e30, -1e30, 3])
    points = inputs["points_3d"].requires_grad_()
    densities, features = points_to_volumes(**inputs, splat=splat)
    assert torch.equal(densities, inputs["volume_densities"]) and torch.equal(features, inputs["volume_features"])
    (densities.sum() + features.sum()).backward()
    assert not points.grad.any()


def test_a_point_of_mask_0_is_not_looked_at():
    inputs = case(1, 2, 2, (3, 3, 3), torch.float32, random_of(3), spread=0.1)
    inputs["points_features"][0, 1] = math.nan
    inputs["points_features"].requires_grad_()
    densities, features = points_to_volumes(**inputs, mask=torch.tensor([[1.0, 0]]))
    assert features.isfinite().all()
    features.sum().backward()
    assert inputs["points_features"].grad.isfinite().all()


@pytest.mark.parametrize("bad", [4, -1, 1 << 40])
def test_a_grid_size_that_is_larger_than_its_tensor(bad):
    inputs = case(2, 5, 2, (3, 5, 5), torch.float32, random_of(3))
    grid_sizes = torch.tensor([[3, 5, 5], [bad, 5, 5]])
    with pytest.raises(RuntimeError, match=rf"points_to_volumes: expected grid_sizes to lie in \[0, 4\), but got {bad} at \[1, 0\]"):
        points_to_volumes(**inputs, grid_sizes=grid_sizes)
    grads = torch.zeros(2, 1, 3, 5, 5), torch.zeros(2, 2, 3, 5, 5)
    with pytest.raises(RuntimeError, match=r"_points_to_volumes_backward: expected grid_sizes to lie in \[0, 4\)"):
        torch.ops.bisque._points_to_volumes_backward(*grads, inputs["points_3d"], inputs["points_features"], grid_sizes, 1.0, None, True, True, *[True] * 5)


def test_cpp_has_the_same_arguments():
    inputs = case(2, 10, 3, (4, 4, 5), torch.float32, random_of(1))
    grid_sizes, mask = torch.tensor([[4, 4, 5], [2, 3, 4]]), torch.rand(2, 10, generator=random_of(2).generator)
    got = functions.points_to_volumes(*inputs.values(), grid_sizes, mask)
    assert all(torch.equal(a, b) for a, b in zip(got, points_to_volumes(**inputs, grid_sizes=grid_sizes, mask=mask), strict=True))


@pytest.mark.cuda
def test_cuda_skips_a_volume_of_bad_sizes():
    inputs = case(2, 5, 2, (3, 5, 5), torch.float32, random_of(3), spread=0.2)
    grid_sizes = torch.tensor([[3, 5, 5], [4, 5, 5]])
    densities, features = (x.cpu() for x in points_to_volumes(**{name: x.cuda() for name, x in inputs.items()}, grid_sizes=grid_sizes.cuda()))
    assert torch.equal(densities[1], inputs["volume_densities"][1]) and torch.equal(features[1], inputs["volume_features"][1])
    assert not torch.equal(densities[0], inputs["volume_densities"][0])
