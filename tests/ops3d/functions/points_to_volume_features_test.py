"""add_points_features_to_volume_densities_features and local_coords_of_volume. The op is tested in points_to_volumes_test.py."""

import pytest
import torch

from bisque3d.testing import random_of
from tests.testing.functions import functions

add_points = functions.add_points_features_to_volume_densities_features


def case(random, dtype=torch.float64):
    return 0.5 * random(2, 40, 3, dtype=dtype), random(2, 40, 3, dtype=dtype), random(2, 1, 4, 5, 6, dtype=dtype).abs()


@pytest.mark.parametrize("mode", ["trilinear", "nearest"])
@pytest.mark.parametrize("rescale", [True, False])
def test_features_are_sums_or_means(mode, rescale):
    points, features, densities = case(random_of(1))
    densities = densities * (densities > 0.5)
    before = random_of(2)(2, 3, 4, 5, 6, dtype=torch.float64)
    got_features, got_densities = add_points(points, features, densities, before, mode=mode, rescale_features=rescale, min_weight=0.01)
    expected_densities, sums = torch.ops.bisque.points_to_volumes(points, features, densities, before, splat=mode == "trilinear")
    torch.testing.assert_close(got_densities, expected_densities)
    least = 0.01 if mode == "trilinear" else 1.0
    torch.testing.assert_close(got_features, sums / expected_densities.clamp_min(least) if rescale else sums)


def test_features_that_points_share_stay_so():
    """A mean of equal features is that feature, and voxels without points are zero."""
    points, _, _ = case(random_of(3), torch.float32)
    features, densities = add_points(points, torch.full((2, 40, 1), 7.0), torch.zeros(2, 1, 4, 5, 6))
    reached = densities > 1e-4
    torch.testing.assert_close(features[reached], torch.full_like(features[reached], 7.0))
    assert not features[densities == 0].any() and (densities == 0).any()


def test_a_bool_mask():
    points, features, densities = case(random_of(4))
    mask = torch.arange(40).expand(2, 40) < torch.tensor([[40], [13]])
    got = add_points(points, features, densities, None, mask)
    alone = add_points(points[1:, :13], features[1:, :13], densities[1:])
    torch.testing.assert_close(got[0][1:], alone[0])
    torch.testing.assert_close(got[1][1:], alone[1])


def test_gradients():
    random = random_of(5)
    points, features = 0.4 * random(1, 4, 3, dtype=torch.float64), random(1, 4, 2, dtype=torch.float64)
    densities = random(1, 1, 3, 2, 3, dtype=torch.float64).abs() + 0.1
    assert torch.autograd.gradcheck(lambda *given: add_points(*given), [x.requires_grad_() for x in (points, features, densities)])


@pytest.mark.parametrize("align_corners", [True, False])
def test_local_coords(align_corners):
    """Of the corners of volumes, which lie around minus the translation."""
    sizes = torch.tensor([[4, 5, 6], [3, 3, 2]])  # depth, height, width
    center = torch.tensor([[1.0, 2, 3], [0, 0, -7]])
    voxel_size = torch.tensor([[0.1, 0.2, 0.3], [2, 2, 2]])
    half = voxel_size * (sizes.flip(1) - (1 if align_corners else 0)) / 2
    corners = torch.stack((center - half, center + half, center), 1)
    local = functions.local_coords_of_volume(corners, sizes, voxel_size, -center, align_corners)
    expected = torch.tensor([[-1.0] * 3, [1] * 3, [0] * 3]).expand(2, 3, 3)
    torch.testing.assert_close(local, expected, rtol=1e-5, atol=1e-5)
    one = functions.local_coords_of_volume(corners, sizes, torch.tensor([0.5]), torch.zeros(3), align_corners)
    torch.testing.assert_close(one, corners / (0.25 * (sizes.flip(1) - (1 if align_corners else 0)))[:, None])


def test_local_coords_of_a_side_of_one_voxel():
    points = torch.tensor([[[0.0, 0.3, 0], [0, 0, 0.1]]])
    local = functions.local_coords_of_volume(points, torch.tensor([[1, 4, 4]]), torch.tensor([1.0]), torch.zeros(3))
    assert local[0, 0, 2] == 0 and local[0, 1, 2].isinf()
    densities, _ = torch.ops.bisque.points_to_volumes(local, torch.zeros(1, 2, 0), torch.zeros(1, 1, 1, 4, 4), torch.zeros(1, 0, 1, 4, 4))
    assert densities.sum() == 1


def test_errors():
    points, features, densities = case(random_of(6))
    with pytest.raises(RuntimeError, match="add_points_features_to_volume_densities_features: expected mode to be trilinear or nearest, but got cubic"):
        add_points(points, features, densities, mode="cubic")
    with pytest.raises(RuntimeError, match=r"expected points_features \[N, P, C\] and volume_densities \[N, 1, D, H, W\], but got \[2, 40, 3\] and \[2, 1, 4, 5\]"):
        add_points(points, features, densities[..., 0])
    with pytest.raises(RuntimeError, match=r"points_to_volumes: expected volume_features to have shape \[N, C, D, H, W\]"):
        add_points(points, features, densities, densities)
    with pytest.raises(RuntimeError, match=r"local_coords_of_volume: expected grid_sizes to have shape \[N, 3\] with N = 2, but got \[1, 3\]"):
        functions.local_coords_of_volume(points, torch.ones(1, 3).long(), torch.ones(1), torch.zeros(3))
