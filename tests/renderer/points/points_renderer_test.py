"""PointsRasterizer, the compositors and PointsRenderer, compared with plain torch."""

import pytest
import torch

from tests.testing.functions import functions

Cameras = torch.classes.bisque_functions.Cameras
Pointclouds = torch.classes.bisque_functions.Pointclouds

SIZE = 18, 27


def random(*sizes, seed=0, dtype=torch.float32):
    return torch.rand(*sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def rotations(count, dtype=torch.float32):
    """About Y, by different angles."""
    angles = torch.linspace(-0.4, 0.5, count, dtype=dtype)
    zero, one = torch.zeros_like(angles), torch.ones_like(angles)
    return torch.stack([angles.cos(), zero, angles.sin(), zero, one, zero, -angles.sin(), zero, angles.cos()], 1).view(-1, 3, 3)


def cameras(count, dtype=torch.float32):
    translation = torch.tensor([0.1, -0.2, 3.0], dtype=dtype).expand(count, 3)
    return Cameras("fov_perspective", {"R": rotations(count, dtype), "T": translation}, {})


def project(points, camera, count, dtype=torch.float32):
    """x and y in NDC, z in view space, of the camera with that number of `count`, with a field of view of 60 degrees."""
    view = points @ rotations(count, dtype)[camera] + torch.tensor([0.1, -0.2, 3.0], dtype=dtype)
    return torch.cat([view[:, :2] / view[:, 2:] * 3**0.5, view[:, 2:]], 1)


def clouds(sizes, channels=4, dtype=torch.float32):
    points = [random(size, 3, seed=i, dtype=dtype) * 2 - 1 for i, size in enumerate(sizes)]
    features = [random(size, channels, seed=100 + i, dtype=dtype) for i, size in enumerate(sizes)]
    return points, features


def rasterize(points, radius=0.1, points_per_pixel=5, radii=None):
    """Projected points, by the op."""
    return torch.ops.bisque.rasterize_points(points, torch.tensor([0]), torch.tensor([len(points)]), radii, *SIZE, radius=radius, points_per_pixel=points_per_pixel)


@pytest.mark.parametrize("sizes, views", [([40], 1), ([40], 3), ([40, 25], 1), ([40, 0, 25], 2), ([30, 30], 2)])
@pytest.mark.parametrize("with_radii", [False, True])
def test_each_picture_shows_its_cloud_alone(sizes, views, with_radii):
    points, features = clouds(sizes)
    radii = random(sum(sizes)) * 0.2 if with_radii else None
    count = len(sizes) * views
    idx, zbuf, dists = functions.rasterize_pointclouds(Pointclouds(points, [], features), cameras(count), *SIZE, 0.1, 5, radii)
    assert idx.max() < sum(sizes)
    for n in range(count):
        cloud = n // views
        first = sum(sizes[:cloud])
        alone = rasterize(project(points[cloud], n, count), radii=radii[first : first + sizes[cloud]] if with_radii else None)
        same = idx[n] == torch.where(alone[0][0] >= 0, alone[0][0] + first, -1)
        assert same.float().mean() > 0.999  # a pixel at the rim of a point may fall either way
        torch.testing.assert_close(zbuf[n][same], alone[1][0][same])
        torch.testing.assert_close(dists[n][same], alone[2][0][same], atol=1e-6, rtol=1e-4)


def composited(kind, features, idx, weights):
    """[N, H, W, C] in plain torch."""
    weights = weights * (idx >= 0)
    if kind == "alpha":
        weights = weights * torch.cat([torch.ones_like(weights[..., :1]), (1 - weights).cumprod(3)[..., :-1]], 3)
    elif kind == "norm_weighted":
        weights = weights / weights.sum(3, keepdim=True).clamp(min=1e-4)
    return (features[idx.clamp(min=0)] * weights[..., None]).sum(3)


@pytest.mark.parametrize("kind", ["alpha", "weighted", "norm_weighted"])
@pytest.mark.parametrize("with_radii", [False, True])
@pytest.mark.parametrize("background", [None, [0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7], 0.25])
def test_pictures(kind, with_radii, background):
    points, features = clouds([40, 25])
    radii = random(65) * 0.2 + 0.01 if with_radii else None
    given = Pointclouds(points, [], features), cameras(4)
    idx, _, dists = functions.rasterize_pointclouds(*given, *SIZE, 0.1, 5, radii)
    weights = 1 - dists / (radii[idx.clamp(min=0)] if with_radii else torch.tensor(0.1)) ** 2
    expected = composited(kind, torch.cat(features), idx, weights)
    if background is not None:
        color = torch.tensor(background)
        color = torch.cat([color, torch.ones(1)]) if color.shape == (3,) else color
        expected = torch.where((idx[..., :1] < 0), color, expected)
    color = None if background is None else torch.tensor(background)
    pictures = functions.render_points(*given, *SIZE, 0.1, 5, radii, kind, color)
    torch.testing.assert_close(pictures, expected)
    assert (idx[..., 0] >= 0).any() and (idx[..., 0] < 0).any()


@pytest.mark.parametrize("kind", ["alpha", "weighted", "norm_weighted"])
def test_gradients_of_points_features_and_cameras(kind):
    (points,), (features,) = clouds([8], channels=2, dtype=torch.float64)
    leaves = [leaf.requires_grad_() for leaf in (points, features, torch.tensor([[0.1, -0.2, 3.0]], dtype=torch.float64))]

    def render(points, features, translation):
        camera = Cameras("fov_perspective", {"R": rotations(1, torch.float64), "T": translation}, {})
        return functions.render_points(Pointclouds([points], [], [features]), camera, 6, 7, 0.3, 3, None, kind, None)

    assert torch.autograd.gradcheck(render, leaves)


def test_the_gradient_of_a_background():
    (points,), (features,) = clouds([10])
    color = torch.zeros(4, requires_grad=True)
    pictures = functions.render_points(Pointclouds([points], [], [features]), cameras(1), *SIZE, 0.1, 2, None, "alpha", color)
    (gradient,) = torch.autograd.grad(pictures.sum(), color)
    idx, *_ = functions.rasterize_pointclouds(Pointclouds([points], [], [features]), cameras(1), *SIZE, 0.1, 2, None)
    assert gradient.tolist() == [(idx[..., 0] < 0).sum()] * 4


@pytest.mark.parametrize("alphas", [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
@pytest.mark.parametrize("kind", ["alpha", "weighted", "norm_weighted"])
def test_gradients_of_alphas_of_0_and_1_are_finite(kind, alphas):
    alphas = torch.tensor(alphas).view(1, 3, 1, 1).requires_grad_()
    features = random(2, 3).requires_grad_()
    image = functions.composite_points(kind, None, torch.arange(3).view(1, 3, 1, 1), alphas, features)
    gradients = torch.autograd.grad(image.square().sum(), [alphas, features])
    assert image.isfinite().all() and all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("radii", [None, torch.zeros(0)])
def test_clouds_without_points(radii):
    nothing = torch.zeros(0, 3)
    pictures = functions.render_points(Pointclouds([nothing, nothing], [], [nothing] * 2), cameras(2), *SIZE, 0.1, 2, radii, "alpha", torch.tensor(0.5))
    assert pictures.shape == (2, *SIZE, 3) and (pictures == 0.5).all()


def test_errors():
    points, features = clouds([10, 5])
    given = Pointclouds(points, [], features)
    with pytest.raises(RuntimeError, match="PointsRenderer: expected clouds with features, but they have none."):
        functions.render_points(Pointclouds(points, [], []), cameras(2), *SIZE, 0.1, 2, None, "alpha", None)
    with pytest.raises(RuntimeError, match=r"PointsRasterizer: expected radii to have shape \[15\], one for each point, but got \[3\]"):
        functions.rasterize_pointclouds(given, cameras(2), *SIZE, 0.1, 2, torch.ones(3))
    with pytest.raises(RuntimeError, match=r"Compositor: expected background_color to have shape \[\], \[4\] or \[3\], but got \[5\]"):
        functions.render_points(given, cameras(2), *SIZE, 0.1, 2, None, "alpha", torch.zeros(5))
    for shape in ((3, 10, 3), (2, 9, 3), (2, 10, 2), (10, 3)):
        with pytest.raises(RuntimeError, match=r"expected positions to have shape \[N, 10, 3\] with N a multiple of the 2 clouds, but got \["):
            functions.rasterize_positions(given, torch.zeros(shape))
