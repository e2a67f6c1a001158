"""Cameras that look at a point, and what is made of R and T."""

import math

import pytest
import torch

from bisque3d.testing import threads  # noqa: F401  (loads the ops)
from tests.testing.functions import functions

F64 = torch.float64


def look_at(degrees: bool = True, **values):
    return functions.look_at_view_transform({name: torch.as_tensor(value) for name, value in values.items()}, degrees)


def assert_rotation(R):
    torch.testing.assert_close(R @ R.mT, torch.eye(3, dtype=R.dtype).expand_as(R), rtol=0, atol=1e-5)
    torch.testing.assert_close(torch.linalg.det(R), torch.ones(len(R), dtype=R.dtype))


def test_a_batch_of_spherical_angles():
    torch.manual_seed(0)
    dist, elev, azim = 1 + torch.rand(5, dtype=F64), 60 * torch.randn(5, dtype=F64).clamp(-1.4, 1.4), 360 * torch.rand(5, dtype=F64)
    at = torch.randn(5, 3, dtype=F64)
    R, T = look_at(dist=dist, elev=elev, azim=azim, at=at)
    assert_rotation(R)
    e, a = torch.deg2rad(elev), torch.deg2rad(azim)
    eye = at + dist[:, None] * torch.stack([e.cos() * a.sin(), e.sin(), e.cos() * a.cos()], 1)
    torch.testing.assert_close(-(R @ T[..., None])[..., 0], eye)
    torch.testing.assert_close((at[:, None] @ R)[:, 0] + T, torch.stack([0 * dist, 0 * dist, dist], 1), atol=1e-12, rtol=0)
    assert (R[:, 1, 1] > 0).all()  # up in the picture is up in the world
    torch.testing.assert_close(R[:, 1, 0], torch.zeros(5, dtype=F64))
    torch.testing.assert_close(look_at(eye=eye, at=at), (R, T))
    torch.testing.assert_close(look_at(False, dist=dist, elev=e, azim=a, at=at), (R, T))
    torch.testing.assert_close(functions.camera_position_from_spherical_angles(dist, elev, azim) + at, eye)
    torch.testing.assert_close(functions.look_at_rotation(eye, at, torch.tensor([[0.0, 1.0, 0.0]], dtype=F64)), R)


def test_one_value_holds_for_all():
    R, T = look_at(dist=torch.tensor(3.0), azim=torch.tensor([0.0, 90.0]), elev=torch.tensor([10.0]))
    assert R.shape == (2, 3, 3) and T.shape == (2, 3)
    torch.testing.assert_close(T[:, 2], torch.tensor([3.0, 3.0]))


@pytest.mark.parametrize("dtype", [torch.float32, F64])
@pytest.mark.parametrize("elev", [90.0, -90.0])
def test_from_straight_above_and_below(elev, dtype):
    above = torch.tensor([[0.0, math.copysign(5, elev), 0.0]], dtype=dtype)
    for R in (look_at(dist=torch.tensor([2.0], dtype=dtype), elev=torch.tensor([elev], dtype=dtype))[0], look_at(eye=above)[0]):
        assert_rotation(R)
        assert R[0, 1, 2].item() == pytest.approx(-math.copysign(1, elev))
    torch.testing.assert_close(R[0, :, 0], torch.tensor([-1.0, 0, 0], dtype=dtype))  # as for elevations close to it


def test_the_azimuth_is_kept_from_straight_above():
    # In float32, the cosine of 90 degrees is not 0.
    R, _ = look_at(dist=torch.tensor([2.7]), elev=torch.tensor([90.0]), azim=torch.tensor([90.0]))
    torch.testing.assert_close(R[0, :, 0], torch.tensor([0.0, 0.0, -1.0]))


@pytest.mark.parametrize("up", [[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, -3.0]])
def test_degenerate_directions_are_rotations_with_finite_gradients(up):
    up = torch.tensor([up])
    eye = torch.cat([2 * up, -0.5 * up, torch.zeros(1, 3)]).requires_grad_()
    R, T = look_at(eye=eye, up=up)
    assert_rotation(R)
    (R.sum() + T.sum()).backward()
    assert eye.grad.isfinite().all()
    assert R[2, :, 2].tolist() == [0, 0, 1]


def test_lengths_of_any_size():
    expected = look_at(eye=torch.tensor([[1.0, 2.0, 3.0]]))[0]
    for scale in (1e-30, 1e30):
        R, _ = look_at(eye=torch.tensor([[1.0, 2.0, 3.0]]) * scale, up=torch.tensor([[0, scale, 0]]))
        torch.testing.assert_close(R, expected)


def test_gradients():
    torch.manual_seed(1)
    values = {name: torch.rand(3, dtype=F64) + 0.5 for name in ("dist", "elev", "azim")}
    values.update({name: torch.rand(3, 3, dtype=F64) for name in ("at", "up")})

    def views(*tensors):
        return functions.look_at_view_transform(dict(zip(values, tensors)), False)

    assert torch.autograd.gradcheck(views, [value.requires_grad_() for value in values.values()])


def test_turning_on_the_spot():
    R, T = look_at(dist=torch.tensor([3.0, 4.0]), azim=torch.tensor([20.0, 50.0]), elev=torch.tensor([10.0, -30.0]))
    for axis_angle in ([0, 0.2, 0], [0.3, 0, 0]):
        turn = functions.axis_angle_to_matrix(torch.tensor(axis_angle))
        new_R, new_T = functions.rotate_on_spot(R, T, turn)
        torch.testing.assert_close(new_R @ new_T[..., None], R @ T[..., None])  # the centers
        ahead = torch.tensor([0.0, 0.0, 1.0])  # in view space, as seen by the turned camera
        seen = ahead @ R[0].T @ new_R[0]
        # A camera that turned to its right (up) sees it on the left (below).
        assert seen[0] > 0.1 if axis_angle[1] else seen[1] < -0.1
    one_R, one_T = functions.rotate_on_spot(R[0], T[0], turn[None].expand(2, 3, 3))
    assert one_R.shape == (2, 3, 3) and one_T.shape == (2, 3)
    with pytest.raises(RuntimeError, match=r"rotate_on_spot: expected rotation to have shape \[3, 3\] or a batch"):
        functions.rotate_on_spot(R, T, torch.zeros(2, 2))


def test_eye_at_up():
    R, T = look_at(dist=torch.tensor([3.0, 4.0]), azim=torch.tensor([20.0, 50.0]), elev=torch.tensor([10.0, -30.0]), up=torch.tensor([[0.1, 1.0, 0.2]]))
    eye, at, up = functions.camera_to_eye_at_up(R, T)
    torch.testing.assert_close(look_at(eye=eye, at=at, up=up), (R, T))
    torch.testing.assert_close((at - eye).norm(dim=1), torch.ones(2))


def test_errors():
    with pytest.raises(RuntimeError, match="look_at_view_transform: expected parameters of one batch size, but dist has 2 rows and elev 3"):
        look_at(dist=torch.ones(2), elev=torch.ones(3))
    with pytest.raises(RuntimeError, match=r"look_at_rotation: expected at to have shape \[N, 3\]"):
        functions.look_at_rotation(torch.zeros(1, 3), torch.zeros(1, 4), torch.zeros(1, 3))
    with pytest.raises(RuntimeError, match=r"get_world_to_view_transform: expected R \[N, 3, 3\] and T \[N, 3\]"):
        functions.camera_to_eye_at_up(torch.zeros(2, 3, 3), torch.zeros(1, 3))
    with pytest.raises(RuntimeError, match=r"get_ndc_to_screen_transform: expected image_size to have shape \[N, 2\]"):
        functions.get_ndc_to_screen_transform(torch.zeros(1, 3))
