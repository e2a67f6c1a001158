"""Rasterizing, compositing and rendering of point clouds."""

import numpy as np
import pytest
import torch
from bisque3d import renderer
from bisque3d.renderer.cameras import FoVOrthographicCameras, FoVPerspectiveCameras, PerspectiveCameras
from bisque3d.renderer.compositing import CompositeParams, alpha_composite, weighted_sum
from bisque3d.renderer.points import (
    AlphaCompositor,
    NormWeightedCompositor,
    PointFragments,
    PointsRasterizationSettings,
    PointsRasterizer,
    PointsRenderer,
    WeightedCompositor,
    rasterize_points,
)
from bisque3d.renderer.points import pulsar
from bisque3d.renderer.points.compositor import _add_background_color_to_images
from bisque3d.renderer.points.rasterize_points import _format_radius, kMaxPointsPerBin, rasterize_points_python
from bisque3d.structures import Pointclouds


def random_clouds(*sizes: int, dtype=torch.float32, channels: int = 3) -> Pointclouds:
    generator = torch.Generator().manual_seed(len(sizes))

    def random(n, c):
        return torch.rand(n, c, generator=generator, dtype=torch.float64).to(dtype)

    points = [random(n, 3) * 2 - torch.tensor([1.0, 1.0, 0.5], dtype=dtype) for n in sizes]
    return Pointclouds(points, features=[random(n, channels) for n in sizes])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sizes", [(40,), (30, 0, 17), (0,)])
@pytest.mark.parametrize("image_size", [12, (9, 14), [14, 9]])
def test_rasterize_points_is_the_loop(sizes, image_size, dtype):
    clouds = random_clouds(*sizes, dtype=dtype)
    radius = torch.rand(len(sizes), max(sizes)) * 0.4
    for r in (0.3, radius):
        ours, loop = (rasterize(clouds, image_size, r, 3) for rasterize in (rasterize_points, rasterize_points_python))
        assert ours[0].dtype == torch.int32 and ours[1].dtype == dtype
        for a, b in zip(ours, loop):
            torch.testing.assert_close(a, b)
        assert sum(sizes) == 0 or (ours[0] >= 0).any()


def test_gradients_are_those_of_the_loop():
    gradients = []
    for rasterize in (rasterize_points, rasterize_points_python):
        points = random_clouds(30, 17).points_padded().double().requires_grad_()
        _, zbuf, dists = rasterize(Pointclouds(points), 10, 0.3, 3)
        gradients += torch.autograd.grad((zbuf.sin() + dists.cos()).sum(), points)
    torch.testing.assert_close(*gradients)


def test_numbers_of_numpy():
    clouds = random_clouds(30)
    ours = rasterize_points(clouds, (np.int64(12), np.int32(9)), np.float64(0.3), np.int64(3))
    for a, b in zip(ours, rasterize_points(clouds, (12, 9), 0.3, 3)):
        assert torch.equal(a, b)


def test_equal_depths_come_in_the_order_of_points():
    clouds = Pointclouds(torch.zeros(1, 4, 3))
    for rasterize in (rasterize_points, rasterize_points_python):
        assert rasterize(clouds, 1, 0.5, 3)[0].flatten().tolist() == [0, 1, 2]


def test_no_point_is_dropped_for_a_bin_size():
    clouds = random_clouds(50)
    for a, b in zip(rasterize_points(clouds, 32, 0.2), rasterize_points(clouds, 32, 0.2, bin_size=8, max_points_per_bin=1)):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(image_size=1024, bin_size=16), rf"bin_size too small, number of points per bin must be less than {kMaxPointsPerBin}; got 64"),
        (dict(radius="large"), "radius must be a float, list, tuple or tensor; got <class 'str'>"),
        (dict(radius=torch.ones(3, 2)), r"radius must be of shape \(N, P\): got \(3, 2\), expected \(2, 30\)"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        rasterize_points(random_clouds(30, 20), **arguments)


def test_format_radius():
    clouds = random_clouds(2, 3)
    assert _format_radius(0.5, clouds).tolist() == [0.5] * 5
    assert _format_radius([[1, 2, 9], [3, 4, 5]], clouds).tolist() == [1, 2, 3, 4, 5]
    assert _format_radius((1, 2), random_clouds(2)).tolist() == [1, 2]


def blended(idx, alphas, features, mode):
    """[N, C, H, W], one pixel at a time."""
    N, K, H, W = idx.shape
    images = torch.zeros(N, features.shape[0], H, W, dtype=features.dtype)
    for n in range(N):
        for y in range(H):
            for x in range(W):
                present = [k for k in range(K) if idx[n, k, y, x] >= 0]
                passing, total = 1.0, sum((alphas[n, k, y, x] for k in present), torch.zeros((), dtype=features.dtype))
                for k in present:
                    alpha = alphas[n, k, y, x]
                    weight = {"alpha": alpha * passing, "sum": alpha, "mean": alpha / total.clamp_min(1e-4)}[mode]
                    images[n, :, y, x] += weight * features[:, idx[n, k, y, x]]
                    passing = passing * (1 - alpha)
    return images


@pytest.mark.parametrize("compositor, mode", [(AlphaCompositor, "alpha"), (WeightedCompositor, "sum"), (NormWeightedCompositor, "mean")])
def test_compositors(compositor, mode):
    idx, alphas, features = torch.randint(-1, 6, [2, 3, 4, 5]), torch.rand(2, 3, 4, 5).double().requires_grad_(), torch.rand(2, 6).double().requires_grad_()
    images = compositor()(idx, alphas, features)
    expected = blended(idx, alphas, features, mode)
    torch.testing.assert_close(images, expected)
    weights = torch.rand_like(images)
    for a, b in zip(*(torch.autograd.grad((image * weights).sum(), (alphas, features)) for image in (images, expected))):
        torch.testing.assert_close(a, b)
    assert torch.autograd.gradcheck(lambda a, f: compositor()(idx, a, f), (alphas, features))


def test_composite_params():
    assert CompositeParams().radius == 4 / 256
    idx, alphas = torch.zeros(1, 1, 1, 1, dtype=torch.int32), torch.ones(1, 1, 1, 1)
    assert torch.equal(alpha_composite(idx, alphas, torch.ones(2, 1), CompositeParams()), weighted_sum(idx, alphas, torch.ones(2, 1), None))


@pytest.mark.parametrize("color", [(0.1, 0.2, 0.3, 1.0), [0.1, 0.2, 0.3], torch.tensor([0.1, 0.2, 0.3])])
def test_background_color(color):
    idx = torch.full([1, 2, 1, 2], -1)
    idx[0, 0, 0, 1] = 0
    expected = torch.tensor([[0.1, 0.2, 0.3, 1.0], [4.0, 4.0, 4.0, 4.0]]).T[None, :, None]
    features, alphas = torch.full([4, 1], 4.0), torch.ones(1, 2, 1, 2)
    torch.testing.assert_close(AlphaCompositor(background_color=color)(idx, alphas, features), expected)
    torch.testing.assert_close(NormWeightedCompositor()(idx, alphas, features, background_color=color), expected)
    torch.testing.assert_close(_add_background_color_to_images(idx, torch.full([1, 4, 1, 2], 4.0), torch.tensor(7.0))[..., 0], torch.full([1, 4, 1], 7.0))


@pytest.mark.parametrize(
    "color, message", [((1, 2, 3, 4, 5), "Background color has 5 channels not 4"), (torch.ones(1, 4), "Wrong shape of background_color")]
)
def test_errors_of_background_color(color, message):
    with pytest.raises(ValueError, match=message):
        AlphaCompositor(color)(torch.full([1, 1, 1, 1], -1), torch.ones(1, 1, 1, 1), torch.ones(4, 1))


def cameras_of(kind):
    T = torch.tensor([[0.0, 0.0, 3.0]])
    return {
        "fov": FoVPerspectiveCameras(T=T),
        "pixels": PerspectiveCameras(T=T, focal_length=20.0, principal_point=((10.0, 8.0),), in_ndc=False, image_size=((16, 20),)),
        "orthographic": FoVOrthographicCameras(T=T),
    }[kind]


@pytest.mark.parametrize("kind", ["fov", "pixels", "orthographic"])
def test_rasterizer_projects(kind):
    cameras, clouds = cameras_of(kind), random_clouds(20, 9)
    rasterizer = PointsRasterizer(cameras, PointsRasterizationSettings(image_size=(16, 20), radius=0.2, points_per_pixel=4))
    ndc = cameras.transform_points_ndc(clouds.points_padded())
    projected = torch.cat([ndc[..., :2], clouds.points_padded()[..., 2:] + 3], 2)
    torch.testing.assert_close(rasterizer.transform(clouds).points_packed(), clouds.update_padded(projected).points_packed())
    fragments = rasterizer(clouds)
    assert isinstance(fragments, PointFragments)
    for a, b in zip(fragments, rasterize_points(clouds.update_padded(projected), (16, 20), 0.2, 4)):
        torch.testing.assert_close(a, b)
    assert (fragments.idx >= 0).any()


def test_arguments_of_the_call_replace_those_of_the_rasterizer():
    clouds = random_clouds(20)
    with pytest.raises(ValueError, match="Cameras must be specified either at initialization or in the forward pass of PointsRasterizer"):
        PointsRasterizer()(clouds)
    fragments = PointsRasterizer()(clouds, cameras=cameras_of("fov"), raster_settings=PointsRasterizationSettings(8, 0.3, 2))
    assert fragments.idx.shape == (1, 8, 8, 2)
    assert PointsRasterizer().raster_settings == PointsRasterizationSettings(256, 0.01, 8, None, None)


@pytest.mark.parametrize("compositor", [AlphaCompositor, NormWeightedCompositor])
@pytest.mark.parametrize("radius", ["number", "tensor"])
def test_renderer(compositor, radius):
    clouds = random_clouds(20, 9)
    radii = torch.rand(2, 20) * 0.3 if radius == "tensor" else 0.2
    settings = PointsRasterizationSettings(image_size=12, radius=radii, points_per_pixel=4)
    render = PointsRenderer(PointsRasterizer(cameras_of("fov"), settings), compositor(background_color=(0.0, 0.5, 1.0)))
    images = render(clouds)
    idx, _, dists = render.rasterizer(clouds)
    squares = 0.04 if radius == "number" else _format_radius(radii, clouds).square()[idx.long().clamp_min(0)]
    weights = (1 - dists / squares).permute(0, 3, 1, 2)
    expected = blended(idx.long().permute(0, 3, 1, 2), weights, clouds.features_packed().T, "alpha" if compositor is AlphaCompositor else "mean")
    expected[(idx[..., 0] < 0)[:, None].expand_as(expected)] = torch.tensor([0.0, 0.5, 1.0])[None, :, None, None].expand_as(expected)[
        (idx[..., 0] < 0)[:, None].expand_as(expected)
    ]
    torch.testing.assert_close(images, expected.permute(0, 2, 3, 1))
    assert images.shape == (2, 12, 12, 3)


def test_gradients_reach_points_features_and_cameras():
    clouds = random_clouds(20, dtype=torch.float64)
    points, features = clouds.points_padded().requires_grad_(), clouds.features_padded().requires_grad_()
    T = torch.tensor([[0.0, 0.0, 3.0]], dtype=torch.float64, requires_grad=True)

    def render(points, features, T):
        rasterizer = PointsRasterizer(FoVPerspectiveCameras(T=T), PointsRasterizationSettings(image_size=6, radius=0.4, points_per_pixel=3))
        return PointsRenderer(rasterizer, AlphaCompositor())(Pointclouds(points, features=features))

    assert render(points, features, T).dtype == torch.float64
    assert torch.autograd.gradcheck(render, (points, features, T), atol=1e-4)


def test_the_parts_are_moved_and_can_be_replaced():
    renderer = PointsRenderer(PointsRasterizer(cameras_of("fov")), AlphaCompositor())
    assert renderer.to("cpu") is renderer and PointsRasterizer().to("cpu").cameras is None
    calls = []
    renderer.rasterizer.register_forward_hook(lambda *_: calls.append("rasterizer"))
    renderer.compositor.register_forward_hook(lambda *_: calls.append("compositor"))
    renderer(random_clouds(5))
    assert calls == ["rasterizer", "compositor"]


def test_an_empty_batch():
    renderer = PointsRenderer(PointsRasterizer(cameras_of("fov"), PointsRasterizationSettings(8)), AlphaCompositor((1.0, 1.0, 1.0)))
    assert torch.equal(renderer(random_clouds(0)), torch.ones(1, 8, 8, 3))


def test_points_that_are_not_finite_are_not_drawn():
    points = torch.tensor([[[float("nan"), 0, 1], [0, 0, float("inf")], [0, 0, -1], [0.0, 0, 2]]])
    assert rasterize_points(Pointclouds(points), 1, 0.5, 4)[0].flatten().tolist() == [3, -1, -1, -1]


def test_there_is_no_pulsar():
    for kind in (pulsar.Renderer, pulsar.PulsarPointsRenderer, renderer.PulsarPointsRenderer):
        with pytest.raises(ImportError, match="bisque3d has no pulsar renderer of spheres; use PointsRenderer, which draws points as discs."):
            kind(rasterizer=PointsRasterizer())
