"""Points and fields on fake CUDA tensors, which have no values: results are on their device, and nothing mixes devices."""

import pytest
import torch
from bisque3d import renderer
from bisque3d.renderer.blending import BlendParams
from bisque3d.renderer.fisheyecameras import FishEyeCameras
from bisque3d.renderer.implicit.sample_pdf import sample_pdf, sample_pdf_python
from bisque3d.renderer.points.compositor import _add_background_color_to_images
from bisque3d.structures import Pointclouds, Volumes
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv

D = torch.device("cuda", 0)  # an index, because there may be no driver to ask for the current one


def rand(*shape):
    return torch.rand(*shape, device=D)


def cameras(kind=renderer.FoVPerspectiveCameras, count=2, **options):
    return kind(R=torch.eye(3, device=D).expand(count, 3, 3), T=rand(count, 3), device=D, **options)


def clouds():
    return Pointclouds([rand(5, 3), rand(7, 3)], features=[rand(5, 4), rand(7, 4)])


def points_renderer(radius=0.1, compositor=renderer.AlphaCompositor, color=(1.0, 0.0, 0.0)):
    settings = renderer.PointsRasterizationSettings(image_size=8, radius=radius)
    return renderer.PointsRenderer(renderer.PointsRasterizer(cameras(), settings), compositor(color))


def sampler(**options):
    return renderer.NDCMultinomialRaysampler(image_width=4, image_height=3, n_pts_per_ray=5, min_depth=1.0, max_depth=2.0, **options)


def field(ray_bundle, **_):
    points = renderer.ray_bundle_to_ray_points(ray_bundle)
    return points[..., :1], renderer.HarmonicEmbedding(2).to(D)(points)


def splat():
    blender = renderer.SplatterBlender((2, 3, 4, 2), D)
    background = torch.zeros(2, 3, 4, 2, dtype=torch.bool, device=D)
    return blender(rand(2, 3, 4, 2, 3), rand(2, 3, 4, 2, 3), cameras(), background, BlendParams())


MARCH = renderer.EmissionAbsorptionRaymarcher
CASES = {
    "PointsRenderer": lambda: points_renderer()(clouds()),
    "radii": lambda: points_renderer(rand(2, 7))(clouds()),
    "a list of radii": lambda: points_renderer([[0.1] * 7] * 2, renderer.NormWeightedCompositor)(clouds()),
    "no background": lambda: points_renderer(color=None)(clouds()),
    "fisheye": lambda: renderer.PointsRasterizer(cameras(FishEyeCameras, world_coordinates=True))(clouds()).zbuf,
    "unproject": lambda: cameras(FishEyeCameras).unproject_points(rand(2, 5, 3)),
    "color": lambda: _add_background_color_to_images(torch.zeros(1, 1, 2, 2, dtype=torch.int32, device=D), rand(1, 4, 2, 2), (1.0, 2.0, 3.0)),
    "rays": lambda: [*sampler()(cameras()), *sampler(stratified_sampling=True, unit_directions=True)(cameras())],
    "random places": lambda: [*renderer.MonteCarloRaysampler(-1, 1, -1, 1, 6, 5, 1.0, 2.0)(cameras())],
    "ImplicitRenderer": lambda: renderer.ImplicitRenderer(sampler(), MARCH())(cameras(), field)[0],
    "VolumeRenderer": lambda: renderer.VolumeRenderer(sampler(), MARCH())(cameras(), Volumes(rand(2, 1, 3, 4, 5), rand(2, 3, 3, 4, 5)))[0],
    "AbsorptionOnlyRaymarcher": lambda: renderer.AbsorptionOnlyRaymarcher()(rand(2, 5, 1)),
    "sample_pdf": lambda: [sample(rand(3, 5), rand(3, 4), 6, det) for sample in (sample_pdf, sample_pdf_python) for det in (False, True)],
    "SplatterBlender": splat,
}


@pytest.mark.parametrize("name", CASES)
def test_results_are_on_the_device(name, monkeypatch):
    # Checks of values are left out, as in compiled code, since these tensors have none.
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    shapes = ShapeEnv(allow_scalar_outputs=True, allow_dynamic_output_shape_ops=True)
    with FakeTensorMode(allow_non_fake_inputs=True, shape_env=shapes):
        results = CASES[name]()
        for result in results if isinstance(results, list) else [results]:
            assert result.device == D
