"""Cameras against matrices that are written out, their inverses, and what their parameters mean."""

import copy
import math

import pytest
import torch

from bisque3d import renderer
from bisque3d.renderer import cameras as cameras_module
from bisque3d.renderer.camera_utils import camera_to_eye_at_up, join_cameras_as_batch, rotate_on_spot
from bisque3d.transforms import axis_angle_to_matrix, random_rotations

ALL = [
    lambda **view: renderer.FoVPerspectiveCameras(znear=0.5, zfar=20.0, fov=(40.0, 50.0, 60.0), aspect_ratio=1.2, **view),
    lambda **view: renderer.FoVOrthographicCameras(min_x=-2.0, max_x=1.5, max_y=3.0, scale_xyz=((1.1, 0.9, 1.0),), **view),
    lambda **view: renderer.PerspectiveCameras(focal_length=((2.0, 1.5),), principal_point=((0.1, -0.2),), **view),
    lambda **view: renderer.OrthographicCameras(focal_length=(2.0, 1.5, 1.0), principal_point=((0.1, -0.2),), **view),
    lambda **view: renderer.PerspectiveCameras(focal_length=300.0, principal_point=((70.0, 40.0),), in_ndc=False, image_size=((100, 160),), **view),
    lambda **view: renderer.OrthographicCameras(focal_length=30.0, principal_point=((70.0, 40.0),), in_ndc=False, image_size=((100, 160),), **view),
]


@pytest.fixture
def view():
    torch.manual_seed(0)
    return dict(R=random_rotations(3, dtype=torch.float64), T=torch.tensor([[0.1, -0.2, 5.0]], dtype=torch.float64).expand(3, -1))


@pytest.fixture
def points():
    return torch.rand(3, 7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) - 0.5


def projected(K, R, T, points):
    """By K [4, 4] for column vectors."""
    view = points @ R + T
    h = torch.cat((view, torch.ones_like(view[:, :1])), 1) @ K.T
    return h[:, :3] / h[:, 3:]


def test_fov_perspective(view, points):
    cameras = ALL[0](**view)
    for i, fov in enumerate((40.0, 50.0, 60.0)):
        s = 1 / math.tan(math.radians(fov) / 2)
        f, n = 20.0, 0.5
        K = torch.tensor([[s / 1.2, 0, 0, 0], [0, s, 0, 0], [0, 0, f / (f - n), -f * n / (f - n)], [0, 0, 1, 0]], dtype=torch.float64)
        expected = projected(K, view["R"][i], view["T"][i], points[i])
        torch.testing.assert_close(cameras.transform_points(points)[i], expected)
        torch.testing.assert_close(cameras.compute_projection_matrix(0.5, 20.0, cameras.fov, 1.2, True)[i], K)
    in_radians = renderer.FoVPerspectiveCameras(znear=0.5, zfar=20.0, fov=math.radians(40), aspect_ratio=1.2, degrees=False, **view)
    torch.testing.assert_close(in_radians.transform_points(points)[0], cameras.transform_points(points)[0])
    assert cameras.is_perspective() and cameras.in_ndc() and cameras.get_image_size() is None
    torch.testing.assert_close(cameras.get_znear(), torch.full((3,), 0.5, dtype=torch.float64))


def test_calibration_matrices_of_a_focal_length():
    for orthographic in (False, True):
        K = cameras_module._get_sfm_calibration_matrix(2, "cpu", 3.0, ((0.1, 0.2),), orthographic)
        cls = renderer.OrthographicCameras if orthographic else renderer.PerspectiveCameras
        cameras = cls(focal_length=(3.0, 3.0), principal_point=((0.1, 0.2),))
        torch.testing.assert_close(K.mT, cameras.get_projection_transform().get_matrix())


def test_a_derived_class_may_compute_its_matrix():
    class Flipped(renderer.FoVPerspectiveCameras):
        def compute_projection_matrix(self, *args):
            return super().compute_projection_matrix(*args) * torch.tensor([-1.0, 1.0, 1.0, 1.0])[:, None]

    points = torch.rand(5, 3) + 1
    expected = renderer.FoVPerspectiveCameras(fov=40.0).transform_points(points) * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(Flipped(fov=40.0).transform_points(points), expected)


def test_fov_orthographic(view, points):
    cameras = ALL[1](**view)
    K = torch.tensor(
        [[2 / 3.5 * 1.1, 0, 0, 0.5 / 3.5], [0, 2 / 4 * 0.9, 0, -2 / 4], [0, 0, 1 / 99, -1 / 99], [0, 0, 0, 1]], dtype=torch.float64
    )
    expected = torch.stack([projected(K, R, T, p) for R, T, p in zip(view["R"], view["T"], points)])
    torch.testing.assert_close(cameras.transform_points(points), expected)
    matrix = cameras.compute_projection_matrix(1.0, 100.0, 1.5, -2.0, 3.0, -1.0, cameras.scale_xyz)
    torch.testing.assert_close(matrix, K.expand(3, -1, -1))
    assert not cameras.is_perspective()


@pytest.mark.parametrize("make", ALL[2:4])
def test_focal_length_in_ndc(make, view, points):
    cameras = make(**view)
    seen = points @ view["R"] + view["T"][:, None]
    scale = seen[..., 2:] if cameras.is_perspective() else 1
    expected = cameras.focal_length[:, None] * seen[..., :2] / scale + cameras.principal_point[:, None]
    torch.testing.assert_close(cameras.transform_points(points)[..., :2], expected)
    torch.testing.assert_close(cameras.transform_points_ndc(points), cameras.transform_points(points))
    torch.testing.assert_close(cameras.get_principal_point(), cameras.principal_point)


@pytest.mark.parametrize("make", ALL[4:])
def test_focal_length_in_pixels(make, view, points):
    cameras = make(**view)
    seen = points @ view["R"] + view["T"][:, None]
    scale = seen[..., 2:] if cameras.is_perspective() else 1
    pixels = cameras.principal_point[:, None] - cameras.focal_length[:, None] * seen[..., :2] / scale  # +X right, +Y down
    torch.testing.assert_close(cameras.transform_points_screen(points)[..., :2], pixels)
    ndc = (torch.tensor([80.0, 50.0], dtype=torch.float64) - pixels) / 50
    torch.testing.assert_close(cameras.transform_points_ndc(points)[..., :2], ndc)
    assert not cameras.in_ndc()
    torch.testing.assert_close(cameras.get_image_size(), torch.tensor([[100.0, 160.0]], dtype=torch.float64).expand(3, -1))


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("world_coordinates", [True, False])
@pytest.mark.parametrize("from_ndc", [True, False])
def test_unprojection_is_the_inverse(make, world_coordinates, from_ndc, view, points):
    cameras = make(**view)
    is_fov = hasattr(cameras, "znear")
    seen = cameras.get_world_to_view_transform().transform_points(points)
    xy = (cameras.transform_points_ndc if from_ndc else cameras.transform_points)(points)[..., :2]
    flags = {} if is_fov else {"from_ndc": from_ndc}
    given = torch.cat((xy, seen[..., 2:]), -1)
    expected = points if world_coordinates else seen
    torch.testing.assert_close(cameras.unproject_points(given, world_coordinates=world_coordinates, **flags), expected)
    if is_fov:
        scaled = cameras.transform_points(points)
        torch.testing.assert_close(cameras.unproject_points(scaled, world_coordinates, scaled_depth_input=True), expected)


def test_shapes_of_points():
    single = renderer.FoVPerspectiveCameras()
    several = renderer.FoVPerspectiveCameras(fov=(30.0, 60.0))
    points = torch.rand(5, 3) + 1
    assert single.transform_points(points).shape == (5, 3)
    assert single.unproject_points(points).shape == (5, 3)
    assert several.transform_points(points).shape == (2, 5, 3)
    assert several.unproject_points(points).shape == (2, 5, 3)
    assert several.transform_points(points[None]).shape == (2, 5, 3)
    assert single.transform_points(points.expand(4, -1, -1)).shape == (4, 5, 3)


def test_arguments_of_calls_replace_parameters(view, points):
    cameras = renderer.FoVPerspectiveCameras(**view)
    other = renderer.FoVPerspectiveCameras(fov=30.0, R=view["R"].flip(0), T=view["T"] + 1)
    kept = cameras.transform_points(points)
    expected = other.get_full_projection_transform().get_matrix()
    torch.testing.assert_close(cameras.get_full_projection_transform(R=other.R, T=other.T, fov=30.0).get_matrix(), expected)
    torch.testing.assert_close(cameras.R, other.R)  # R and T are kept for later calls, other parameters are not
    assert cameras.fov[0] == 60
    assert not torch.allclose(cameras.transform_points(points), kept)
    torch.testing.assert_close(cameras.get_camera_center(T=view["T"]), -(view["T"][:, None] @ other.R.mT)[:, 0])
    torch.testing.assert_close(
        cameras.transform_points(points, fov=torch.tensor([30.0]), T=other.T), other.transform_points(points)
    )


def test_calibration_matrix(view, points):
    K = torch.eye(4, dtype=torch.float64).expand(3, -1, -1)
    for cls in (renderer.FoVPerspectiveCameras, renderer.FoVOrthographicCameras, renderer.PerspectiveCameras, renderer.OrthographicCameras):
        cameras = cls(K=K, **view)
        torch.testing.assert_close(cameras.transform_points(points), points @ view["R"] + view["T"][:, None])
        with pytest.raises(ValueError, match=r"Expected K to have shape of \(3, 4, 4\); got \(2, 4, 4\)"):
            cameras.get_projection_transform(K=K[:2])


@pytest.mark.parametrize("make", ALL)
def test_dtypes(make, view, points):
    """float32 points with cameras in float64, and the other way, keep their dtype."""
    cameras = make(**view)
    result = cameras.transform_points_ndc(points.float())
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, cameras.transform_points_ndc(points).float(), rtol=1e-4, atol=1e-4)
    cameras = make(**{name: tensor.float() for name, tensor in view.items()})
    assert cameras.transform_points_ndc(points).dtype == torch.float64
    assert cameras.get_full_projection_transform().get_matrix().dtype == torch.float32


@pytest.mark.parametrize("make", ALL)
def test_gradients(make, view, points):
    points = points[:, :2]
    parameters = dict(R=view["R"].clone().requires_grad_(), T=view["T"].clone().requires_grad_())
    names = [name for name in ("fov", "znear", "focal_length", "principal_point", "min_x", "scale_xyz") if hasattr(make(**view), name)]

    def ndc(points, R, T, *others):
        cameras = make(R=R, T=T)
        for name, value in zip(names, others):
            setattr(cameras, name, value)
        ndc = cameras.transform_points_ndc(points)
        return ndc, cameras.unproject_points(torch.cat((ndc[..., :2], ndc[..., 2:] + 3), -1)), cameras.get_camera_center()

    others = [getattr(make(**view), name).clone().requires_grad_() for name in names]
    assert torch.autograd.gradcheck(ndc, (points.requires_grad_(), *parameters.values(), *others))


def test_eps_keeps_values_finite():
    cameras = renderer.FoVPerspectiveCameras()
    points = torch.tensor([[1.0, 1.0, 0.0]], requires_grad=True)
    result = cameras.transform_points(points, eps=1e-2)
    result.sum().backward()
    assert result.isfinite().all() and points.grad.isfinite().all()


def test_screen_needs_a_size():
    cameras = renderer.FoVPerspectiveCameras()
    points = torch.tensor([[0.0, 0.0, 2.0]])
    with pytest.raises(ValueError, match=r"image_size=\(height, width\) needs to be specified"):
        cameras.transform_points_screen(points)
    screen = cameras.transform_points_screen(points, image_size=((40, 60),))
    torch.testing.assert_close(screen[0, :2], torch.tensor([30.0, 20.0]))
    up = cameras.transform_points_screen(torch.tensor([[0.5, 0.2, 2.0]]), image_size=torch.tensor([40, 60]), with_xyflip=False)
    down = cameras.transform_points_screen(torch.tensor([[0.5, 0.2, 2.0]]), image_size=(40, 60))
    torch.testing.assert_close(up[0, :2], -down[0, :2])


def test_screen_and_ndc_are_inverse():
    cameras = renderer.FoVPerspectiveCameras(fov=(30.0, 60.0))
    sizes = torch.tensor([[40, 60], [60, 40]])
    to_screen = cameras_module.get_ndc_to_screen_transform(cameras, with_xyflip=True, image_size=sizes)
    corner = to_screen.transform_points(torch.tensor([[[1.5, 1.0, 0.0]], [[1.0, 1.5, 0.0]]]))
    torch.testing.assert_close(corner[..., :2], torch.zeros(2, 1, 2), atol=1e-5, rtol=0)
    to_ndc = cameras_module.get_screen_to_ndc_transform(cameras, with_xyflip=True, image_size=sizes)
    torch.testing.assert_close(to_screen.compose(to_ndc).get_matrix(), torch.eye(4).expand(2, -1, -1), atol=1e-6, rtol=0)


def test_transform_to_ndc():
    """The identity for cameras in NDC; for own cameras in pixels, a scale and shift by the size of the picture."""

    class Pixels(renderer.CamerasBase):
        def in_ndc(self):
            return False

    torch.testing.assert_close(renderer.PerspectiveCameras().get_ndc_camera_transform().get_matrix(), torch.eye(4)[None])
    cameras = Pixels(R=torch.eye(3)[None], T=torch.zeros(1, 3), image_size=((40, 60),))
    corners = torch.tensor([[0.0, 0.0, 5.0], [-60.0, -40.0, 5.0]])
    expected = torch.tensor([[1.5, 1.0, 5.0], [-1.5, -1.0, 5.0]])
    torch.testing.assert_close(cameras.get_ndc_camera_transform().transform_points(corners), expected)


def test_world_to_view_errors():
    R, T = torch.eye(3)[None], torch.zeros(1, 3)
    for arguments, message in (
        (dict(R=R, T=T.expand(2, -1)), "the same batch dimension; got 1, 2"),
        (dict(R=R, T=torch.zeros(1, 2)), r"Expected T to have shape \(N, 3\); got \(1, 2\)"),
        (dict(R=torch.zeros(1, 3, 2), T=T), r"Expected R to have shape \(N, 3, 3\); got \(1, 3, 2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            renderer.get_world_to_view_transform(**arguments)
    torch.testing.assert_close(renderer.get_world_to_view_transform().get_matrix(), torch.eye(4)[None])


@pytest.mark.parametrize("make", ALL)
def test_indexing_and_joining(make, view, points):
    cameras = make(**view)
    whole = cameras.transform_points_ndc(points)
    for index in (1, -1, [0, 2], torch.tensor([2, 0]), torch.tensor([True, False, True])):
        chosen = cameras[index]
        rows = [index] if isinstance(index, int) else index
        assert type(chosen) is type(cameras)
        torch.testing.assert_close(chosen.transform_points_ndc(points[rows]), whole[rows])
    joined = join_cameras_as_batch([cameras[0], cameras[[1, 2]]])
    torch.testing.assert_close(joined.transform_points_ndc(points), whole)
    assert len(joined) == 3 and len(cameras[[]]) == 0


def test_errors_of_indexing():
    cameras = renderer.FoVPerspectiveCameras(fov=(30.0, 60.0))
    for index in (slice(0, 1), 1.0, [True, False], torch.tensor([1.0]), "a"):
        with pytest.raises(ValueError, match="Invalid index type, expected int, List"):
            cameras[index]
    with pytest.raises(ValueError, match=r"Boolean index of shape \(3,\) does not match cameras"):
        cameras[torch.ones(3, dtype=torch.bool)]
    for index in (2, [0, 5], torch.tensor([2])):
        with pytest.raises(IndexError, match="is out of bounds for select cameras"):
            cameras[index]
    cameras.fov = object()
    with pytest.raises(ValueError, match="Field fov type is not supported for indexing"):
        cameras[0]


def test_errors_of_joining():
    perspective, orthographic = renderer.PerspectiveCameras(), renderer.OrthographicCameras()
    with pytest.raises(ValueError, match="must be of the same type"):
        join_cameras_as_batch([perspective, orthographic])
    with pytest.raises(ValueError, match="Attribute _in_ndc is not constant"):
        join_cameras_as_batch([perspective, renderer.PerspectiveCameras(in_ndc=False)])
    with pytest.raises(ValueError, match="Attribute image_size is inconsistently present"):
        join_cameras_as_batch([perspective, renderer.PerspectiveCameras(image_size=((4, 4),))])
    with pytest.raises(ValueError, match="must be on the same device"):
        join_cameras_as_batch([perspective, renderer.PerspectiveCameras().to("meta")])
    with pytest.raises(ValueError, match="must inherit from CamerasBase"):
        join_cameras_as_batch([perspective, renderer.PointLights()])


@pytest.mark.parametrize("make", ALL)
def test_copies(make, view, points):
    cameras = make(**view)
    for copied in (cameras.clone(), copy.deepcopy(cameras)):
        torch.testing.assert_close(copied.transform_points_ndc(points), cameras.transform_points_ndc(points))
        copied.T = copied.T + 1
        assert not torch.equal(copied.T, cameras.T)


def test_clone_of_parameters_with_gradients():
    znear = torch.tensor([0.5], requires_grad=True)
    cameras = renderer.FoVPerspectiveCameras(znear=znear, fov=(30.0, 60.0))
    assert cameras.clone().znear.requires_grad


def test_cameras_without_values():
    cameras = renderer.FoVPerspectiveCameras(znear=torch.ones(2, device="meta"), device="meta")
    assert cameras.get_full_projection_transform().get_matrix().shape == (2, 4, 4)


def test_image_size_is_checked():
    with pytest.raises(ValueError, match="Image_size provided has invalid values"):
        renderer.PerspectiveCameras(image_size=((0, 4),))


def test_old_names():
    points = torch.rand(4, 3) + 1
    for old, new in (
        (renderer.OpenGLPerspectiveCameras, renderer.FoVPerspectiveCameras),
        (renderer.OpenGLOrthographicCameras, renderer.FoVOrthographicCameras),
        (renderer.SfMPerspectiveCameras, renderer.PerspectiveCameras),
        (renderer.SfMOrthographicCameras, renderer.OrthographicCameras),
    ):
        with pytest.warns(PendingDeprecationWarning, match=f"{old.__name__} is deprecated, use {new.__name__} instead"):
            cameras = old()
        assert type(cameras) is new
        torch.testing.assert_close(cameras.transform_points(points), new().transform_points(points))
    with pytest.warns(PendingDeprecationWarning):
        sides = renderer.OpenGLOrthographicCameras(top=2.0, bottom=-3.0, left=-4.0, right=5.0)
    assert [side.item() for side in (sides.max_y, sides.min_y, sides.min_x, sides.max_x)] == [2, -3, -4, 5]


def test_projection_may_be_none():
    class Fisheye(renderer.CamerasBase):
        pass

    assert renderer.try_get_projection_transform(Fisheye(), {}) is None
    assert renderer.try_get_projection_transform(renderer.PerspectiveCameras(), {}) is not None
    for method in ("is_perspective", "in_ndc"):
        with pytest.raises(NotImplementedError):
            getattr(Fisheye(), method)()


def test_look_at_sees_the_point_in_the_middle(points):
    at, up = torch.tensor([[0.3, 0.1, -0.2]], dtype=torch.float64), torch.tensor([[0.1, 1.0, 0.2]], dtype=torch.float64)
    eye = points[0] + 3
    R, T = renderer.look_at_view_transform(eye=eye, at=at, up=up)
    to_view = renderer.get_world_to_view_transform(R, T)
    distance = (at - eye).norm(dim=1)
    expected = torch.stack((torch.zeros_like(distance), torch.zeros_like(distance), distance), 1)
    torch.testing.assert_close(to_view.transform_points(at.expand(7, -1)[:, None])[:, 0], expected)
    above = to_view.transform_points((at + up).expand(7, -1)[:, None])[:, 0]
    torch.testing.assert_close(above[:, 0], torch.zeros(7, dtype=torch.float64))  # upwards in the picture
    assert (above[:, 1] > 0).all()
    torch.testing.assert_close(R.mT @ R, torch.eye(3, dtype=torch.float64).expand(7, -1, -1))
    torch.testing.assert_close(torch.linalg.det(R), torch.ones(7, dtype=torch.float64))


def test_spherical_angles():
    position = renderer.camera_position_from_spherical_angles(2.0, torch.tensor([0.0, 0.0, 90.0]), (0.0, 90.0, 0.0))
    torch.testing.assert_close(position, torch.tensor([[0.0, 0, 2], [2, 0, 0], [0, 2, 0]]), atol=1e-6, rtol=0)
    in_radians = renderer.camera_position_from_spherical_angles(2.0, 0.3, 0.4, degrees=False)
    in_degrees = renderer.camera_position_from_spherical_angles(2.0, math.degrees(0.3), math.degrees(0.4))
    torch.testing.assert_close(in_radians, in_degrees)
    R, T = renderer.look_at_view_transform(2.0, 10.0, 20.0, at=((1.0, 2.0, 3.0),))
    center = renderer.FoVPerspectiveCameras(R=R, T=T).get_camera_center()
    torch.testing.assert_close(center, renderer.camera_position_from_spherical_angles(2.0, 10.0, 20.0) + torch.tensor([[1.0, 2.0, 3.0]]))


@pytest.mark.parametrize(
    "eye, at, up",
    [
        ((0.0, 3.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)),  # up along the line of sight
        ((0.0, -3.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        ((1.0, 2.0, 3.0), (1.0, 2.0, 3.0), (0.0, 1.0, 0.0)),  # at the point
        ((1.0, 2.0, 3.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),  # no up
        ((1e-20, 2e-20, 0.0), (0.0, 0.0, 0.0), (0.0, 1e-20, 0.0)),
    ],
)
def test_look_at_is_a_rotation_everywhere(eye, at, up):
    eye = torch.tensor([eye], requires_grad=True)
    R = renderer.look_at_rotation(eye, at=(at,), up=(up,))
    torch.testing.assert_close(R.mT @ R, torch.eye(3)[None], atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(R), torch.ones(1))
    R.sum().backward()
    assert eye.grad.isfinite().all() or eye.detach().abs().max() < 1e-19


def test_look_at_errors_and_gradient():
    with pytest.raises(ValueError, match=r"Expected arg up to have shape \(N, 3\); got \(1, 2\)"):
        renderer.look_at_rotation(((0.0, 0.0, 1.0),), up=((0.0, 1.0),))
    eye = torch.tensor([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda eye: renderer.look_at_view_transform(eye=eye), eye)


def test_eye_at_up(view):
    to_view = renderer.get_world_to_view_transform(view["R"], view["T"])
    eye, at, up = camera_to_eye_at_up(to_view)
    R, T = renderer.look_at_view_transform(eye=eye, at=at, up=up)
    torch.testing.assert_close(R, view["R"])
    torch.testing.assert_close(T, view["T"].contiguous())


def test_rotate_on_spot(view):
    R, T = view["R"], view["T"]
    angle = 0.1
    turned = rotate_on_spot(R, T, axis_angle_to_matrix(torch.tensor([0.0, angle, 0.0], dtype=torch.float64)))
    before, after = renderer.FoVPerspectiveCameras(R=R, T=T), renderer.FoVPerspectiveCameras(R=turned[0], T=turned[1])
    torch.testing.assert_close(after.get_camera_center(), before.get_camera_center())
    ahead = torch.tensor([[[0.0, 0.0, 1.0]]], dtype=torch.float64)
    seen = after.get_world_to_view_transform().transform_points(before.get_world_to_view_transform().inverse().transform_points(ahead))
    torch.testing.assert_close(seen[:, 0, 0], torch.full((3,), math.sin(angle), dtype=torch.float64))  # the camera turned right
    single = rotate_on_spot(R[0], T[0], torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(single[0], R[:1])
    torch.testing.assert_close(single[1], T[:1])
    for arguments, name in (((R[:, :2], T, R), "R"), ((R, T[:, :2], R), "T"), ((R, T, R[:, :2]), "rotation")):
        with pytest.raises(ValueError, match=f"Invalid {name}"):
            rotate_on_spot(*arguments)
