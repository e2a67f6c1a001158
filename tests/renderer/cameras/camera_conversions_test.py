"""Cameras in the conventions of OpenCV, OpenGL and COLMAP: against their projections in plain torch, and there and back."""

import pytest
import torch

from bisque3d.testing import threads  # noqa: F401  (loads the ops)
from tests.testing.functions import functions

Cameras = torch.classes.bisque_functions.Cameras
F64 = torch.float64
SIZES = torch.tensor([[200, 260], [301, 180]])  # (height, width)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(2)


def rand(generator, *sizes):
    return torch.rand(*sizes, generator=generator, dtype=F64)


def opencv(generator, n=2):
    R = functions.random_rotations(torch.randn(n, 4, generator=generator, dtype=F64))
    K = torch.zeros(n, 3, 3, dtype=F64)
    K[:, 0, 0], K[:, 1, 1], K[:, 2, 2] = 300 + 20 * rand(generator, n), 310 + 20 * rand(generator, n), 1
    K[:, :2, 2] = 90 + 60 * rand(generator, n, 2)
    tvec = torch.cat([rand(generator, n, 2) - 0.5, 6 + rand(generator, n, 1)], 1)
    return {"R": R, "tvec": tvec, "camera_matrix": K}


def opencv_view(cameras, points):
    return points @ cameras["R"].mT + cameras["tvec"][:, None]


def opencv_pixels(cameras, points):
    """As cv2.projectPoints: the center of the first pixel is at (0, 0)."""
    projected = opencv_view(cameras, points) @ cameras["camera_matrix"].mT
    return projected[..., :2] / projected[..., 2:]


def assert_same(a, b):
    for name in b:
        torch.testing.assert_close(a[name], b[name], rtol=1e-13, atol=1e-12, msg=lambda text: f"{name}: {text}")


@pytest.mark.parametrize("center", [0.0, 0.5])
def test_opencv(center, generator):
    given, points = opencv(generator), torch.randn(2, 30, 3, generator=generator, dtype=F64)
    cameras = Cameras.from_opencv(given, SIZES, center)
    screen = cameras.transform_points_screen(points)[..., :2]
    torch.testing.assert_close(screen, opencv_pixels(given, points) + 0.5 - center)
    torch.testing.assert_close(cameras.transform_points_to_view(points)[..., 2], opencv_view(given, points)[..., 2])
    assert_same(cameras.to_opencv(None, center), given)


def test_opencv_is_exact_in_float32(generator):
    given = {name: value.float() for name, value in opencv(generator).items()}
    given["camera_matrix"][:, :2, 2] = torch.tensor([[129.25, 87.5], [90.125, 150.75]])
    back = Cameras.from_opencv(given, SIZES, 0.0).to_opencv(None, 0.0)
    for name in given:
        assert torch.equal(back[name], given[name]), name


def test_the_pixel_that_opencv_names_is_lit(generator):
    """A small triangle about a point that OpenCV sees at the center of pixel (column, row)."""
    column, row = 17, 5
    given = opencv(generator, 1)
    size = torch.tensor([[24, 40]])
    given["camera_matrix"][0, 0, 0] = given["camera_matrix"][0, 1, 1] = 50
    pixel = torch.tensor([[column - 0.4, row - 0.4, 1], [column + 0.4, row - 0.4, 1], [column, row + 0.6, 1]], dtype=F64)
    view = 3 * pixel @ torch.linalg.inv(given["camera_matrix"][0]).T
    world = (view - given["tvec"]) @ given["R"][0]
    projected = Cameras.from_opencv(given, size, 0.0).forward(world[None], 1.0)[0]
    face = torch.tensor([[0, 1, 2]])
    first, count = torch.tensor([0]), torch.tensor([1])
    found = torch.ops.bisque.rasterize_meshes(projected, face, first, count, 24, 40, 1, 0.0, True, False, False, -1.0, False)[0]
    assert (found[0, :, :, 0] == 0).nonzero().tolist() == [[row, column]]


def test_opencv_of_other_perspective_cameras(generator):
    points = torch.randn(1, 30, 3, generator=generator, dtype=F64)
    view = {"R": functions.random_rotations(torch.randn(1, 4, generator=generator, dtype=F64)), "T": torch.tensor([[0.1, 0.2, 7]], dtype=F64)}
    for cameras in (
        Cameras("fov_perspective", {**view, "aspect_ratio": torch.tensor([1.2], dtype=F64)}, {}),
        Cameras("perspective", {**view, "principal_point": torch.tensor([[0.1, -0.3]], dtype=F64)}, {}),
    ):
        pixels = opencv_pixels(cameras.to_opencv(SIZES[:1], 0.0), points)
        torch.testing.assert_close(cameras.transform_points_screen(points, SIZES[:1])[..., :2], pixels + 0.5)


def test_a_skew_survives(generator):
    given, points = opencv(generator), torch.randn(2, 30, 3, generator=generator, dtype=F64)
    given["camera_matrix"][:, 0, 1] = torch.tensor([3.0, -2.0])
    cameras = Cameras.from_opencv(given, SIZES, 0.0)
    torch.testing.assert_close(cameras.transform_points_screen(points)[..., :2], opencv_pixels(given, points) + 0.5)
    assert_same(cameras.to_opencv(None, 0.0), given)


def test_opencv_fisheye(generator):
    given, points = opencv(generator), torch.randn(2, 30, 3, generator=generator, dtype=F64)
    given["distortion"] = 0.05 * (rand(generator, 2, 4) - 0.5)
    cameras = Cameras.from_opencv_fisheye(given, SIZES)
    x, y, z = opencv_view(given, points).unbind(-1)
    r = torch.hypot(x, y)
    theta = torch.atan2(r, z)
    bent = theta * (1 + sum(given["distortion"][:, i, None] * theta ** (2 * i + 2) for i in range(4)))
    distorted = torch.stack([bent * x / r, bent * y / r, torch.ones_like(x)], -1)
    pixels = (distorted @ given["camera_matrix"].mT)[..., :2]
    torch.testing.assert_close(cameras.transform_points_screen(points)[..., :2], pixels + 0.5)
    assert_same(cameras.to_opencv_fisheye(), given)


def opengl(generator, perspective: bool):
    """Off-axis projections, as glFrustum and glOrtho make them."""
    near, far, right, top = 0.5 + rand(generator, 2), 20 + rand(generator, 2), 0.2 + rand(generator, 2), 0.2 + rand(generator, 2)
    left, bottom = -0.2 - rand(generator, 2), -0.3 - rand(generator, 2)
    P = torch.zeros(2, 4, 4, dtype=F64)
    if perspective:
        P[:, 0, 0], P[:, 1, 1] = 2 * near / (right - left), 2 * near / (top - bottom)
        P[:, 0, 2], P[:, 1, 2] = (right + left) / (right - left), (top + bottom) / (top - bottom)
        P[:, 2, 2], P[:, 2, 3], P[:, 3, 2] = -(far + near) / (far - near), -2 * far * near / (far - near), -1
    else:
        P[:, 0, 0], P[:, 1, 1], P[:, 2, 2] = 2 / (right - left), 2 / (top - bottom), -2 / (far - near)
        P[:, 0, 3], P[:, 1, 3] = -(right + left) / (right - left), -(top + bottom) / (top - bottom)
        P[:, 2, 3], P[:, 3, 3] = -(far + near) / (far - near), 1
    view = torch.eye(4, dtype=F64).repeat(2, 1, 1)
    view[:, :3, :3] = functions.random_rotations(torch.randn(2, 4, generator=generator, dtype=F64))
    view[:, :3, 3] = torch.tensor([[0.1, 0.2, -6], [0.3, -0.1, -7]])
    return view, P, near, far


@pytest.mark.parametrize("perspective", [True, False])
def test_opengl(perspective, generator):
    view, P, near, far = opengl(generator, perspective)
    points = torch.randn(2, 30, 3, generator=generator, dtype=F64)
    cameras = Cameras.from_opengl(view, P, SIZES)
    assert cameras.is_perspective() == perspective
    torch.testing.assert_close(cameras.get_znear(), near)
    torch.testing.assert_close(cameras.get("zfar"), far)
    clip = torch.cat([points, torch.ones(2, 30, 1, dtype=F64)], -1) @ (P @ view).mT
    ndc = clip[..., :3] / clip[..., 3:]
    width, height = SIZES[:, 1, None], SIZES[:, 0, None]
    window = torch.stack([(ndc[..., 0] + 1) / 2 * width, height - (ndc[..., 1] + 1) / 2 * height, (ndc[..., 2] + 1) / 2], -1)
    torch.testing.assert_close(cameras.transform_points_screen(points, SIZES.double()), window)
    back_view, back_P = cameras.to_opengl(SIZES)
    torch.testing.assert_close(back_view, view, rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(back_P, P, rtol=1e-13, atol=1e-13)
    depths = torch.linspace(1, 5, 30, dtype=F64).expand(2, 30)[..., None]
    xy_depth = torch.cat([cameras.transform_points(points)[..., :2], depths], -1)
    assert cameras.unproject_points(xy_depth).isfinite().all()


def test_opengl_of_cameras_without_planes(generator):
    view = {"R": functions.random_rotations(torch.randn(2, 4, generator=generator, dtype=F64)), "T": torch.tensor([[0.1, 0.2, 7]] * 2, dtype=F64)}
    near, far = torch.tensor([0.5], dtype=F64), torch.tensor([50.0], dtype=F64)
    for kind in ("perspective", "orthographic"):
        cameras = Cameras(kind, {**view, "focal_length": torch.tensor([1.5, 0.4], dtype=F64)}, {})
        points = torch.randn(2, 30, 3, generator=generator, dtype=F64)
        same = Cameras.from_opengl(*cameras.to_opengl(SIZES, near, far), SIZES)
        torch.testing.assert_close(same.forward(points, 1.0), cameras.forward(points, 1.0))
        torch.testing.assert_close(same.get_znear(), near.expand(2))
        with pytest.raises(RuntimeError, match="opengl_from_cameras: expected znear and zfar, since .*Cameras have none"):
            cameras.to_opengl(SIZES)


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("SIMPLE_PINHOLE", [300, 130.5, 101.25]),
        ("PINHOLE", [300, 310, 130.5, 101.25]),
        ("SIMPLE_RADIAL", [300, 130.5, 101.25, 0]),
        ("RADIAL", [300, 130.5, 101.25, 0, 0]),
        ("OPENCV", [300, 310, 130.5, 101.25, 0, 0, 0, 0]),
        ("FULL_OPENCV", [300, 310, 130.5, 101.25] + [0] * 8),
        ("OPENCV_FISHEYE", [300, 310, 130.5, 101.25, 0.01, -0.02, 0.003, 0.004]),
        ("SIMPLE_RADIAL_FISHEYE", [300, 130.5, 101.25, 0.01]),
        ("RADIAL_FISHEYE", [300, 130.5, 101.25, 0.01, -0.02]),
    ],
)
def test_colmap(model, params, generator):
    qvec = torch.nn.functional.normalize(torch.randn(2, 4, generator=generator, dtype=F64))
    qvec = qvec * qvec[:, :1].sign()
    tvec = torch.tensor([[0.1, 0.2, 6], [0.3, -0.2, 7]], dtype=F64)
    params = torch.tensor([params, params], dtype=F64)
    points = torch.randn(2, 30, 3, generator=generator, dtype=F64)
    cameras = Cameras.from_colmap(model, qvec, tvec, params, SIZES)
    w, x, y, z = qvec.unbind(1)
    R = torch.stack([
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], 1),
        torch.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], 1),
        torch.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], 1),
    ], 1)
    u, v, depth = (points @ R.mT + tvec[:, None]).unbind(-1)
    u, v = u / depth, v / depth
    num_focal = 1 if "SIMPLE" in model or model.startswith("RADIAL") else 2
    if "FISHEYE" in model:
        r = torch.hypot(u, v)
        theta = torch.atan(r)
        bent = theta * (1 + sum(params[0, num_focal + 2 + i] * theta ** (2 * i + 2) for i in range(params.shape[1] - num_focal - 2)))
        u, v = bent * u / r, bent * v / r
    pixels = torch.stack([params[0, 0] * u + params[0, num_focal], params[0, num_focal - 1] * v + params[0, num_focal + 1]], -1)
    torch.testing.assert_close(cameras.transform_points_screen(points)[..., :2], pixels)
    back = cameras.to_colmap(None, model if model.endswith("PINHOLE") else "")
    assert back[0] == (model if model.endswith("PINHOLE") else "OPENCV_FISHEYE" if "FISHEYE" in model else "PINHOLE")
    torch.testing.assert_close(back[1], qvec, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(back[2], tvec, rtol=0, atol=0)
    assert torch.equal(back[4], SIZES.double())
    again = Cameras.from_colmap(*back)
    torch.testing.assert_close(again.transform_points_screen(points), cameras.transform_points_screen(points))
    if back[0] == model:
        torch.testing.assert_close(back[3], params, rtol=1e-14, atol=1e-14)


def test_gradients(generator):
    given, points = opencv(generator), torch.randn(2, 3, 3, generator=generator, dtype=F64)

    def pixels(*values):
        cameras = Cameras.from_opencv(dict(zip(given, values)), SIZES, 0.0)
        return cameras.transform_points_screen(points)[..., :2], *cameras.to_opencv(None, 0.0).values()

    # Only what a pinhole camera has: another element of the camera matrix would change it to one with a skew.
    K = given["camera_matrix"]
    mask = (K != 0) & (torch.arange(9).view(3, 3) != 8)
    free = K[mask].clone().requires_grad_()

    def of_free(R, tvec, free):
        return pixels(R, tvec, torch.zeros_like(K).masked_scatter(mask, free) + torch.diag(torch.tensor([0, 0, 1.0])))

    assert torch.autograd.gradcheck(of_free, [given["R"].requires_grad_(), given["tvec"].requires_grad_(), free])


def test_errors(generator):
    given = opencv(generator)
    with pytest.raises(RuntimeError, match="cameras_from_opencv_projection: expected no distortion; undistort the pictures"):
        Cameras.from_opencv({**given, "distortion": torch.zeros(2, 4, dtype=F64)}, SIZES, 0.0)
    with pytest.raises(RuntimeError, match="cameras_from_opencv_projection: expected image_size, but got none"):
        Cameras.from_opencv(given, None, 0.0)
    with pytest.raises(RuntimeError, match="cameras_from_opencv_projection: expected R, tvec and camera_matrix, but one is missing"):
        Cameras.from_opencv({"R": given["R"]}, SIZES, 0.0)
    with pytest.raises(RuntimeError, match="cameras_from_opencv_fisheye: expected distortion"):
        Cameras.from_opencv_fisheye(given, SIZES)
    with pytest.raises(RuntimeError, match="opencv_from_cameras_projection: expected perspective cameras, but got .*OrthographicCameras"):
        Cameras("orthographic", {}, {}).to_opencv(SIZES, 0.0)
    with pytest.raises(RuntimeError, match="opencv_from_cameras_projection: expected image_size, since the cameras have none"):
        Cameras("perspective", {}, {}).to_opencv(None, 0.0)
    with pytest.raises(RuntimeError, match="opencv_fisheye_from_cameras: expected no distortion but four radial parameters"):
        Cameras("fisheye", {"tangential_params": torch.ones(1, 2), "image_size": SIZES[:1]}, {}).to_opencv_fisheye()
    skewed = {**given, "camera_matrix": given["camera_matrix"] + torch.tensor([[0, 1.0, 0], [0, 0, 0], [0, 0, 0]])}
    with pytest.raises(RuntimeError, match="cameras_from_opencv_fisheye: expected a camera_matrix without skew"):
        Cameras.from_opencv_fisheye({**skewed, "distortion": torch.zeros(2, 4, dtype=F64)}, SIZES)
    with pytest.raises(RuntimeError, match="colmap_from_cameras: expected cameras without skew"):
        Cameras.from_opencv(skewed, SIZES, 0.0).to_colmap()
    with pytest.raises(RuntimeError, match="expected one focal length for SIMPLE_PINHOLE, but a camera has two"):
        Cameras.from_opencv(given, SIZES, 0.0).to_colmap(None, "SIMPLE_PINHOLE")
    with pytest.raises(RuntimeError, match="expected cameras that model OPENCV_FISHEYE describes, but got .*PerspectiveCameras"):
        Cameras.from_opencv(given, SIZES, 0.0).to_colmap(None, "OPENCV_FISHEYE")
    q, t = torch.tensor([[1.0, 0, 0, 0]]), torch.zeros(1, 3)
    with pytest.raises(RuntimeError, match='cameras_from_colmap: expected a model among FULL_OPENCV, .*, but got "FOV"'):
        Cameras.from_colmap("FOV", q, t, torch.ones(1, 5), SIZES[:1])
    with pytest.raises(RuntimeError, match="expected the distortions of model OPENCV to be 0"):
        Cameras.from_colmap("OPENCV", q, t, torch.ones(1, 8), SIZES[:1])
    with pytest.raises(RuntimeError, match=r"cameras_from_colmap: expected params to have shape \[N, 4\]"):
        Cameras.from_colmap("PINHOLE", q, t, torch.ones(1, 3), SIZES[:1])
    view = torch.eye(4)[None]
    with pytest.raises(RuntimeError, match="cameras_from_opengl: expected projections with the last row"):
        Cameras.from_opengl(view, torch.ones(1, 4, 4), SIZES[:1])
    with pytest.raises(RuntimeError, match="cameras_from_opengl: expected view, projection and image_size, but one is missing"):
        Cameras.from_opengl(view, view, None)
    with pytest.raises(RuntimeError, match="opengl_from_cameras: expected image_size, since the cameras have none"):
        Cameras("fov_perspective", {}, {}).to_opengl()
