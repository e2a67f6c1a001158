"""SplatterBlender, compared with a loop over pixels, layers and directions."""

import math

import pytest
import torch
from bisque3d.renderer.blending import BlendParams
from bisque3d.renderer.cameras import FoVPerspectiveCameras
from bisque3d.renderer.splatter_blend import (
    SplatterBlender,
    _compute_occlusion_layers,
    _compute_splatted_colors_and_weights,
    _compute_splatting_colors_and_weights,
    _get_splat_kernel_normalization,
    _normalize_and_compose_all_layers,
    _offset_splats,
    _precompute,
    _prepare_pixels_and_colors,
)

DIRECTIONS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]


def scene(N=1, H=3, W=4, K=2, dtype=torch.float64):
    """Layers of points at the centers of pixels, of increasing depth, some of them background."""
    generator = torch.Generator().manual_seed(3)
    cameras = FoVPerspectiveCameras(T=torch.tensor([[0.0, 0.0, 4.0]], dtype=dtype).expand(N, 3))
    rows, columns = torch.meshgrid(torch.arange(H, dtype=dtype), torch.arange(W, dtype=dtype), indexing="ij")
    half = min(H, W) / 2
    ndc = torch.stack([(W / 2 - columns - 0.5) / half, (H / 2 - rows - 0.5) / half], -1)[None, :, :, None].expand(N, H, W, K, 2)
    depths = 3 + torch.rand(N, H, W, K, generator=generator, dtype=dtype).cumsum(-1)
    points = cameras.unproject_points(torch.cat([ndc, depths[..., None]], -1).view(N, -1, 3), from_ndc=True).view(N, H, W, K, 3)
    background = torch.rand(N, H, W, K, generator=generator) < 0.3
    background[..., 1:] |= background[..., :1]
    return cameras, points, torch.rand(N, H, W, K, 3, generator=generator, dtype=dtype), background


def by_loop(depths, colors, background, sigma, background_color):
    """[N, H, W, 4] from depths on the screen [N, H, W, K], where points are at the centers of their pixels."""
    N, H, W, K = depths.shape
    scale = 1.05 / sum(math.exp(-(x * x + y * y) / (2 * sigma**2)) for x, y in DIRECTIONS)
    pictures = torch.zeros(N, H, W, 4, dtype=colors.dtype)
    padding = torch.zeros(K, dtype=depths.dtype)
    for n in range(N):
        for h in range(H):
            for w in range(W):
                sums = torch.zeros(3, 5, dtype=colors.dtype)  # in front, on the surface, behind
                q = depths[n, h, w]
                for x, y in DIRECTIONS:
                    row, column = h + y, w + x
                    inside = 0 <= row < H and 0 <= column < W
                    p = depths[n, row, column] if inside else padding
                    surface = int((p - q[0]).abs().argmin())
                    if (q - p[0]).abs().min() < (p - q[0]).abs().min():
                        surface = -int((q - p[0]).abs().argmin())
                    for k in range(K if inside else 0):
                        if background[n, row, column, k]:
                            continue
                        weight = scale * math.exp(-(x * x + y * y) / (2 * sigma**2))
                        splat = torch.cat([colors[n, row, column, k], torch.ones(1, dtype=colors.dtype)]) * weight
                        sums[0 if k < surface else 1 if k == surface else 2] += torch.cat([splat, splat[3:]])
                composed = torch.cat([background_color.to(colors.dtype), torch.zeros(1, dtype=colors.dtype)])
                for layer in (2, 1, 0):
                    color = sums[layer, :4] / sums[layer, 4].clamp_min(1)
                    composed = color + (1 - color[3]) * composed
                pictures[n, h, w] = composed
    return pictures


@pytest.mark.parametrize("K", [1, 3])
@pytest.mark.parametrize("sigma", [0.5, 0.9])
def test_the_loop(K, sigma):
    cameras, points, colors, background = scene(N=2, K=K)
    params = BlendParams(sigma=sigma, background_color=(0.2, 0.4, 0.6))
    ours = SplatterBlender((2, 3, 4, K), "cpu")(colors, points, cameras, background, params)
    screen, _ = _prepare_pixels_and_colors(points, colors, cameras, background)
    expected = by_loop(screen[..., 2], colors, background, sigma, torch.tensor([0.2, 0.4, 0.6]))
    torch.testing.assert_close(ours, expected, atol=1e-6, rtol=1e-6)


def test_pixels_are_in_screen_space():
    cameras, points, colors, background = scene(H=4, W=4)
    screen, rgba = _prepare_pixels_and_colors(points, colors, cameras, background)
    rows, columns = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing="ij")
    expected = torch.stack([-columns - 0.5, -rows - 0.5], -1).double()[None, :, :, None].expand(1, 4, 4, 2, 2)  # without flips
    torch.testing.assert_close(screen[..., :2][~background], expected[~background], atol=1e-5, rtol=1e-5)
    assert (screen[background] == 1).all() and (rgba[background] == 0).all() and (rgba[~background][:, 3] == 1).all()


def test_gradients_reach_points_and_colors():
    cameras, points, colors, background = scene(H=2, W=2)
    blender = SplatterBlender((1, 2, 2, 2), "cpu")
    points, colors = points.requires_grad_(), colors.requires_grad_()
    gradients = torch.autograd.grad(blender(colors, points, cameras, background, BlendParams(sigma=0.5)).square().sum(), (points, colors))
    assert all(gradient.isfinite().all() and gradient.abs().max() > 0 for gradient in gradients)
    assert (gradients[0][background] == 0).all()
    assert torch.autograd.gradcheck(lambda c: blender(c, points.detach(), cameras, background, BlendParams(sigma=0.5)), colors)
    # Off the center of a pixel the weights are smooth in the place.
    places, rgba = torch.full([1, 1, 1, 1, 2], 0.3, dtype=torch.float64, requires_grad=True), torch.ones(1, 1, 1, 1, 4, dtype=torch.float64)
    offsets = torch.tensor(DIRECTIONS)
    assert torch.autograd.gradcheck(lambda x: _compute_splatting_colors_and_weights(x, rgba, 0.5, offsets), places)


@pytest.mark.parametrize(
    "p, q, expected",
    [
        ([1.0, 2.0], [1.1, 2.1], 0),  # the first layers are one surface
        ([0.1, 1.0], [1.0, 2.0], 1),  # layer 1 of p goes on where q's first layer is
        ([2.0, 3.0], [1.0, 2.0], -1),  # p is behind
    ],
)
def test_occlusion_layers(p, q, expected):
    depths = torch.tensor([[[q, p]]])  # [1, 1, 2, 2]: p is to the right of q
    layers = _compute_occlusion_layers(depths)
    assert layers.shape == (1, 1, 2, 9)
    assert layers[0, 0, 0, 5] == expected and layers[0, 0, 0, 4] == 0  # neighbours are counted by rows


def test_offset_splats():
    crop_ids_h, crop_ids_w, offsets = _precompute((1, 3, 3, 1), "cpu")
    assert offsets.tolist() == [list(direction) for direction in DIRECTIONS]
    assert crop_ids_h.shape == (1, 3, 5, 1, 9, 5) and crop_ids_w.shape == (1, 3, 3, 1, 9, 5)
    splats = torch.arange(1.0, 10).view(1, 3, 3, 1, 1, 1).expand(1, 3, 3, 1, 9, 5)
    moved = _offset_splats(splats, crop_ids_h, crop_ids_w)
    for d, (x, y) in enumerate(DIRECTIONS):
        for h in range(3):
            for w in range(3):
                inside = 0 <= h + y < 3 and 0 <= w + x < 3
                assert (moved[0, h, w, 0, d] == (splats[0, h + y, w + x, 0, d] if inside else 0)).all()


def test_normalization():
    offsets = torch.tensor(DIRECTIONS)
    assert _get_splat_kernel_normalization(offsets, 0.5).item() == pytest.approx(1.05 / sum(math.exp(-2 * (x * x + y * y)) for x, y in DIRECTIONS))
    for sigma in (0.0, -1.0):
        with pytest.raises(ValueError, match="Only positive standard deviations make sense"):
            _get_splat_kernel_normalization(offsets, sigma)


def test_sums_and_composition():
    colors, weights = _compute_splatted_colors_and_weights(torch.zeros(1, 1, 1, 9, dtype=torch.long), torch.ones(1, 1, 1, 2, 9, 5))
    assert colors.shape == (1, 1, 1, 4, 3) and weights.flatten().tolist() == [0, 9, 9]
    assert _normalize_and_compose_all_layers(torch.zeros(3), colors, weights).flatten().tolist() == [1, 1, 1, 1]
    assert _normalize_and_compose_all_layers(torch.tensor([0.1, 0.2, 0.3]), colors * 0, weights * 0).flatten().tolist() == pytest.approx([0.1, 0.2, 0.3, 0])


def test_it_is_moved():
    blender = SplatterBlender((1, 2, 2, 1), "cpu")
    assert blender.to("cpu") is blender
