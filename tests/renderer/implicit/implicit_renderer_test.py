"""Raymarchers, the harmonic embedding, VolumeSampler and the renderers of fields, compared with plain torch."""

import math

import pytest
import torch

from tests.testing.functions import functions

Cameras = torch.classes.bisque_functions.Cameras
Volumes = torch.classes.bisque_functions.Volumes


def random(*sizes, seed=0, dtype=torch.float32):
    return torch.rand(*sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def cameras(count, dtype=torch.float32, distance=3.0):
    angles = torch.linspace(0, 1, count, dtype=dtype)
    zero, one = torch.zeros_like(angles), torch.ones_like(angles)
    rotation = torch.stack([angles.cos(), zero, angles.sin(), zero, one, zero, -angles.sin(), zero, angles.cos()], 1).view(-1, 3, 3)
    return Cameras("fov_perspective", {"R": rotation, "T": torch.tensor([0.0, 0.0, distance], dtype=dtype).expand(count, 3)}, {})


# --- Raymarchers ---


@pytest.mark.parametrize("rays", [(3,), (2, 4, 5), ()])
@pytest.mark.parametrize("thickness", [1, 2])
def test_emission_and_absorption(rays, thickness):
    densities, features = random(*rays, 6, 1), random(*rays, 6, 3, seed=1)
    passed = torch.cat([torch.ones(*rays, thickness), (1 - densities[..., 0]).cumprod(-1)[..., :-thickness]], -1)
    expected = torch.cat([((densities[..., 0] * passed)[..., None] * features).sum(-2), 1 - (1 - densities).prod(-2)], -1)
    torch.testing.assert_close(functions.march_emission_absorption(densities, features, thickness), expected)
    torch.testing.assert_close(functions.march_absorption(densities), expected[..., 3:])


def test_the_gradient_of_absorption_where_all_is_opaque():
    densities = torch.tensor([[[1.0], [1.0], [0.5]]], requires_grad=True)
    assert torch.autograd.grad(functions.march_absorption(densities).sum(), densities)[0].flatten().tolist() == [0, 0, 0]
    densities = torch.tensor([[[1.0], [0.5], [0.5]]], requires_grad=True)
    assert torch.autograd.grad(functions.march_absorption(densities).sum(), densities)[0].flatten().tolist() == [0.25, 0, 0]


@pytest.mark.parametrize(
    "densities, features, message",
    [
        ((4, 6), (4, 6, 3), r"EmissionAbsorptionRaymarcher: expected densities to have shape \[..., P, 1\], but got \[4, 6\]"),
        ((4, 6, 1), (4, 5, 3), r"EmissionAbsorptionRaymarcher: expected features to have shape \[..., P, C\] of the samples of densities \[4, 6, 1\], but got \[4, 5, 3\]"),
    ],
)
def test_errors_of_raymarchers(densities, features, message):
    with pytest.raises(RuntimeError, match=message):
        functions.march_emission_absorption(torch.zeros(densities), torch.zeros(features), 1)


# --- HarmonicEmbedding ---


@pytest.mark.parametrize("n, omega_0, logspace", [(4, 1.0, True), (3, 0.5, False), (1, 2.0, False), (0, 1.0, True)])
@pytest.mark.parametrize("append_input", [False, True])
@pytest.mark.parametrize("with_variance", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_harmonic_embedding(n, omega_0, logspace, append_input, with_variance, dtype):
    x, variance = random(2, 5, 3, dtype=dtype), random(2, 5, 3, seed=1, dtype=dtype) if with_variance else None
    frequencies = omega_0 * (2.0 ** torch.arange(n) if logspace else torch.linspace(1, 2.0 ** (n - 1), n)).to(dtype)
    rows = []
    for function in (torch.sin, torch.cos):
        for axis in range(3):
            for frequency in frequencies:
                row = function(x[..., axis] * frequency)
                rows.append(row * (-0.5 * variance[..., axis] * frequency**2).exp() if with_variance else row)
    rows += [x[..., axis] for axis in range(3)] if append_input else []
    result, output_dim = functions.harmonic_embedding(x, n, omega_0, logspace, append_input, variance)
    assert result.shape == (2, 5, output_dim) and result.dtype == dtype and output_dim == len(rows)
    if rows:
        torch.testing.assert_close(result, torch.stack(rows, -1))


def test_errors_of_harmonic_embedding():
    with pytest.raises(RuntimeError, match="HarmonicEmbedding: expected n_harmonic_functions to be at least 0, but got -1"):
        functions.harmonic_embedding(torch.zeros(3), -1, 1.0, True, True, None)
    with pytest.raises(RuntimeError, match=r"HarmonicEmbedding: expected diag_cov to have the shape \[2, 3\] of x, but got \[3\]"):
        functions.harmonic_embedding(torch.zeros(2, 3), 2, 1.0, True, True, torch.zeros(3))


# --- VolumeSampler ---


def rays(count, dtype=torch.float32):
    """Through the cube from -1 to 1, and beyond it."""
    origins = random(count, 7, 3, dtype=dtype) * 2 - 1
    return [origins, random(count, 7, 3, seed=1, dtype=dtype) - 0.5, torch.linspace(0, 3, 5, dtype=dtype).expand(count, 7, 5), torch.zeros(count, 7, 2, dtype=dtype)]


def world_to_local(volumes_options, points, sizes, align_corners):
    voxel_size, translation = volumes_options
    half = (torch.tensor(sizes).flip(0) - (1 if align_corners else 0)).to(points) / 2 * voxel_size
    return (points + torch.tensor(translation).to(points)) / half


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
def test_volumes_are_sampled_at_the_points_of_rays(align_corners, mode, padding_mode):
    densities, features = random(2, 1, 4, 5, 6), random(2, 3, 4, 5, 6, seed=2)
    options = 0.4, [0.1, -0.2, 0.3]
    volumes = Volumes(list(densities), list(features), torch.tensor(options[0]), torch.tensor(options[1]), align_corners)
    bundle = rays(4)  # two for each volume
    sampled = functions.sample_volumes(volumes, bundle, mode, padding_mode)
    local = world_to_local(options, functions.ray_points(bundle), (4, 5, 6), align_corners)
    for result, values in zip(sampled, (densities, features)):
        for n in range(4):
            expected = torch.nn.functional.grid_sample(values[n // 2][None], local[n].view(1, -1, 1, 1, 3), mode, padding_mode, align_corners)
            torch.testing.assert_close(result[n], expected.view(values.shape[1], 7, 5).permute(1, 2, 0), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("align_corners", [True, False])
def test_a_volume_of_a_batch_of_different_sizes_is_sampled_as_alone(align_corners):
    sizes = [(4, 5, 6), (3, 7, 2), (1, 1, 1), (6, 2, 7)]
    densities = [random(1, *size, seed=i) for i, size in enumerate(sizes)]
    bundle = rays(4)
    together, none = functions.sample_volumes(Volumes(densities, [], torch.tensor(0.3), None, align_corners), bundle, "bilinear", "zeros")
    assert none.shape == (4, 7, 5, 0)
    for n, own in enumerate(densities):
        alone, _ = functions.sample_volumes(Volumes([own], [], torch.tensor(0.3), None, align_corners), [x[n : n + 1] for x in bundle], "bilinear", "zeros")
        torch.testing.assert_close(together[n], alone[0], atol=1e-5, rtol=1e-4)
    assert (together[:2] > 0).any()


def test_gradients_of_volumes_and_rays():
    densities, features = random(1, 1, 3, 4, 3, dtype=torch.float64).requires_grad_(), random(1, 2, 3, 4, 3, seed=3, dtype=torch.float64).requires_grad_()
    bundle = rays(2, torch.float64)

    def sample(densities, features, directions):
        volumes = Volumes([densities[0]], [features[0]], torch.tensor(0.5, dtype=torch.float64))
        return functions.sample_volumes(volumes, [bundle[0], directions, *bundle[2:]], "bilinear", "zeros")

    assert torch.autograd.gradcheck(sample, [densities, features, bundle[1].requires_grad_()])


def test_errors_of_volume_sampler():
    volumes = Volumes([random(1, 3, 3, 3)] * 2, [])
    with pytest.raises(RuntimeError, match="VolumeSampler: expected sample_mode to be one of bilinear, nearest, but got \"cubic\""):
        functions.sample_volumes(volumes, rays(2), "cubic", "zeros")
    with pytest.raises(RuntimeError, match="VolumeSampler: expected padding_mode to be one of zeros, border, reflection, but got \"none\""):
        functions.sample_volumes(volumes, rays(2), "nearest", "none")
    with pytest.raises(RuntimeError, match=r"VolumeSampler: expected rays \[N, ..., 3\] with N a multiple of the 2 volumes, but got \[3, 7, 3\]"):
        functions.sample_volumes(volumes, rays(3), "nearest", "zeros")
    with pytest.raises(RuntimeError, match="VolumeSampler: expected padding_mode to be zeros for volumes of different sizes, but got \"border\""):
        functions.sample_volumes(Volumes([random(1, 3, 3, 3), random(1, 2, 3, 3)], []), rays(2), "bilinear", "border")


# --- Renderers ---


def test_a_ball():
    """The middle of the picture shows its front, the corners nothing."""
    picture = functions.render_ball(cameras(2), 9, 9, 1.0)
    assert picture.shape == (2, 9, 9, 4)
    torch.testing.assert_close(picture[0, 4, 4], torch.tensor([0.0, 0.0, -1.0, 1.0]), atol=0.02, rtol=0)
    assert (picture[:, 0, 0] == 0).all()
    # The share of the picture within the cone that touches the ball.
    x, y = torch.meshgrid(*[1 - (2 * torch.arange(9) + 1) / 9] * 2, indexing="ij")
    inside = (x**2 + y**2) * math.tan(math.radians(30)) ** 2 < math.tan(math.asin(1 / 3)) ** 2
    assert torch.equal(picture[0, ..., 3] > 0.5, inside)


def test_volumes_seen_by_several_cameras():
    densities = random(2, 1, 6, 6, 6) * 0.2
    features = random(2, 3, 6, 6, 6, seed=1)
    together = functions.render_volumes(Volumes(list(densities), list(features), torch.tensor(0.3)), cameras(4), 7, 5, 20, 1.0, 5.0)
    for n in range(4):
        one = Volumes([densities[n // 2]], [features[n // 2]], torch.tensor(0.3))
        alone = functions.render_volumes(one, cameras(4).at(n), 7, 5, 20, 1.0, 5.0)
        torch.testing.assert_close(together[n], alone[0])
    assert together.shape == (4, 5, 7, 4) and (together > 0.1).any()


def test_the_opacity_of_a_homogeneous_cube():
    """From -1 to 1, with a sample each 0.1: 21 within it, and two on each side of it in the voxel over which it fades out."""
    cube = Volumes([torch.full((1, 9, 9, 9), 0.1)], [], torch.tensor(0.25))
    picture = functions.render_volumes(cube, cameras(1), 3, 3, 41, 1.0, 5.0)
    assert picture.shape == (1, 3, 3, 1)
    assert picture[0, 1, 1].item() == pytest.approx(1 - 0.9**21 * (0.94 * 0.98) ** 2, abs=1e-4)
