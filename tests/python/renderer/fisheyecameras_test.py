"""FishEyeCameras in Python, compared with the class of the C++ library and with formulas."""

import pytest
import torch
from bisque3d.renderer.cameras import PerspectiveCameras, try_get_projection_transform
from bisque3d.renderer.fisheyecameras import FishEyeCameras
from bisque3d.renderer.points import PointsRasterizationSettings, PointsRasterizer
from bisque3d.structures import Pointclouds

from tests.testing.functions import functions  # noqa: F401  registers torch.classes.bisque_functions

F64 = torch.float64


def rotations(n):
    angles = torch.linspace(0.2, 0.9, n, dtype=F64)
    zero, one = torch.zeros_like(angles), torch.ones_like(angles)
    return torch.stack([angles.cos(), zero, angles.sin(), zero, one, zero, -angles.sin(), zero, angles.cos()], 1).view(-1, 3, 3)


def parameters(n):
    generator = torch.Generator().manual_seed(5)

    def rand(*sizes):
        return torch.rand(*sizes, generator=generator, dtype=F64)

    return {
        "focal_length": 1 + rand(n, 2),
        "principal_point": rand(n, 2) - 0.5,
        "radial_params": 0.05 * (rand(n, 6) - 0.5),
        "tangential_params": 0.02 * (rand(n, 2) - 0.5),
        "thin_prism_params": 0.02 * (rand(n, 4) - 0.5),
        "R": rotations(n),
        "T": torch.cat([rand(n, 2), 4 + rand(n, 1)], 1),
    }


def points(*sizes):
    return torch.rand(*sizes, 3, generator=torch.Generator().manual_seed(1), dtype=F64) - 0.5 + torch.tensor([0, 0, 1.5], dtype=F64)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("world", [False, True])
@pytest.mark.parametrize("without", [(), ("use_radial",), ("use_tangential", "use_thin_prism"), ("use_radial", "use_tangential", "use_thin_prism")])
def test_the_class_of_the_cpp_library(count, world, without):
    p, flags = parameters(count), {"world_coordinates": world} | {name: False for name in without}
    ours, theirs = FishEyeCameras(**p, **flags), torch.classes.bisque_functions.Cameras("fisheye", p, flags)
    x = points(count, 20)
    torch.testing.assert_close(ours.transform_points(x), theirs.transform_points(x))
    xy_depth = torch.cat([ours.transform_points(x)[..., :2], 1 + points(count, 20)[..., :1]], 2)
    torch.testing.assert_close(ours.unproject_points(xy_depth), theirs.unproject_points(xy_depth))


@pytest.mark.parametrize("world", [False, True])
def test_unproject_points_inverts(world):
    cameras, x = FishEyeCameras(**parameters(3), world_coordinates=world), points(20)
    depth = cameras.get_world_to_view_transform().transform_points(x)[..., 2:] if world else x[None, :, 2:].expand(3, 20, 1)
    places = cameras.transform_points(x)
    assert (places[..., 2] == 1).all()
    back = cameras.unproject_points(torch.cat([places[..., :2], depth], 2))
    torch.testing.assert_close(back, x.expand(3, 20, 3))
    view = cameras.unproject_points(torch.cat([places[..., :2], depth], 2), world_coordinates=False)
    expected = cameras.get_world_to_view_transform().transform_points(x) if world else x.expand(3, 20, 3)
    torch.testing.assert_close(view, expected)


def test_places_without_depths_have_depth_1():
    cameras = FishEyeCameras(**parameters(3))
    places = cameras.transform_points(points(20))
    torch.testing.assert_close(cameras.unproject_points(places[..., :2]), (points(20) / points(20)[:, 2:]).expand(3, 20, 3))


def test_without_distortion_it_is_a_pinhole_or_equidistant():
    p = {name: value for name, value in parameters(2).items() if not name.endswith("_params")}
    x = points(2, 20)
    pinhole = FishEyeCameras(**p, use_radial=False, use_tangential=False, use_thin_prism=False, world_coordinates=True)
    torch.testing.assert_close(pinhole.transform_points(x)[..., :2], PerspectiveCameras(**p).transform_points(x)[..., :2])
    r = x[..., :2].norm(dim=-1, keepdim=True)
    q = torch.atan2(r, x[..., 2:]) * x[..., :2] / r
    expected = p["focal_length"][:, None] * q + p["principal_point"][:, None]
    torch.testing.assert_close(FishEyeCameras(**p).transform_points(x)[..., :2], expected)


@pytest.mark.parametrize(
    "count, shape, expected", [(1, (5, 3), (5, 3)), (1, (1, 5, 3), (1, 5, 3)), (1, (4, 5, 3), (4, 5, 3)), (3, (5, 3), (3, 5, 3)), (3, (1, 1, 3), (3, 1, 3))]
)
def test_shapes(count, shape, expected):
    cameras = FishEyeCameras(**parameters(count))
    assert cameras.transform_points(torch.ones(shape, dtype=F64)).shape == expected
    assert cameras.unproject_points(torch.ones(shape, dtype=F64)).shape == expected
    assert cameras.check_input(torch.ones(shape), count)


@pytest.mark.parametrize("shape", [(2, 5, 3), (5, 2), (1, 1, 5, 3)])
def test_errors_of_shapes(shape):
    cameras = FishEyeCameras(**parameters(3))
    assert not cameras.check_input(torch.ones(shape), 3)
    for function in (cameras.transform_points, cameras.unproject_points):
        if function == cameras.unproject_points and shape == (5, 2):
            continue  # places without depths
        with pytest.raises(ValueError, match=r"Expected points of \(P, 3\) with batch_size 1 or N, .* got points of shape \(.*\) and batch_size 3"):
            function(torch.ones(shape, dtype=F64))


def test_other_errors():
    with pytest.raises(ValueError, match="Image_size provided has invalid values"):
        FishEyeCameras(image_size=((0, 4),))
    with pytest.raises(ValueError, match="expected depths of view space in unproject_points"):
        FishEyeCameras().unproject_points(torch.ones(1, 3), scaled_depth_input=True)


def test_gradients():
    p, x = parameters(2), points(2, 4).requires_grad_()
    p["radial_params"].requires_grad_()
    p["thin_prism_params"].requires_grad_()

    def project(x, radial, thin_prism):
        return FishEyeCameras(**p | {"radial_params": radial, "thin_prism_params": thin_prism}).transform_points(x)

    def unproject(xy_depth, radial, thin_prism):
        return FishEyeCameras(**p | {"radial_params": radial, "thin_prism_params": thin_prism}).unproject_points(xy_depth)

    assert torch.autograd.gradcheck(project, (x, p["radial_params"], p["thin_prism_params"]))
    assert torch.autograd.gradcheck(unproject, (x, p["radial_params"], p["thin_prism_params"]))


def test_on_its_axis_it_has_gradients():
    point = torch.tensor([[0.0, 0.0, 2.0]], requires_grad=True)
    FishEyeCameras().transform_points(point)[:, :2].sum().backward()
    torch.testing.assert_close(point.grad, torch.tensor([[0.5, 0.5, 0.0]]))
    xy_depth = torch.tensor([[0.0, 0.0, 2.0]], requires_grad=True)
    FishEyeCameras().unproject_points(xy_depth).sum().backward()
    torch.testing.assert_close(xy_depth.grad, torch.tensor([[2.0, 2.0, 1.0]]))


def test_any_number_of_radial_parameters():
    x = points(5).float()
    two = FishEyeCameras(radial_params=torch.tensor([[0.1, -0.02]]))
    six = FishEyeCameras(radial_params=torch.tensor([[0.1, -0.02, 0, 0, 0, 0]]))
    assert two.num_radial == 2 and six.num_radial == 6
    torch.testing.assert_close(two.transform_points(x), six.transform_points(x))


def test_eps_keeps_depths_away_from_zero():
    x = torch.tensor([[1.0, 2.0, 0.0]])
    assert FishEyeCameras(use_radial=False).transform_points(x, eps=0.5)[0, :2].tolist() == [2, 4]


def test_properties():
    cameras = FishEyeCameras(**parameters(3), world_coordinates=True, image_size=((20, 30),))
    assert cameras.in_ndc() and not cameras.is_perspective() and try_get_projection_transform(cameras, {}) is None
    assert torch.equal(cameras.focal, cameras.focal_length) and len(cameras) == 3
    chosen = cameras[[2, 0]]
    assert torch.equal(chosen.radial_params, cameras.radial_params[[2, 0]]) and chosen.world_coordinates and len(chosen) == 2
    clone = cameras.clone()
    assert clone.world_coordinates and torch.equal(clone.transform_points(points(5)), cameras.transform_points(points(5)))
    assert cameras.to("cpu") is not None
    cameras.focal = torch.ones(3, 1, dtype=F64)
    assert torch.equal(cameras.focal_length, torch.ones(3, 1, dtype=F64)) and FishEyeCameras().image_size is None


def test_clouds_are_rasterized():
    cameras = FishEyeCameras(**{name: value.float() for name, value in parameters(2).items()}, world_coordinates=True)
    clouds = Pointclouds(points(2, 30).float())
    rasterizer = PointsRasterizer(cameras, PointsRasterizationSettings(image_size=16, radius=0.1))
    projected = rasterizer.transform(clouds).points_padded()
    torch.testing.assert_close(projected[..., :2], cameras.transform_points(clouds.points_padded())[..., :2])
    assert (rasterizer(clouds).idx >= 0).any()
