"""Ray samplers: the rays go through the pixels from which they come."""

import pytest
import torch
from bisque3d.renderer.cameras import FoVOrthographicCameras, FoVPerspectiveCameras, PerspectiveCameras
from bisque3d.renderer.implicit import (
    GridRaysampler,
    HeterogeneousRayBundle,
    MonteCarloRaysampler,
    MultinomialRaysampler,
    NDCGridRaysampler,
    NDCMultinomialRaysampler,
    RayBundle,
    ray_bundle_to_ray_points,
)
from bisque3d.renderer.implicit.raysampling import _jiggle_within_stratas, _pack_ray_bundle, _safe_multinomial, _sample_cameras_and_masks, _xy_to_ray_bundle
from bisque3d.renderer.points import rasterize_points
from bisque3d.structures import Pointclouds

N, H, W, P = 2, 5, 8, 4


def cameras(kind=FoVPerspectiveCameras, count=N, **options):
    angles = torch.linspace(0.3, -0.6, count)
    zero, one = torch.zeros_like(angles), torch.ones_like(angles)
    R = torch.stack([angles.cos(), zero, angles.sin(), zero, one, zero, -angles.sin(), zero, angles.cos()], 1).view(-1, 3, 3)
    return kind(R=R, T=torch.tensor([[0.2, -0.1, 3.0]]).expand(count, 3), **options)


def sampler(**options):
    return NDCMultinomialRaysampler(**(dict(image_width=W, image_height=H, n_pts_per_ray=P, min_depth=1.0, max_depth=3.0) | options))


def in_pixels():
    return cameras(PerspectiveCameras, focal_length=6.0, principal_point=((4.0, 2.5),), in_ndc=False, image_size=((H, W),))


@pytest.mark.parametrize("make", [cameras, lambda: cameras(FoVOrthographicCameras), in_pixels])
def test_points_project_to_their_pixels_at_their_depths(make):
    camera = make()
    rays = sampler()(camera)
    assert isinstance(rays, RayBundle)
    assert [tuple(x.shape) for x in rays] == [(N, H, W, 3), (N, H, W, 3), (N, H, W, P), (N, H, W, 2)]
    points = ray_bundle_to_ray_points(rays).flatten(1, 3)
    projected = camera.transform_points_ndc(points)[..., :2].view(N, H, W, P, 2)
    torch.testing.assert_close(projected, rays.xys[..., None, :].expand_as(projected), atol=2e-5, rtol=1e-4)
    depths = camera.get_world_to_view_transform().transform_points(points)[..., 2].view(N, H, W, P)
    torch.testing.assert_close(depths, rays.lengths, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(rays.lengths, torch.linspace(1, 3, P).expand(N, H, W, P))


@pytest.mark.parametrize("height, width", [(5, 8), (8, 5), (4, 4)])
def test_the_grid_is_that_of_the_rasterizers(height, width):
    xys = sampler(image_width=width, image_height=height)(cameras()).xys[0]
    points = torch.cat([xys.flatten(0, 1), torch.ones(height * width, 1)], 1)
    idx, _, dists = rasterize_points(Pointclouds([points]), (height, width), 0.01, 1)
    assert (idx.flatten() == torch.arange(height * width)).all() and (dists < 1e-10).all()


def test_a_grid_of_any_area():
    area = dict(min_x=-1.0, max_x=2.0, min_y=3.0, max_y=0.0, image_width=4, image_height=3, n_pts_per_ray=2, min_depth=1, max_depth=2)
    with pytest.warns(PendingDeprecationWarning, match="GridRaysampler is deprecated, use MultinomialRaysampler instead"):
        old = GridRaysampler(**area)
    for grid in (MultinomialRaysampler(**area), old):
        assert (grid.min_x, grid.max_x, grid.min_y, grid.max_y) == (-1, 2, 3, 0) and type(grid) is MultinomialRaysampler
        xys = grid(cameras()).xys
        assert xys[0, :, 0, 1].tolist() == [3, 1.5, 0] and xys[1, 0, :, 0].tolist() == [-1, 0, 1, 2]


def test_the_old_name_of_the_ndc_sampler():
    with pytest.warns(PendingDeprecationWarning, match="NDCGridRaysampler is deprecated, use NDCMultinomialRaysampler instead"):
        old = NDCGridRaysampler(W, H, P, 1.0, 3.0)
    for a, b in zip(old(cameras()), sampler()(cameras())):
        assert torch.equal(a, b)
    assert not old.state_dict()


def test_unit_directions():
    plain, unit = (sampler(unit_directions=flag)(cameras()) for flag in (False, True))
    torch.testing.assert_close(unit.directions.norm(dim=-1), torch.ones(N, H, W))
    torch.testing.assert_close(unit.directions * plain.directions.norm(dim=-1, keepdim=True), plain.directions)
    torch.testing.assert_close(unit.origins, plain.origins)


def test_stratified_lengths_lie_between_the_middles_of_the_steps():
    steps = torch.linspace(1, 3, P)
    middles = (steps[1:] + steps[:-1]) / 2
    lower, upper = torch.cat([steps[:1], middles]), torch.cat([middles, steps[-1:]])
    for lengths in (
        sampler(stratified_sampling=True)(cameras()).lengths,
        sampler()(cameras(), stratified_sampling=True).lengths,
        MonteCarloRaysampler(-1, 1, -1, 1, 30, P, 1.0, 3.0)(cameras(), stratified_sampling=True).lengths,
        _jiggle_within_stratas(steps.expand(9, P)),
    ):
        assert (lengths >= lower).all() and (lengths <= upper).all() and lengths.flatten(0, -2).std(0).min() > 0
    assert torch.equal(sampler(stratified_sampling=True)(cameras(), stratified_sampling=False).lengths[0, 0, 0], steps)


def test_arguments_of_the_call():
    rays = sampler()(cameras(), min_depth=0.0, max_depth=8.0, n_pts_per_ray=3)
    assert rays.lengths[0, 0, 0].tolist() == [0, 4, 8]
    assert sampler()(cameras(), n_pts_per_ray=0).lengths.shape == (N, H, W, 0)
    assert sampler(n_pts_per_ray=1)(cameras(), stratified_sampling=True).lengths.eq(1).all()


def pixels(rays):
    """Which pixels of the grid the rays [N, n, 1, ...] go through, [N, n]."""
    grid = sampler()._xy_grid.view(-1, 2)
    distances = torch.cdist(rays.xys[:, :, 0], grid.expand(len(rays.xys), -1, 2), compute_mode="donot_use_mm_for_euclid_dist")
    assert distances.min(2).values.max() < 1e-5
    return distances.argmin(2)


def test_rays_are_drawn_without_repetition():
    for rays in (sampler(n_rays_per_image=H * W)(cameras()), sampler()(cameras(), n_rays_per_image=H * W)):
        assert rays.origins.shape == (N, H * W, 1, 3) and rays.lengths.shape == (N, H * W, 1, P)
        assert torch.equal(pixels(rays).sort(1).values, torch.arange(H * W).expand(N, -1))
    torch.manual_seed(3)
    first = pixels(sampler(n_rays_per_image=6)(cameras()))
    torch.manual_seed(3)
    assert torch.equal(pixels(sampler(n_rays_per_image=6)(cameras())), first)


@pytest.mark.parametrize("dtype", [torch.bool, torch.float32, torch.int64])
def test_a_mask(dtype):
    mask = torch.zeros(N, H, W)
    mask[0, 1, 2:5] = mask[1, 2, :7] = 1
    rays = sampler()(cameras(), mask=mask.to(dtype))  # as many as the smaller mask has
    assert rays.xys.shape == (N, 3, 1, 2) and pixels(rays)[0].sort().values.tolist() == [10, 11, 12]
    rays = sampler()(cameras(), mask=mask.to(dtype), n_rays_per_image=6)  # the first repeats, the second does not
    assert set(pixels(rays)[0].tolist()) <= {10, 11, 12} and len(set(pixels(rays)[1].tolist())) == 6
    assert sampler()(cameras(), mask=mask.to(dtype) * 0).xys.shape == (N, 0, 1, 2)


def test_weights_of_pixels():
    torch.manual_seed(0)
    drawn = _safe_multinomial(torch.tensor([[1.0, 0.0, 3.0]]).expand(20_000, 3), 1)
    assert abs((drawn == 2).float().mean() - 0.75) < 0.02 and not (drawn == 1).any()


def test_the_total_number_of_rays():
    count, total = 5, 60
    torch.manual_seed(1)
    for rays, extra in (
        (sampler(n_rays_total=total)(cameras(count=count)), (1,)),
        (sampler()(cameras(count=count), n_rays_total=total), (1,)),
        (MonteCarloRaysampler(-1, 1, -1, 1, None, P, 1.0, 3.0, n_rays_total=total)(cameras(count=count)), ()),
    ):
        assert isinstance(rays, HeterogeneousRayBundle)
        assert rays.origins.shape == (total, 1, *extra, 3) and rays.lengths.shape == (total, 1, *extra, P)
        assert rays.camera_counts.sum() == total and len(rays.camera_ids.unique()) == len(rays.camera_ids)
        camera = cameras(count=count)[rays.camera_ids.repeat_interleave(rays.camera_counts)]
        points = ray_bundle_to_ray_points(rays).view(total, P, 3)
        projected = camera.transform_points_ndc(points)[..., :2]
        torch.testing.assert_close(projected, rays.xys.view(total, 1, 2).expand_as(projected), atol=2e-5, rtol=1e-4)


def test_sample_cameras_and_masks():
    mask = torch.arange(5.0)[:, None, None].expand(5, H, W)
    chosen, masks, ids, counts, largest = _sample_cameras_and_masks(40, cameras(count=5), mask)
    assert torch.equal(masks[:, 0, 0], ids.float()) and len(chosen) == len(ids) and counts.sum() == 40 and counts.max() == largest
    assert torch.equal(chosen.R, cameras(count=5).R[ids])
    assert _sample_cameras_and_masks(3, cameras(), None)[1] is None


def test_pack_ray_bundle():
    rays = RayBundle(torch.arange(18.0).view(2, 3, 3), torch.zeros(2, 3, 3), torch.zeros(2, 3, P), torch.zeros(2, 3, 2))
    packed = _pack_ray_bundle(rays, torch.tensor([4, 7]), torch.tensor([1, 3]))
    assert packed.origins[:, 0, 0].tolist() == [0, 9, 12, 15] and packed.camera_ids.tolist() == [4, 7] and packed.camera_counts.tolist() == [1, 3]


def test_random_places():
    torch.manual_seed(0)
    rays = MonteCarloRaysampler(-1.0, 0.5, 2.0, 3.0, 500, P, 1.0, 3.0, unit_directions=True)(cameras())
    assert rays.origins.shape == (N, 500, 3) and rays.lengths.shape == (N, 500, P)
    low, high = rays.xys.flatten(0, 1).aminmax(dim=0)
    assert (low >= torch.tensor([-1.0, 2.0])).all() and (high <= torch.tensor([0.5, 3.0])).all()
    torch.testing.assert_close(torch.stack([low, high]), torch.tensor([[-1.0, 2.0], [0.5, 3.0]]), atol=0.02, rtol=0)
    torch.testing.assert_close(rays.directions.norm(dim=-1), torch.ones(N, 500))


def test_errors():
    with pytest.raises(ValueError, match="`n_rays_total` and `n_rays_per_image` cannot both be defined"):
        sampler(n_rays_per_image=3, n_rays_total=4)(cameras())
    for numbers in ((3, 4), (None, None)):
        with pytest.raises(ValueError, match="Exactly one of `self.n_rays_total` and `self.n_rays_per_image` must be given"):
            MonteCarloRaysampler(-1, 1, -1, 1, numbers[0], P, 1.0, 3.0, n_rays_total=numbers[1])(cameras())
    with pytest.raises(ValueError, match=r"Expected mask to have shape \(2, 5, 8\), but got \(2, 8, 5\)"):
        sampler()(cameras(), mask=torch.ones(N, W, H))


def test_gradients_reach_the_cameras():
    T = torch.tensor([[0.2, -0.1, 3.0]], dtype=torch.float64, requires_grad=True)
    grid = torch.rand(1, 3, 2, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda T: _xy_to_ray_bundle(FoVPerspectiveCameras(T=T), grid, 1.0, 2.0, 2, True)[:2], T)
