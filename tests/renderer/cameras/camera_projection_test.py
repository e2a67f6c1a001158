"""Cameras against their formulas, written out in plain torch."""

import math

import pytest
import torch

from bisque3d.testing import threads  # noqa: F401  (loads the ops)
from tests.testing.functions import functions

Cameras = torch.classes.bisque_functions.Cameras
F64 = torch.float64


def rotations(n: int, generator) -> torch.Tensor:
    return functions.random_rotations(torch.randn(n, 4, generator=generator, dtype=F64))


def parameters(kind: str, n: int, generator) -> dict:
    def rand(*sizes):
        return torch.rand(*sizes, generator=generator, dtype=F64)

    view = {"R": rotations(n, generator), "T": torch.cat([rand(n, 2) - 0.5, 6 + rand(n, 1)], 1)}
    own = {
        "fov_perspective": lambda: {"fov": 40 + 30 * rand(n), "aspect_ratio": 0.8 + rand(n), "znear": 0.5 + rand(n), "zfar": 20 + rand(n)},
        "fov_orthographic": lambda: {
            "znear": 0.5 + rand(n), "zfar": 20 + rand(n), "max_x": 1 + rand(n), "min_x": -1 - rand(n), "max_y": 1 + rand(n),
            "min_y": -1 - rand(n), "scale_xyz": 0.5 + rand(n, 3),
        },
        "perspective": lambda: {"focal_length": 1 + rand(n, 2), "principal_point": rand(n, 2) - 0.5},
        "orthographic": lambda: {"focal_length": 1 + rand(n, 2), "principal_point": rand(n, 2) - 0.5},
        "perspective_screen": lambda: {
            "focal_length": 200 + 100 * rand(n, 2), "principal_point": 80 + 50 * rand(n, 2),
            "image_size": torch.tensor([[200, 260], [300, 180], [128, 128]], dtype=F64)[:n],
        },
        "orthographic_screen": lambda: {
            "focal_length": 20 + 10 * rand(n, 2), "principal_point": 80 + 50 * rand(n, 2),
            "image_size": torch.tensor([[200, 260], [300, 180], [128, 128]], dtype=F64)[:n],
        },
        "fisheye": lambda: {
            "focal_length": 1 + rand(n, 2), "principal_point": rand(n, 2) - 0.5, "radial_params": 0.05 * (rand(n, 6) - 0.5),
            "tangential_params": 0.02 * (rand(n, 2) - 0.5), "thin_prism_params": 0.02 * (rand(n, 4) - 0.5),
        },
    }
    return {**view, **own[kind]()}


KINDS = ["fov_perspective", "fov_orthographic", "perspective", "orthographic", "perspective_screen", "orthographic_screen", "fisheye"]


def make(kind: str, values: dict, flags: dict = {}):
    base, _, screen = kind.partition("_screen") if kind.endswith("_screen") else (kind, "", "")
    return Cameras(base, values, {"in_ndc": False} if kind.endswith("_screen") else dict(flags))


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(5)


def ndc_of(kind: str, p: dict, view: torch.Tensor) -> torch.Tensor:
    """x and y in NDC of view points [N, P, 3]."""
    x, y, z = view.unbind(-1)

    def col(name, i=None):
        return (p[name] if i is None else p[name][:, i])[:, None]

    if kind == "fov_perspective":
        slope = torch.tan(col("fov") * math.pi / 360)
        return torch.stack([x / z / slope / col("aspect_ratio"), y / z / slope], -1)
    if kind == "fov_orthographic":
        return torch.stack([
            (2 * x * p["scale_xyz"][:, :1] - (col("max_x") + col("min_x"))) / (col("max_x") - col("min_x")),
            (2 * y * p["scale_xyz"][:, 1:2] - (col("max_y") + col("min_y"))) / (col("max_y") - col("min_y")),
        ], -1)
    depth = z if kind.startswith("perspective") else torch.ones_like(z)
    x, y = col("focal_length", 0) * x / depth, col("focal_length", 1) * y / depth
    if not kind.endswith("_screen"):
        return torch.stack([x + col("principal_point", 0), y + col("principal_point", 1)], -1)
    # On the screen +X is right and +Y down.
    u, v = col("principal_point", 0) - x, col("principal_point", 1) - y
    height, width = col("image_size", 0), col("image_size", 1)
    half = p["image_size"].amin(1)[:, None] / 2
    return torch.stack([(width / 2 - u) / half, (height / 2 - v) / half], -1)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "fisheye"])
def test_projections_are_their_formulas(kind, generator):
    p = parameters(kind, 3, generator)
    cameras, points = make(kind, p), torch.randn(3, 50, 3, generator=generator, dtype=F64)
    view = points @ p["R"] + p["T"][:, None]
    torch.testing.assert_close(cameras.transform_points_to_view(points), view)
    expected = ndc_of(kind, p, view)
    torch.testing.assert_close(cameras.transform_points_ndc(points)[..., :2], expected)
    torch.testing.assert_close(cameras.forward(points, 1.0), torch.cat([expected, view[..., 2:]], -1))
    size = torch.tensor([[200.0, 260.0]], dtype=F64)
    size = p.get("image_size", size.expand(3, 2))
    half = size.amin(1)[:, None, None] / 2
    screen = size.flip(1)[:, None] / 2 - half * expected
    torch.testing.assert_close(cameras.transform_points_screen(points, size)[..., :2], screen)
    torch.testing.assert_close(cameras.get_camera_center(), -(p["R"] @ p["T"][:, :, None])[:, :, 0])


def test_depths_of_fov_cameras_go_from_0_to_1(generator):
    for kind in ("fov_perspective", "fov_orthographic"):
        p = parameters(kind, 2, generator)
        p["scale_xyz"] = torch.ones(2, 3, dtype=F64)
        cameras = make(kind, p)
        planes = torch.stack([p["znear"], p["zfar"]], 1)
        view = torch.stack([torch.zeros(2, 2, dtype=F64), torch.zeros(2, 2, dtype=F64), planes], 2)
        world = (view - p["T"][:, None]) @ p["R"].transpose(1, 2)
        torch.testing.assert_close(cameras.transform_points(world)[..., 2], torch.tensor([[0.0, 1.0]] * 2, dtype=F64))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", [True, False])
@pytest.mark.parametrize("from_ndc", [True, False])
def test_unproject_inverts_project(kind, world, from_ndc, generator):
    p = parameters(kind, 3, generator)
    cameras, points = make(kind, p), torch.randn(3, 40, 3, generator=generator, dtype=F64)
    view = cameras.transform_points_to_view(points)
    xy = (cameras.transform_points_ndc(points) if from_ndc else cameras.transform_points(points))[..., :2]
    back = cameras.unproject_points(torch.cat([xy, view[..., 2:]], -1), world, from_ndc)
    torch.testing.assert_close(back, points if world else view, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("kind", ["fov_perspective", "fov_orthographic", "perspective", "orthographic"])
def test_unproject_of_scaled_depths(kind, generator):
    cameras, points = make(kind, parameters(kind, 2, generator)), torch.randn(2, 9, 3, generator=generator, dtype=F64)
    back = cameras.unproject_points(cameras.transform_points(points), scaled_depth_input=True)
    torch.testing.assert_close(back, points)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind, generator):
    p = parameters(kind, 2, generator)
    points = torch.randn(2, 4, 3, generator=generator, dtype=F64)
    names = [name for name in p if name != "image_size"]

    def project(points, *values):
        cameras = make(kind, {**p, **dict(zip(names, values))})
        ndc = cameras.transform_points_ndc(points)
        xyz = torch.cat([cameras.transform_points(points)[..., :2], 7 + 0 * ndc[..., 2:]], -1)
        # Fewer than all points for unproject_points, whose depths are other than theirs.
        return cameras.forward(points, 1.0), ndc, cameras.unproject_points(xyz), cameras.get_camera_center()

    inputs = [points, *(p[name] for name in names)]
    assert torch.autograd.gradcheck(project, [x.clone().requires_grad_() for x in inputs])


@pytest.mark.parametrize("kind", KINDS)
def test_results_match_transforms_as_matrices(kind, generator):
    if kind == "fisheye":
        return
    cameras, points = make(kind, parameters(kind, 2, generator)), torch.randn(2, 9, 3, generator=generator, dtype=F64)
    hom = torch.cat([points, torch.ones(2, 9, 1, dtype=F64)], -1)
    world_to_view, projection = cameras.get_world_to_view_transform(), cameras.get_projection_transform()
    torch.testing.assert_close(cameras.get_full_projection_transform(), world_to_view @ projection)
    projected = hom @ world_to_view @ projection
    own = projected[..., :3] / projected[..., 3:]
    torch.testing.assert_close(cameras.transform_points(points), own)
    in_ndc = torch.cat([own, torch.ones(2, 9, 1, dtype=F64)], -1) @ cameras.get_ndc_camera_transform()
    torch.testing.assert_close(cameras.transform_points_ndc(points), in_ndc[..., :3])


@pytest.mark.parametrize("kind", KINDS)
def test_batches_of_points(kind, generator):
    """[P, 3], [1, P, 3], and B batches of points for B V cameras."""
    p = parameters(kind, 3, generator)
    cameras = make(kind, p)
    one = torch.randn(5, 3, generator=generator, dtype=F64)
    expected = torch.stack([cameras.at(i).forward(one, 1.0)[0] for i in range(3)])
    torch.testing.assert_close(cameras.forward(one, 1.0), expected)
    torch.testing.assert_close(cameras.forward(one[None], 1.0), expected)
    single = cameras.at(1)
    assert single.transform_points_ndc(one).shape == (5, 3)
    assert cameras.transform_points_ndc(one).shape == (3, 5, 3)
    assert single.transform_points_ndc(one.expand(4, 5, 3)).shape == (4, 5, 3)
    assert single.transform_points_to_view(one).shape == (5, 3)
    six = cameras.select(torch.tensor([0, 1, 2, 2, 1, 0]))
    batches = torch.randn(2, 7, 3, generator=generator, dtype=F64)
    for result in (six.forward, six.transform_points, six.transform_points_to_view, lambda x: six.unproject_points(x + torch.tensor([0, 0, 5.0]))):
        given = (batches, 1.0) if result == six.forward else (batches,)
        whole = result(*given)
        assert whole.shape == (6, 7, 3)
    whole = six.forward(batches, 1.0)
    for n in range(6):
        torch.testing.assert_close(whole[n], six.at(n).forward(batches[n // 3], 1.0)[0])


def test_points_at_the_camera_stay_finite(generator):
    for kind in ("fov_perspective", "perspective", "perspective_screen", "fisheye"):
        p = parameters(kind, 1, generator)
        cameras = make(kind, p)
        points = cameras.get_camera_center()[None].clone().requires_grad_()
        ndc = cameras.forward(points, 1.0)
        assert ndc.isfinite().all()
        ndc.sum().backward()
        assert points.grad.isfinite().all(), kind


def test_a_parameter_that_was_given_gets_its_gradient():
    fov = torch.full((1,), 50.0, requires_grad=True)
    cameras = Cameras("fov_perspective", {"fov": fov}, {})
    assert cameras.get("fov").data_ptr() == fov.data_ptr()
    cameras.forward(torch.tensor([[[1.0, 2.0, 5.0]]]), 1.0).sum().backward()
    assert fov.grad.abs().item() > 0


def test_eps_bounds_the_divisor():
    cameras = Cameras("perspective", {}, {})
    points = torch.tensor([[1.0, 1.0, 1e-9], [1.0, 1.0, -1e-9]])
    torch.testing.assert_close(cameras.transform_points(points, 0.01)[:, 0], torch.tensor([100.0, -100.0]))


def test_select_and_join(generator):
    for kind in KINDS:
        p = parameters(kind, 3, generator)
        cameras = make(kind, p)
        parts = [cameras.select(torch.tensor([2])), cameras.select(torch.tensor([True, True, False]))]
        joined = Cameras.join(parts)
        assert joined.size() == 3 and joined.repr() == cameras.repr()
        points = torch.randn(1, 4, 3, generator=generator, dtype=F64)
        torch.testing.assert_close(joined.forward(points, 1.0), cameras.forward(points, 1.0)[[2, 0, 1]])
    with pytest.raises(RuntimeError, match=r"FishEyeCameras: expected an index in \[-3, 3\), but got 3"):
        cameras.at(3)
    with pytest.raises(RuntimeError, match="expected cameras of one class and settings"):
        Cameras.join([Cameras("perspective", {}, {}), Cameras("orthographic", {}, {})])
    with pytest.raises(RuntimeError, match="in_ndc=True.*in_ndc=False"):
        Cameras.join([Cameras("perspective", {}, {}), Cameras("perspective", {}, {"in_ndc": False})])
    with pytest.raises(RuntimeError, match="expected all cameras to have K or none, but 1 of 2"):
        Cameras.join([Cameras("perspective", {"K": torch.eye(4)[None]}, {}), Cameras("perspective", {}, {})])
    with pytest.raises(RuntimeError, match="join_cameras_as_batch: expected cameras, but got none"):
        Cameras.join([])


def test_K_replaces_the_parameters(generator):
    points = torch.randn(2, 6, 3, generator=generator, dtype=F64)
    for kind in ("fov_perspective", "fov_orthographic", "perspective", "orthographic", "perspective_screen"):
        p = parameters(kind, 2, generator)
        cameras = make(kind, p)
        K = cameras.get_projection_transform().transpose(1, 2)
        same = make(kind, {**{name: p[name] for name in ("R", "T", "image_size") if name in p}, "K": K})
        for result in ("transform_points", "transform_points_ndc"):
            torch.testing.assert_close(getattr(same, result)(points), getattr(cameras, result)(points))
        torch.testing.assert_close(same.forward(points, 1.0), cameras.forward(points, 1.0))


def test_a_skew_in_K_is_used(generator):
    K = torch.tensor([[2, 0.3, 0.1, 0], [0, 1.5, -0.2, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=F64)[None]
    cameras = Cameras("perspective", {"K": K, "T": torch.tensor([[0, 0, 5]], dtype=F64)}, {})
    points = torch.randn(1, 6, 3, generator=generator, dtype=F64)
    x, y, z = (points + torch.tensor([0, 0, 5.0])).unbind(-1)
    ndc = cameras.forward(points, 1.0)
    torch.testing.assert_close(ndc, torch.stack([(2 * x + 0.3 * y) / z + 0.1, 1.5 * y / z - 0.2, z], -1))
    torch.testing.assert_close(cameras.unproject_points(ndc), points)


def test_a_focal_length_holds_for_both_axes():
    points = torch.randn(2, 5, 3) + torch.tensor([0, 0, 9.0])
    expected = Cameras("perspective", {"focal_length": torch.tensor([[1.0, 1.0], [2.0, 2.0]])}, {}).forward(points, 1.0)
    for focal in (torch.tensor([1.0, 2.0]), torch.tensor([[1.0], [2.0]])):
        torch.testing.assert_close(Cameras("perspective", {"focal_length": focal}, {}).forward(points, 1.0), expected)
    one = Cameras("perspective", {"focal_length": torch.tensor(2.0)}, {})
    assert one.size() == 1 and one.get("focal_length").tolist() == [[2, 2]]


def test_orthographic_equals_perspective_at_long_focal_length(generator):
    points = torch.randn(1, 50, 3, generator=generator, dtype=F64)
    for distance in (1e4, 1e6):
        T = torch.tensor([[0, 0, distance]], dtype=F64)
        far = Cameras("perspective", {"T": T, "focal_length": torch.tensor([0.7 * distance], dtype=F64)}, {})
        flat = Cameras("orthographic", {"T": T, "focal_length": torch.tensor([0.7], dtype=F64)}, {})
        torch.testing.assert_close(far.forward(points, 1.0)[..., :2], flat.forward(points, 1.0)[..., :2], rtol=0, atol=20 / distance)


def test_fisheye_without_distortion_is_the_equidistant_projection(generator):
    p = {name: value for name, value in parameters("fisheye", 2, generator).items() if not name.endswith("_params")}
    cameras, points = make("fisheye", p), torch.randn(2, 30, 3, generator=generator, dtype=F64)
    x, y, z = (points @ p["R"] + p["T"][:, None]).unbind(-1)
    r = torch.hypot(x, y)
    q = torch.atan2(r, z)[..., None] * torch.stack([x / r, y / r], -1)
    expected = p["focal_length"][:, None] * q + p["principal_point"][:, None]
    torch.testing.assert_close(cameras.transform_points(points)[..., :2], expected)
    pinhole = make("fisheye", p, {"use_radial": False, "use_tangential": False, "use_thin_prism": False})
    expected = make("perspective", p).transform_points(points)
    torch.testing.assert_close(pinhole.transform_points(points)[..., :2], expected[..., :2])


def test_fisheye_distortions(generator):
    p = parameters("fisheye", 1, generator)
    points = torch.randn(1, 30, 3, generator=generator, dtype=F64)
    x, y, z = (points @ p["R"] + p["T"][:, None]).unbind(-1)
    r = torch.hypot(x, y) / z
    theta = torch.atan(r)
    k, (p0, p1), (s0, s1, s2, s3) = p["radial_params"][0], p["tangential_params"][0], p["thin_prism_params"][0]
    bent = theta * (1 + sum(k[i] * theta ** (2 * i + 2) for i in range(6)))
    a, b = bent * x / z / r, bent * y / z / r
    d = a * a + b * b
    u = a + (2 * a * a + d) * p0 + 2 * a * b * p1 + s0 * d + s1 * d * d
    v = b + (2 * b * b + d) * p1 + 2 * a * b * p0 + s2 * d + s3 * d * d
    expected = p["focal_length"][0] * torch.stack([u, v], -1) + p["principal_point"][0]
    torch.testing.assert_close(make("fisheye", p).transform_points(points)[..., :2], expected)
    assert (make("fisheye", p).transform_points(points)[..., 2] == 1).all()


def test_fisheye_on_its_axis_has_gradients():
    cameras = Cameras("fisheye", {}, {})
    point = torch.tensor([[0.0, 0.0, 2.0]], requires_grad=True)
    cameras.transform_points(point)[:, :2].sum().backward()
    torch.testing.assert_close(point.grad, torch.tensor([[0.5, 0.5, 0.0]]))
    xy_depth = torch.tensor([[0.0, 0.0, 2.0]], requires_grad=True)
    cameras.unproject_points(xy_depth).sum().backward()
    torch.testing.assert_close(xy_depth.grad, torch.tensor([[2.0, 2.0, 1.0]]))


def test_fisheye_in_view_coordinates(generator):
    p = parameters("fisheye", 2, generator)
    points = torch.randn(2, 5, 3, generator=generator, dtype=F64) + torch.tensor([0, 0, 5.0])
    local = make("fisheye", p, {"world_coordinates": False})
    without_view = make("fisheye", {name: value for name, value in p.items() if name not in "RT"})
    projected = local.transform_points(points)
    torch.testing.assert_close(projected, without_view.transform_points(points))
    back = local.unproject_points(torch.cat([projected[..., :2], points[..., 2:]], -1))
    torch.testing.assert_close(back, points)
    torch.testing.assert_close(local.forward(points, 1.0), make("fisheye", p).forward(points, 1.0))
    with pytest.raises(RuntimeError, match="FishEyeCameras: expected depths of view space"):
        local.unproject_points(points, scaled_depth_input=True)


def test_a_screen_without_flip(generator):
    p = parameters("perspective", 2, generator)
    cameras, points = make("perspective", p), torch.randn(2, 9, 3, generator=generator, dtype=F64)
    size = torch.tensor([[200.0, 260.0]], dtype=F64)
    screen = cameras.transform_points_screen(points, size)
    unflipped = cameras.transform_points_screen(points, size, False)
    torch.testing.assert_close(unflipped[..., :2], -screen[..., :2])
    to_screen = functions.get_ndc_to_screen_transform(size, True)
    ndc = torch.cat([cameras.transform_points_ndc(points), torch.ones(2, 9, 1, dtype=F64)], -1)
    torch.testing.assert_close((ndc @ to_screen)[..., :3], screen)
    torch.testing.assert_close(to_screen @ functions.get_screen_to_ndc_transform(size, True), torch.eye(4, dtype=F64)[None])
    ndc = torch.tensor([[1.0, 1.0, 0.5, 1.0]], dtype=F64)
    assert (ndc @ to_screen[0]).tolist() == [[30, 0, 0.5, 1]]  # the upper left of the middle square


E = torch.empty


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("perspective", {"R": torch.eye(3).expand(2, 3, 3), "T": torch.zeros(3, 3)}, "batch size, but R has 2 rows and T 3"),
        ("perspective", {"T": torch.zeros(1, 4)}, r"expected T to have shape \[N, 3\] with N = 1, but got \[1, 4\]"),
        ("perspective", {"T": torch.zeros(1, 3), "focal_length": torch.ones(1, dtype=F64)}, "expected parameters of one dtype, float32 or float64"),
        ("perspective", {"T": torch.zeros(1, 3, dtype=torch.float16)}, "expected parameters of one dtype, float32 or float64"),
        ("perspective", {"image_size": torch.tensor([[0, 5]])}, "expected image_size of 1 or more, but got 0"),
        ("perspective", {"K": torch.eye(3)[None]}, r"expected K to have shape \[N, 4, 4\] with N = 1, but got \[1, 3, 3\]"),
        ("fov_perspective", {"fov": torch.ones(2, 2)}, r"expected fov to have shape \[N\] with N = 1, but got \[2, 2\]"),
        ("fov_orthographic", {"scale_xyz": torch.ones(1, 2)}, r"FoVOrthographicCameras: expected scale_xyz to have shape \[N, 3\]"),
        ("fisheye", {"tangential_params": torch.ones(1, 3)}, r"FishEyeCameras: expected tangential_params to have shape \[N, 2\]"),
    ],
)
def test_errors(kind, values, message):
    with pytest.raises(RuntimeError, match=message):
        Cameras(kind, values, {})


def test_errors_of_points():
    cameras = Cameras("perspective", {"T": torch.zeros(3, 3)}, {})
    with pytest.raises(RuntimeError, match=r"transform_points: expected points to have shape \[P, 3\] or \[B, P, 3\], but got \[4\]"):
        cameras.transform_points(torch.zeros(4))
    with pytest.raises(RuntimeError, match="transform_points_ndc: expected points to be Float on cpu like the cameras, but got Double"):
        cameras.transform_points_ndc(torch.zeros(1, 3, dtype=F64))
    with pytest.raises(RuntimeError, match="unproject_points: expected xy_depth to be a batch of which 3 cameras are a multiple"):
        cameras.unproject_points(torch.zeros(2, 5, 3))
    with pytest.raises(RuntimeError, match="PerspectiveCameras: expected image_size, since the cameras have none"):
        cameras.transform_points_screen(torch.zeros(1, 3))
    with pytest.raises(RuntimeError, match="PerspectiveCameras: expected image_size, since the cameras have none"):
        Cameras("perspective", {}, {"in_ndc": False}).transform_points_ndc(torch.zeros(1, 3))


def test_no_cameras_and_no_points():
    none = Cameras("fov_perspective", {"R": torch.zeros(0, 3, 3), "T": torch.zeros(0, 3)}, {})
    assert none.size() == 0 and none.forward(torch.zeros(1, 5, 3), 1.0).shape == (0, 5, 3)
    assert Cameras("fisheye", {}, {}).forward(torch.zeros(1, 0, 3), 1.0).shape == (1, 0, 3)
