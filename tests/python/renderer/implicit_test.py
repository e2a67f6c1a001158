"""Raymarchers, the harmonic embedding, sampling of densities, rays, and the renderers of fields and volumes, compared with plain torch."""

import warnings

import pytest
import torch
from bisque3d.renderer.cameras import FoVPerspectiveCameras
from bisque3d.renderer.implicit import (
    AbsorptionOnlyRaymarcher,
    EmissionAbsorptionRaymarcher,
    HarmonicEmbedding,
    HeterogeneousRayBundle,
    ImplicitRenderer,
    NDCMultinomialRaysampler,
    RayBundle,
    VolumeRenderer,
    VolumeSampler,
    ray_bundle_to_ray_points,
    ray_bundle_variables_to_ray_points,
)
from bisque3d.renderer.implicit.raymarching import _check_density_bounds, _check_raymarcher_inputs, _shifted_cumprod
from bisque3d.renderer.implicit.sample_pdf import sample_pdf, sample_pdf_python
from bisque3d.renderer.implicit.utils import _validate_ray_bundle_variables
from bisque3d.structures import Volumes


def random(*sizes, seed=0, dtype=torch.float32):
    return torch.rand(*sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


# --- Raymarchers ---


@pytest.mark.parametrize("rays", [(3,), (2, 4, 5), (), (0, 2)])
@pytest.mark.parametrize("thickness", [1, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_raymarchers(rays, thickness, dtype):
    densities, features = random(*rays, 6, 1, dtype=dtype), random(*rays, 6, 3, seed=1, dtype=dtype)
    passed = _shifted_cumprod(1 - densities[..., 0], thickness)
    torch.testing.assert_close(passed, torch.cat([torch.ones_like(passed[..., :thickness]), (1 - densities[..., 0]).cumprod(-1)[..., :-thickness]], -1))
    expected = torch.cat([((densities[..., 0] * passed)[..., None] * features).sum(-2), 1 - (1 - densities).prod(-2)], -1)
    torch.testing.assert_close(EmissionAbsorptionRaymarcher(thickness)(rays_densities=densities, rays_features=features, ray_bundle=None), expected)
    torch.testing.assert_close(AbsorptionOnlyRaymarcher()(rays_densities=densities, rays_features=features, ray_bundle=None), expected[..., 3:])


def test_gradients_of_raymarchers():
    densities, features = random(2, 4, 1, dtype=torch.float64).requires_grad_(), random(2, 4, 3, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(EmissionAbsorptionRaymarcher(), (densities, features))
    assert torch.autograd.gradcheck(AbsorptionOnlyRaymarcher(), (densities,))


@pytest.mark.parametrize("density, message", [(1.5, "outside of valid range"), (-0.5, "outside of valid range")])
def test_densities_out_of_range_are_a_warning(density, message):
    for march in (EmissionAbsorptionRaymarcher(), AbsorptionOnlyRaymarcher()):
        with pytest.warns(UserWarning, match=message):
            march(rays_densities=torch.full([2, 3, 1], density), rays_features=torch.ones(2, 3, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _check_density_bounds(torch.tensor([-1.0, 2.0]), bounds=(-1.0, 2.0))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((None, None, None), "rays_densities has to be an instance of torch.Tensor"),
        ((torch.ones(2, 1), None, torch.ones(2)), "rays_features has to be an instance of torch.Tensor"),
        ((torch.ones(2, 1), torch.ones(2, 3), None), "rays_z has to be an instance of torch.Tensor"),
        ((torch.ones(1), torch.ones(1), torch.ones(1)), r"rays_densities have to have at least two dimensions \(..., P, 1\)"),
        ((torch.ones(2, 2), torch.ones(2, 3), torch.ones(2)), "The size of the last dimension of rays_densities has to be one"),
        ((torch.ones(2, 1), torch.ones(2, 3), torch.ones(3)), "rays_z have to be of the same shape as rays_densities"),
        ((torch.ones(2, 1), torch.ones(3, 3), torch.ones(2)), "The first to previous to last dimensions of rays_features have to be the same"),
    ],
)
def test_errors_of_raymarchers(arguments, message):
    with pytest.raises(ValueError, match=message):
        _check_raymarcher_inputs(*arguments)
    if "rays_z" not in message:
        with pytest.raises(ValueError, match=message):
            EmissionAbsorptionRaymarcher()(*arguments[:2])


# --- HarmonicEmbedding ---


@pytest.mark.parametrize("n, omega_0, logspace", [(4, 1.0, True), (3, 0.5, False), (1, 2.0, False), (0, 1.0, True)])
@pytest.mark.parametrize("append_input", [False, True])
@pytest.mark.parametrize("with_variance", [False, True])
def test_harmonic_embedding(n, omega_0, logspace, append_input, with_variance):
    x, variance = random(2, 5, 3, dtype=torch.float64), random(2, 5, 3, seed=1, dtype=torch.float64) if with_variance else None
    frequencies = omega_0 * (2.0 ** torch.arange(n) if logspace else torch.linspace(1, 2.0 ** (n - 1), n)).double()
    rows = []
    for function in (torch.sin, torch.cos):
        for axis in range(3):
            for frequency in frequencies:
                row = function(x[..., axis] * frequency)
                rows.append(row * (-0.5 * variance[..., axis] * frequency**2).exp() if with_variance else row)
    rows += [x[..., axis] for axis in range(3)] if append_input else []
    embedding = HarmonicEmbedding(n, omega_0, logspace, append_input)
    result = embedding(x, variance)
    assert result.shape == (2, 5, len(rows)) and embedding.get_output_dim(3) == HarmonicEmbedding.get_output_dim_static(3, n, append_input) == len(rows)
    if rows:
        torch.testing.assert_close(result, torch.stack(rows, -1))
    assert not embedding.state_dict()


def test_errors_of_harmonic_embedding():
    with pytest.raises(ValueError, match="HarmonicEmbedding: expected n_harmonic_functions to be at least 0, but got -1"):
        HarmonicEmbedding(-1)


# --- sample_pdf ---


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (0,)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("det", [False, True])
def test_sample_pdf(shape, dtype, det):
    bins, weights = random(*shape, 9, dtype=dtype).sort(-1).values, random(*shape, 8, dtype=dtype)
    torch.manual_seed(0)
    ours = sample_pdf(bins, weights, 20, det)
    torch.manual_seed(0)
    expected = sample_pdf_python(bins, weights, 20, det)
    assert ours.shape == (*shape, 20) and ours.dtype == dtype
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4)


def test_samples_are_distributed_as_the_weights():
    torch.manual_seed(0)
    samples = sample_pdf(torch.tensor([0.0, 1.0, 2.0, 4.0]), torch.tensor([1.0, 0.0, 3.0]), 100_000)
    shares = torch.histc(samples, 4, 0, 4) / 100_000
    torch.testing.assert_close(shares, torch.tensor([0.25, 0.0, 0.375, 0.375]), atol=0.01, rtol=0)


def test_gradients_of_sample_pdf():
    bins = random(3, 5, dtype=torch.float64).sort(-1).values.requires_grad_()
    weights = random(3, 4, seed=1, dtype=torch.float64).requires_grad_()
    gradients = [torch.autograd.grad(sample(bins, weights, 4, det=True).square().sum(), (bins, weights)) for sample in (sample_pdf, sample_pdf_python)]
    for a, b in zip(*gradients):
        torch.testing.assert_close(a, b)


def test_errors_of_sample_pdf():
    for sample in (sample_pdf, sample_pdf_python):
        with pytest.raises(ValueError, match="Negative weights provided: expected weights above -eps = -1e-05"):
            sample(torch.arange(3.0), torch.tensor([1.0, -1.0]), 4)
    with pytest.raises(ValueError, match=r"Inconsistent shapes of bins and weights: \(3,\), \(3,\); expected \(..., B \+ 1\), \(..., B\)"):
        sample_pdf(torch.arange(3.0), torch.ones(3), 4)


# --- Rays ---


def bundle(count, dtype=torch.float32, kind=RayBundle):
    """Through the cube from -1 to 1, and beyond it."""
    origins, directions = random(count, 7, 3, dtype=dtype) * 2 - 1, random(count, 7, 3, seed=1, dtype=dtype) - 0.5
    return kind(origins, directions, torch.linspace(0, 3, 5, dtype=dtype).expand(count, 7, 5), torch.zeros(count, 7, 2, dtype=dtype))


@pytest.mark.parametrize("kind", [RayBundle, HeterogeneousRayBundle])
def test_ray_points(kind):
    rays = bundle(2, kind=kind)
    expected = torch.stack([rays.origins + rays.lengths[..., i : i + 1] * rays.directions for i in range(5)], -2)
    torch.testing.assert_close(ray_bundle_to_ray_points(rays), expected)
    torch.testing.assert_close(ray_bundle_variables_to_ray_points(rays.origins, rays.directions, rays.lengths), expected)


@pytest.mark.parametrize(
    "shapes, message",
    [
        (((2, 7, 3), (2, 3), (2, 7, 5)), "have to have the same number of dimensions"),
        (((7, 3), (7, 3), (7, 5)), "have to have at least 3 dimensions"),
        (((2, 7, 3), (2, 7, 3), (2, 6, 5)), "may differ only in the last dimension"),
        (((2, 7, 2), (2, 7, 3), (2, 7, 5)), "The size of the last dimension of rays_origins/rays_directions has to be 3"),
    ],
)
def test_errors_of_rays(shapes, message):
    with pytest.raises(ValueError, match=message):
        _validate_ray_bundle_variables(*map(torch.zeros, shapes))


# --- Volumes ---


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
def test_volumes_are_sampled_at_the_points_of_rays(align_corners, mode, padding_mode):
    densities, features = random(2, 1, 4, 5, 6), random(2, 3, 4, 5, 6, seed=2)
    volumes = Volumes(densities, features, voxel_size=0.4, volume_translation=[0.1, -0.2, 0.3], align_corners=align_corners)
    rays = bundle(2)
    local = volumes.world_to_local_coords(ray_bundle_to_ray_points(rays).view(2, -1, 3))
    sampled = VolumeSampler(volumes, mode, padding_mode)(rays)
    for result, values in zip(sampled, (densities, features)):
        expected = torch.nn.functional.grid_sample(values, local[:, :, None, None], mode, padding_mode, align_corners)
        torch.testing.assert_close(result, expected.flatten(2).transpose(1, 2).reshape(2, 7, 5, -1), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("align_corners", [True, False])
def test_a_volume_of_a_batch_of_different_sizes_is_sampled_as_alone(align_corners):
    sizes = [(4, 5, 6), (3, 7, 2), (6, 2, 7)]
    densities = [random(1, *size, seed=i) for i, size in enumerate(sizes)]
    features = [random(2, *size, seed=i + 3) for i, size in enumerate(sizes)]
    rays, options = bundle(3), dict(voxel_size=0.4, volume_translation=[0.1, -0.2, 0.3], align_corners=align_corners)
    together = VolumeSampler(Volumes(densities, features, **options))(rays)
    for n in range(3):
        alone = VolumeSampler(Volumes([densities[n]], [features[n]], **options))(RayBundle(*(tensor[n : n + 1] for tensor in rays)))
        for a, b in zip(together, alone):
            torch.testing.assert_close(a[n : n + 1], b, atol=1e-5, rtol=1e-4)


def test_volumes_without_features():
    densities, features = VolumeSampler(Volumes(random(2, 1, 4, 5, 6)))(bundle(2))
    assert densities.shape == (2, 7, 5, 1) and features.shape == (2, 7, 5, 0)


def test_errors_of_volume_sampler():
    with pytest.raises(ValueError, match="'volumes' have to be an instance of the 'Volumes' class. Got <class 'int'>"):
        VolumeSampler(3)
    with pytest.raises(ValueError, match="Input volumes have to have the same batch size as rays. Got 2 volumes"):
        VolumeSampler(Volumes(torch.zeros(2, 1, 4, 4, 4)))(bundle(3))
    with pytest.raises(ValueError, match="expected padding_mode to be zeros for volumes of different sizes, but got 'border'"):
        VolumeSampler(Volumes([torch.zeros(1, 2, 2, 2), torch.zeros(1, 3, 2, 2)]), padding_mode="border")


def test_gradients_of_volumes_and_rays():
    densities, features = random(1, 1, 3, 3, 3, dtype=torch.float64).requires_grad_(), random(1, 2, 3, 3, 3, seed=5, dtype=torch.float64).requires_grad_()
    rays = bundle(1, torch.float64)
    assert torch.autograd.gradcheck(
        lambda d, f, o: VolumeSampler(Volumes(d, f))(rays._replace(origins=o)), (densities, features, rays.origins.clone().requires_grad_())
    )


# --- Renderers ---


def cameras(count):
    return FoVPerspectiveCameras(T=torch.tensor([[0.0, 0.0, 3.0]]).expand(count, 3))


def ball(ray_bundle, cameras, radius=1.0, **kwargs):
    distance = ray_bundle_to_ray_points(ray_bundle).norm(dim=-1, keepdim=True)
    return (20 * (radius - distance)).sigmoid(), distance.expand(*distance.shape[:-1], 3) / 4


def test_implicit_renderer():
    sampler = NDCMultinomialRaysampler(image_width=7, image_height=5, n_pts_per_ray=32, min_depth=1.0, max_depth=5.0)
    renderer = ImplicitRenderer(raysampler=sampler, raymarcher=EmissionAbsorptionRaymarcher())
    images, rays = renderer(cameras(2), ball, radius=0.8)
    assert images.shape == (2, 5, 7, 4) and isinstance(rays, RayBundle)
    densities, features = ball(sampler(cameras(2)), None, radius=0.8)
    torch.testing.assert_close(images, EmissionAbsorptionRaymarcher()(densities, features))
    assert images[0, 2, 3, 3] > 0.99 and images[0, 0, 0, 3] < 0.01


def test_volume_renderer():
    sampler = NDCMultinomialRaysampler(image_width=6, image_height=6, n_pts_per_ray=32, min_depth=1.0, max_depth=5.0)
    volumes = Volumes(torch.full([2, 1, 8, 8, 8], 0.5), torch.full([2, 3, 8, 8, 8], 0.25), voxel_size=0.2)
    images, rays = VolumeRenderer(sampler, EmissionAbsorptionRaymarcher())(cameras=cameras(2), volumes=volumes)
    torch.testing.assert_close(images, EmissionAbsorptionRaymarcher()(*VolumeSampler(volumes)(rays)))
    assert images[0, 3, 3, 3] > 0.9


@pytest.mark.parametrize("name, arguments", [("raysampler", (None, len)), ("raymarcher", (len, None))])
def test_errors_of_implicit_renderer(name, arguments):
    with pytest.raises(ValueError, match=f'"{name}" has to be a "Callable" object. Got'):
        ImplicitRenderer(*arguments)
    with pytest.raises(ValueError, match='"volumetric_function" has to be a "Callable" object. Got'):
        ImplicitRenderer(len, len)(cameras(1), None)


def test_modules_are_parts():
    renderer = VolumeRenderer(NDCMultinomialRaysampler(image_width=2, image_height=2, n_pts_per_ray=2, min_depth=1, max_depth=2), EmissionAbsorptionRaymarcher(3))
    assert renderer.renderer.raymarcher.surface_thickness == 3 and len(list(renderer.modules())) == 4
