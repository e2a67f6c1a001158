"""add_points_features_to_volume_densities_features and add_pointclouds_to_volumes. The op is tested in points_to_volumes_test.py."""

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


Pointclouds, Volumes = torch.classes.bisque_functions.Pointclouds, torch.classes.bisque_functions.Volumes


@pytest.mark.parametrize("mode", ["trilinear", "nearest"])
@pytest.mark.parametrize("with_features", [True, False])
def test_clouds_and_volumes(mode, with_features):
    """Each cloud in its volume, in world coordinates, as if it were alone."""
    random, sizes, counts = random_of(7), [(4, 3, 5), (2, 6, 3)], [20, 0]
    points = [0.3 * random(count, 3) + 1 for count in counts]
    features = [random(count, 2) for count in counts]
    before = [random(2, *size) for size in sizes] if with_features else []
    volumes = Volumes([random(1, *size).abs() for size in sizes], before, torch.tensor(0.2), torch.full((3,), -1.0))
    got = volumes.add_pointclouds(Pointclouds(points, [], features), mode)
    local = volumes.world_to_local_coords(torch.nn.utils.rnn.pad_sequence(points, batch_first=True))
    for i, count in enumerate(counts):
        own = None if not with_features else before[i][None]
        expected = add_points(local[i : i + 1, :count], features[i][None], volumes.densities_list()[i][None], own, mode=mode)
        torch.testing.assert_close(got.features_list()[i], expected[0][0])
        torch.testing.assert_close(got.densities_list()[i], expected[1][0])


def test_errors():
    points, features, densities = case(random_of(6))
    with pytest.raises(RuntimeError, match="add_points_features_to_volume_densities_features: expected mode to be trilinear or nearest, but got cubic"):
        add_points(points, features, densities, mode="cubic")
    with pytest.raises(RuntimeError, match=r"expected points_features \[N, P, C\] and volume_densities \[N, 1, D, H, W\], but got \[2, 40, 3\] and \[2, 1, 4, 5\]"):
        add_points(points, features, densities[..., 0])
    with pytest.raises(RuntimeError, match=r"points_to_volumes: expected volume_features to have shape \[N, C, D, H, W\]"):
        add_points(points, features, densities, densities)
    clouds = Pointclouds(list(points.float()), [], [])
    with pytest.raises(RuntimeError, match="add_pointclouds_to_volumes: expected pointclouds with features, but they have none"):
        Volumes(list(densities.float())).add_pointclouds(clouds, "nearest")
    clouds = Pointclouds(list(points.float()), [], list(features.float()))
    with pytest.raises(RuntimeError, match="add_pointclouds_to_volumes: expected as many clouds as volumes, but got 2 and 1"):
        Volumes(list(densities[:1].float())).add_pointclouds(clouds, "nearest")
