"""Ray samplers: the rays go through the pixels from which they come."""

import pytest
import torch

from tests.testing.functions import functions

Cameras = torch.classes.bisque_functions.Cameras
N, H, W, P = 2, 5, 8, 4


def random(*sizes, seed=0, dtype=torch.float32):
    return torch.rand(*sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def cameras(kind="fov_perspective", dtype=torch.float32, translation=None):
    angles = torch.tensor([0.3, -0.6], dtype=dtype)
    zero, one = torch.zeros_like(angles), torch.ones_like(angles)
    rotation = torch.stack([angles.cos(), zero, angles.sin(), zero, one, zero, -angles.sin(), zero, angles.cos()], 1).view(-1, 3, 3)
    translation = torch.tensor([[0.2, -0.1, 3.0], [0.5, 0.4, 2.0]], dtype=dtype) if translation is None else translation
    return Cameras(kind, {"R": rotation, "T": translation}, {})


def ndc_rays(cameras, width=W, height=H, n_pts=P, min_depth=1.0, max_depth=3.0, unit=False, stratified=False, n_rays=None, places=None, lengths=None, mask=None):
    return functions.ndc_rays(cameras, width, height, n_pts, min_depth, max_depth, unit, stratified, n_rays, places, lengths, mask)


@pytest.mark.parametrize("kind", ["fov_perspective", "perspective", "fov_orthographic", "orthographic"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_points_project_to_their_pixels_at_their_depths(kind, dtype):
    camera = cameras(kind, dtype)
    rays = ndc_rays(camera)
    points = functions.ray_points(list(rays))
    origins, directions, lengths, xys = rays
    assert [x.shape for x in rays] == [(N, H, W, 3), (N, H, W, 3), (N, H, W, P), (N, H, W, 2)] and points.dtype == dtype
    projected = camera.transform_points_ndc(points.flatten(1, 3))[..., :2].view(N, H, W, P, 2)
    torch.testing.assert_close(projected, xys[..., None, :].expand_as(projected), atol=2e-5, rtol=1e-4)
    view = camera.transform_points_to_view(points.flatten(1, 3))
    torch.testing.assert_close(view[..., 2].view(N, H, W, P), lengths, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(lengths, torch.linspace(1, 3, P, dtype=dtype).expand(N, H, W, P))
    torch.testing.assert_close(points, origins[..., None, :] + lengths[..., None] * directions[..., None, :])


@pytest.mark.parametrize("height, width", [(5, 8), (8, 5), (4, 4)])
def test_the_grid_is_that_of_the_rasterizers(height, width):
    xys = ndc_rays(cameras(), width, height)[3][0]
    points = torch.cat([xys.flatten(0, 1), torch.ones(height * width, 1)], 1)
    idx, _, dists = torch.ops.bisque.rasterize_points(points, torch.tensor([0]), torch.tensor([len(points)]), None, height, width, radius=0.01, points_per_pixel=1)
    assert (idx.flatten() == torch.arange(height * width)).all() and (dists < 1e-10).all()


def test_a_grid_of_any_area():
    xys = functions.grid_rays(cameras(), [-1.0, 2.0, 3.0, 0.0], 4, 3)[3]
    assert xys[0, :, 0, 1].tolist() == [3, 1.5, 0] and xys[1, 0, :, 0].tolist() == [-1, 0, 1, 2]


def test_unit_directions():
    plain, unit = ndc_rays(cameras()), ndc_rays(cameras(), unit=True)
    torch.testing.assert_close(unit[1].norm(dim=-1), torch.ones(N, H, W))
    torch.testing.assert_close(unit[1] * plain[1].norm(dim=-1, keepdim=True), plain[1])
    torch.testing.assert_close(unit[0], plain[0])


def test_stratified_lengths_lie_between_the_middles_of_the_steps():
    draw = random(N, H, W, P)
    steps, lengths = (ndc_rays(cameras(), stratified=s, lengths=draw if s else None)[2] for s in (False, True))
    middles = (steps[..., 1:] + steps[..., :-1]) / 2
    lower, upper = torch.cat([steps[..., :1], middles], -1), torch.cat([middles, steps[..., -1:]], -1)
    torch.testing.assert_close(lengths, lower + (upper - lower) * draw)


@pytest.mark.parametrize("n_pts", [0, 1])
@pytest.mark.parametrize("stratified", [False, True])
def test_few_points(n_pts, stratified):
    lengths = ndc_rays(cameras(), n_pts=n_pts, stratified=stratified, lengths=random(N, H, W, n_pts))[2]
    assert lengths.shape == (N, H, W, n_pts) and (lengths == 1).all()


def pixels(xys):
    """Which pixels of the grid the rays [N, n, 1, 2] go through, [N, n]."""
    grid = ndc_rays(cameras())[3][0].view(-1, 2)
    return (xys.view(N, -1, 1, 2) - grid).norm(dim=3).argmin(2)


def test_drawn_rays_are_some_of_the_grid_without_repetition():
    rays = ndc_rays(cameras(), n_rays=30, places=random(N, H * W))
    assert [x.shape for x in rays] == [(N, 30, 1, 3), (N, 30, 1, 3), (N, 30, 1, P), (N, 30, 1, 2)]
    found = pixels(rays[3])
    assert all(len(set(row.tolist())) == 30 for row in found) and (found[0] != found[1]).any()
    whole = ndc_rays(cameras())
    for result, of_all in zip(rays, whole):
        expected = of_all.flatten(1, 2).gather(1, found[..., None].expand(-1, -1, of_all.shape[-1]))
        torch.testing.assert_close(result.squeeze(2), expected)


def test_a_mask_says_which_pixels_are_drawn():
    mask = torch.zeros(N, H, W)
    mask[0, 1:3, 2:5], mask[1, 0, :4] = 1, 2
    found = pixels(ndc_rays(cameras(), n_rays=4, places=random(N, H * W), mask=mask)[3])
    assert mask.flatten(1).gather(1, found).all() and all(len(set(row.tolist())) == 4 for row in found)
    # With a mask alone: as many as the smaller one has.
    found = pixels(ndc_rays(cameras(), places=random(N, H * W), mask=mask > 0)[3])
    assert found.shape == (N, 4) and sorted(found[1].tolist()) == [0, 1, 2, 3]
    # More rays than it has pixels: they repeat.
    found = pixels(ndc_rays(cameras(), n_rays=9, places=random(N, H * W), mask=mask)[3])
    assert mask.flatten(1).gather(1, found).all() and [len(set(row.tolist())) for row in found] == [6, 4]


def test_the_mask_is_a_weight():
    mask = torch.ones(N, H, W)
    mask[:, :, : W // 2] = 9
    counts = torch.zeros(H * W)
    for seed in range(300):
        found = pixels(ndc_rays(cameras(), n_pts=0, n_rays=1, places=random(N, H * W, seed=seed), mask=mask)[3])
        counts += found.flatten().bincount(minlength=H * W)
    assert 0.86 < (counts.view(H, W)[:, : W // 2].sum() / counts.sum()).item() < 0.94


def test_monte_carlo_rays_lie_in_their_area():
    area, places = [-0.5, 1.0, 0.0, 2.0], random(N, 50, 2)
    rays = functions.monte_carlo_rays(cameras(), area, 50, P, True, places, random(N, 50, P, seed=1))
    assert [x.shape for x in rays] == [(N, 50, 3), (N, 50, 3), (N, 50, P), (N, 50, 2)]
    torch.testing.assert_close(rays[3], places * torch.tensor([1.5, 2.0]) + torch.tensor([-0.5, 0.0]))


def test_gradients_of_cameras():
    translation = torch.tensor([[0.2, -0.1, 3.0], [0.5, 0.4, 2.0]], dtype=torch.float64, requires_grad=True)

    def points(translation):
        return functions.ray_points(list(ndc_rays(cameras(dtype=torch.float64, translation=translation), 3, 2)))

    assert torch.autograd.gradcheck(points, [translation])


@pytest.mark.parametrize(
    "given, message",
    [
        (dict(n_rays=3), r"MultinomialRaysampler: expected random numbers places \[2, 40\], but got none."),
        (dict(n_rays=3, places=torch.zeros(2, 39)), r"MultinomialRaysampler: expected random numbers places to have shape \[2, 40\], but got \[2, 39\]"),
        (dict(n_rays=41, places=torch.zeros(2, 40)), "expected n_rays_per_image to be from 0 to the 40 pixels, but got 41"),
        (dict(n_rays=-1, places=torch.zeros(2, 40)), "expected n_rays_per_image to be from 0 to the 40 pixels, but got -1"),
        (dict(mask=torch.ones(2, 8, 5)), r"MultinomialRaysampler: expected mask to have shape \[2, 5, 8\], but got \[2, 8, 5\]"),
        (dict(stratified=True), r"MultinomialRaysampler: expected random numbers lengths \[2, 5, 8, 4\], but got none."),
        (dict(n_pts=-1), "MultinomialRaysampler: expected n_pts_per_ray to be at least 0, but got -1"),
        (dict(width=0), "MultinomialRaysampler: expected an image_width and image_height of at least 1, but got 0 and 5"),
    ],
)
def test_errors(given, message):
    with pytest.raises(RuntimeError, match=message):
        ndc_rays(cameras(), **given)


def test_errors_of_monte_carlo_and_points():
    with pytest.raises(RuntimeError, match=r"MonteCarloRaysampler: expected random numbers places \[2, 3, 2\], but got none."):
        functions.monte_carlo_rays(cameras(), [0.0, 1.0, 0.0, 1.0], 3, P, False, None, None)
    rays = list(ndc_rays(cameras()))
    with pytest.raises(RuntimeError, match="ray_bundle_to_ray_points: expected origins and directions"):
        functions.ray_points([rays[0], rays[1], rays[2][:, :1], rays[3]])
