"""Matrices, quaternions, axis and angle, and 6D, against the matrix exponential."""

import math

import pytest
import torch

from tests.testing.functions import functions

from .rotations import ANGLES, LARGE_ANGLES, exp_skew, jacobians, random_matrices, rotation_vectors

SHAPES = {
    "quaternion_to_matrix": ("quaternions", [4], [3, 3]),
    "matrix_to_quaternion": ("matrix", [3, 3], [4]),
    "axis_angle_to_quaternion": ("axis_angle", [3], [4]),
    "quaternion_to_axis_angle": ("quaternions", [4], [3]),
    "axis_angle_to_matrix": ("axis_angle", [3], [3, 3]),
    "matrix_to_axis_angle": ("matrix", [3, 3], [3]),
    "rotation_6d_to_matrix": ("d6", [6], [3, 3]),
    "matrix_to_rotation_6d": ("matrix", [3, 3], [6]),
    "standardize_quaternion": ("quaternions", [4], [4]),
    "quaternion_invert": ("quaternion", [4], [4]),
}
OPS = {"quaternion_to_matrix", "axis_angle_to_matrix", "rotation_6d_to_matrix"}


def same(got, expected, atol=1e-13):
    torch.testing.assert_close(got, expected, rtol=0, atol=atol)


def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


def random_unit_quaternions(count):
    return unit(torch.randn(count, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("batch", [[], [5], [2, 1, 3], [0], [2, 0]])
def test_any_leading_sizes(name, batch):
    _, last, result = SHAPES[name]
    inputs = torch.randn(*batch, *last, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    got = getattr(functions, name)(inputs)
    assert list(got.shape) == batch + result and got.dtype == torch.float64
    flat = getattr(functions, name)(inputs.reshape(-1, *last))
    same(got.reshape(-1, *result), flat, atol=0)
    strided = torch.stack([inputs, inputs], -1)[..., 0]
    same(getattr(functions, name)(strided), got, atol=0)


@pytest.mark.parametrize("name", SHAPES)
def test_errors(name):
    argument, last, _ = SHAPES[name]
    function = getattr(functions, name)
    is_op = name in OPS  # whose messages come from its declaration
    shape, bad = ", ".join(map(str, last)), torch.zeros(2, *last[:-1], last[-1] + 1)
    shape = rf"\[N, {shape}\] = \[\*, {shape}\]" if is_op else rf"\[..., {shape}\]"
    with pytest.raises(RuntimeError, match=rf"{name}: expected {argument} to have shape {shape}, but got \[2, .*\]"):
        function(bad)
    with pytest.raises(RuntimeError, match=rf"{name}: expected {argument} to have .*, but got .*"):
        function(torch.tensor(1.0))
    with pytest.raises(RuntimeError, match=rf"{name}: expected {argument} to be {'float32 or float64' if is_op else 'of floating point'}, but got int"):
        function(torch.zeros(last, dtype=torch.int32))


@pytest.mark.parametrize("name", SHAPES)
def test_nan_gives_nan_and_does_not_reach_others(name):
    _, last, result = SHAPES[name]
    inputs = torch.randn(3, *last, generator=torch.Generator().manual_seed(0))
    expected = getattr(functions, name)(inputs)
    inputs[1].view(-1)[0] = math.nan
    got = getattr(functions, name)(inputs)
    assert got[1].isnan().any()
    same(got[::2], expected[::2], atol=0)


@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-14), (torch.float32, 5e-7)])
def test_axis_angle_to_matrix_and_quaternion(dtype, atol):
    vectors = rotation_vectors(ANGLES + LARGE_ANGLES, dtype)
    expected = exp_skew(vectors.double())
    got = functions.axis_angle_to_matrix(vectors)
    assert got.dtype == dtype
    same(got.double(), expected, 5 * atol)  # a float32 angle of 10 has a rounding of 5e-7
    quaternions = functions.axis_angle_to_quaternion(vectors)
    same(functions.quaternion_to_matrix(quaternions.double()), expected, 5 * atol)
    same(quaternions.norm(dim=-1), torch.ones(len(vectors), dtype=dtype), atol)
    half = vectors.double().norm(dim=-1) / 2
    same(quaternions[:, 0].double(), half.cos(), 5 * atol)


def test_relative_accuracy_of_small_rotations():
    vectors = torch.tensor([[1e-20, -2e-20, 3e-20], [1e-4, 2e-4, -1e-4]])
    for name in ("axis_angle_to_matrix", "axis_angle_to_quaternion"):
        back = getattr(functions, "matrix_to_axis_angle" if name.endswith("matrix") else "quaternion_to_axis_angle")
        torch.testing.assert_close(back(getattr(functions, name)(vectors)), vectors, rtol=1e-6, atol=0)


def test_gradients_of_axis_angle_to_matrix_are_those_of_the_exponential():
    vectors = rotation_vectors(ANGLES + LARGE_ANGLES)
    same(jacobians(functions.axis_angle_to_matrix, vectors), jacobians(exp_skew, vectors), 1e-11)
    floats = jacobians(functions.axis_angle_to_matrix, vectors.float())
    same(floats.double(), jacobians(exp_skew, vectors.float().double()), 1e-5)


@pytest.mark.parametrize("name", ["axis_angle_to_matrix", "axis_angle_to_quaternion"])
def test_derivatives_at_zero_and_elsewhere(name):
    vectors = rotation_vectors([0.0, 1e-4, 0.25, 4.0])[::4].clone().requires_grad_()  # one of each length, one more of 1e-4 and 4
    function = getattr(functions, name)
    assert torch.autograd.gradcheck(function, (vectors,))
    assert torch.autograd.gradgradcheck(function, (vectors,))


def test_quaternion_to_matrix():
    quaternions = random_unit_quaternions(50)
    w, v = quaternions[:, :1], quaternions[:, 1:]
    half = torch.atan2(v.norm(dim=1, keepdim=True), w)
    expected = exp_skew(2 * half * unit(v))
    same(functions.quaternion_to_matrix(quaternions), expected)
    for scale in (1e-30, 0.3, -2.0, 1e30):  # squares of the first and last leave float32
        got = functions.quaternion_to_matrix((scale * quaternions).float())
        same(got.double(), expected, 1e-6)
    assert torch.autograd.gradcheck(functions.quaternion_to_matrix, (2 * quaternions[:5].clone().requires_grad_(),))
    assert torch.autograd.gradgradcheck(functions.quaternion_to_matrix, (2 * quaternions[:5].clone().requires_grad_(),))


def test_zero_quaternion_is_the_identity_with_a_finite_gradient():
    zero = torch.zeros(1, 4, requires_grad=True)
    matrix = functions.quaternion_to_matrix(zero)
    same(matrix, torch.eye(3)[None], 0)
    matrix.sum().backward()
    assert zero.grad.isfinite().all()
    same(functions.quaternion_to_axis_angle(zero), torch.zeros(1, 3), 0)


QUARTER = math.sqrt(0.5)
HALF_TURNS = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, QUARTER, QUARTER, 0], [0, QUARTER, 0, -QUARTER], [0, 0, QUARTER, -QUARTER]]


@pytest.mark.parametrize("main", range(4))
@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-14), (torch.float32, 1e-6)])
def test_matrix_to_quaternion_in_each_of_its_branches(main, dtype, atol):
    quaternions = random_unit_quaternions(200)
    quaternions[:, main] = 3 * quaternions[:, main].sign()
    quaternions = unit(quaternions)
    expected = torch.where(quaternions[:, :1] < 0, -quaternions, quaternions)
    got = functions.matrix_to_quaternion(functions.quaternion_to_matrix(quaternions).to(dtype))
    same(got.double(), expected, atol)


def test_matrix_to_quaternion_of_half_turns():
    quaternions = torch.tensor([*HALF_TURNS, [1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], [0.5, -0.5, 0.5, -0.5]], dtype=torch.float64)
    matrices = functions.quaternion_to_matrix(quaternions).requires_grad_()
    got = functions.matrix_to_quaternion(matrices)
    same(got * (got * quaternions).sum(1, keepdim=True).sign(), quaternions, 1e-15)
    assert (got.gather(1, got.abs().argmax(1, keepdim=True)) > 0).all()
    got.sum().backward()
    assert matrices.grad.isfinite().all()


def test_the_sign_of_an_exact_half_turn():
    matrix = torch.tensor([[0.0, -1, 0], [-1, 0, 0], [0, 0, -1]])  # about [1, -1, 0] or [-1, 1, 0]
    same(functions.matrix_to_quaternion(matrix), torch.tensor([0, QUARTER, -QUARTER, 0]), 1e-7)


def test_gradient_of_matrix_to_quaternion_through_all_branches():
    # q -> R -> q is q / |q| with a fixed sign, whose derivative is known.
    quaternions = torch.cat([random_unit_quaternions(40), torch.tensor(HALF_TURNS, dtype=torch.float64), torch.eye(4, dtype=torch.float64)])
    round_trip = lambda q: functions.matrix_to_quaternion(functions.quaternion_to_matrix(q))
    signs = (round_trip(quaternions) * quaternions).sum(1).sign()
    expected = signs[:, None, None] * (torch.eye(4, dtype=torch.float64) - quaternions[:, :, None] * quaternions[:, None])
    same(jacobians(round_trip, quaternions), expected)


def test_matrix_to_quaternion_of_what_is_no_rotation_is_finite():
    matrices = torch.stack([torch.zeros(3, 3), -torch.eye(3), torch.ones(3, 3), 1e6 * torch.eye(3), torch.diag(torch.tensor([-1e6, 1e6, -1e6]))])
    matrices.requires_grad_()
    for function in (functions.matrix_to_quaternion, functions.matrix_to_axis_angle):
        got = function(matrices)
        (gradient,) = torch.autograd.grad(got.sum(), matrices)
        assert got.isfinite().all() and gradient.isfinite().all()


@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-13), (torch.float32, 1e-6)])
def test_axis_angles_come_back(dtype, atol):
    vectors = rotation_vectors(ANGLES)
    for matrices in (exp_skew(vectors), functions.axis_angle_to_matrix(vectors)):
        same(functions.matrix_to_axis_angle(matrices.to(dtype)).double(), vectors, 2 * atol)
    more = rotation_vectors(ANGLES + [math.pi, 3.3, 2 * math.pi - 1e-3])
    same(functions.quaternion_to_axis_angle(functions.axis_angle_to_quaternion(more.to(dtype))).double(), more, 10 * atol)


def test_axis_angles_of_half_turns():
    quaternions = torch.tensor(HALF_TURNS, dtype=torch.float64)
    matrices = functions.quaternion_to_matrix(quaternions).requires_grad_()
    got = functions.matrix_to_axis_angle(matrices)
    same(got, math.pi * functions.matrix_to_quaternion(matrices)[:, 1:], 1e-15)
    got.sum().backward()
    assert matrices.grad.isfinite().all()


def test_gradient_of_the_logarithm():
    """log(exp(v)) is v within pi; from pi on it is v - 2 pi v / |v|."""
    vectors = rotation_vectors(ANGLES + [math.pi, math.pi + 1e-6, 3.5])
    round_trip = lambda v: functions.matrix_to_axis_angle(functions.axis_angle_to_matrix(v))
    axes = vectors / vectors.norm(dim=1, keepdim=True).clamp_min(1e-300)
    turned = (round_trip(vectors) * axes).sum(1) < 0
    assert turned.any() and not turned[vectors.norm(dim=1) < math.pi - 1e-9].any()
    along, eye = axes[:, :, None] * axes[:, None], torch.eye(3, dtype=torch.float64)
    lengths = vectors.norm(dim=1)[:, None, None]
    beyond = eye - 2 * math.pi / lengths * (eye - along)
    expected = torch.where(turned[:, None, None], beyond, eye)
    same(jacobians(round_trip, vectors), expected, 1e-9)
    floats = rotation_vectors([0.0, 1e-20, 1e-6, 1e-3, 0.06, 0.5, 3.0, 3.14], torch.float32)
    same(jacobians(round_trip, floats), torch.eye(3).expand(len(floats), 3, 3), 1e-4)


def test_derivatives_of_quaternion_to_axis_angle():
    small = torch.tensor([[1.0, 0, 0, 0], [2.0, 1e-3, 0, 1e-3], [1, 0.0624, 0, 0], [1, 0.0626, 0, 0], [-1, 0.5, 0.2, 0], [0, 1, 0, 2.0]])
    quaternions = torch.cat([random_unit_quaternions(10), small.double()]).requires_grad_()
    assert torch.autograd.gradcheck(functions.quaternion_to_axis_angle, (quaternions,))
    assert torch.autograd.gradgradcheck(functions.quaternion_to_axis_angle, (quaternions,))


def test_quaternion_to_axis_angle_of_any_length_and_sign():
    quaternions = random_unit_quaternions(50)
    got = functions.quaternion_to_axis_angle(quaternions)
    same(exp_skew(got), functions.quaternion_to_matrix(quaternions))
    same(functions.quaternion_to_axis_angle(7 * quaternions), got)
    assert ((got.norm(dim=1) > math.pi) == (quaternions[:, 0] < 0)).all()
    whole_turn = torch.tensor([[-1.0, 0, 0, 0]], requires_grad=True)
    (gradient,) = torch.autograd.grad(functions.quaternion_to_axis_angle(whole_turn)[0, 1], whole_turn)
    same(gradient, torch.tensor([[0.0, 0, -2, 0]]), 0)


def test_rotation_6d():
    d6 = torch.randn(50, 6, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    q, r = torch.linalg.qr(d6.view(-1, 2, 3).mT)
    rows = (q * r.diagonal(0, 1, 2).sign()[:, None]).mT
    got = functions.rotation_6d_to_matrix(d6)
    same(got[:, :2], rows)
    assert functions.is_rotation_matrix(got, 1e-12).all()
    same(functions.rotation_6d_to_matrix(functions.matrix_to_rotation_6d(got)), got)
    same(functions.matrix_to_rotation_6d(got), got.reshape(-1, 9)[:, :6], 0)
    for scale in (1e-30, 1e30):
        same(functions.rotation_6d_to_matrix((scale * d6).float()).double(), got, 2e-5)
    assert torch.autograd.gradcheck(functions.rotation_6d_to_matrix, (d6[:5].clone().requires_grad_(),))
    assert torch.autograd.gradgradcheck(functions.rotation_6d_to_matrix, (d6[:5].clone().requires_grad_(),))


def test_rotation_6d_of_degenerate_vectors_is_finite():
    d6 = torch.tensor([[0.0] * 6, [1, 2, 3, 2, 4, 6], [0, 0, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0]], requires_grad=True)
    got = functions.rotation_6d_to_matrix(d6)
    got.sum().backward()
    assert got.isfinite().all() and d6.grad.isfinite().all()


def test_matrix_to_rotation_6d_is_a_copy():
    matrix = torch.eye(3)
    functions.matrix_to_rotation_6d(matrix).zero_()
    same(matrix, torch.eye(3), 0)


def test_is_rotation_matrix():
    good = random_matrices(4)
    stretched, mirrored, noisy = good.clone(), good.clone(), good.clone()
    stretched[:, 0] *= 1.001
    mirrored[:, 0] *= -1
    noisy[:, 1, 1] += 1e-6
    assert functions.is_rotation_matrix(good).tolist() == [True] * 4
    for bad in (stretched, mirrored, torch.full((1, 3, 3), math.nan), torch.zeros(2, 2, 3, 3)):
        assert not functions.is_rotation_matrix(bad).any()
    assert functions.is_rotation_matrix(noisy).all() and not functions.is_rotation_matrix(noisy, 1e-8).any()
    assert functions.is_rotation_matrix(torch.zeros(0, 3, 3)).shape == (0,)
