"""hat, so3_exp_map, so3_log_map and angles, against the matrix exponential."""

import math

import pytest
import torch

from tests.testing.functions import functions

from .rotations import ANGLES, LARGE_ANGLES, exp_skew, jacobians, random_matrices, rotation_vectors


def same(got, expected, atol=1e-13):
    torch.testing.assert_close(got, expected, rtol=0, atol=atol)


def test_hat_is_the_cross_product():
    v, x = torch.randn(2, 4, 3), torch.randn(2, 4, 3)
    torch.testing.assert_close((functions.hat(v) @ x[..., None])[..., 0], torch.linalg.cross(v, x))
    same(functions.hat_inv(functions.hat(v)), v, 0)
    assert functions.hat_inv(torch.zeros(0, 3, 3)).shape == (0, 3)
    assert torch.autograd.gradcheck(functions.hat, (v.double().requires_grad_(),))
    (gradient,) = torch.autograd.grad(functions.hat_inv(h := functions.hat(v).requires_grad_()).sum(), h)
    assert gradient.abs().sum() == v.numel()


def test_hat_inv_of_what_is_not_skew_symmetric():
    h = functions.hat(torch.tensor([[1.0, 2, 3], [4, 5, 6]]))
    h[1, 0, 0] = 0.25
    with pytest.raises(RuntimeError, match=r"hat_inv: expected h to be skew-symmetric, but an element of h \+ h\^T is 0.5\."):
        functions.hat_inv(h)
    rounded = functions.hat(torch.tensor([1e6, 2, 3]))
    rounded[1, 2] += 0.5  # a rounding, beside an element of 1e6
    functions.hat_inv(rounded)


def test_exponential():
    vectors = rotation_vectors(ANGLES + LARGE_ANGLES)
    same(functions.so3_exp_map(vectors), exp_skew(vectors), 1e-13)
    same(jacobians(functions.so3_exp_map, vectors), jacobians(exp_skew, vectors), 1e-11)
    tiny = functions.so3_exp_map(torch.tensor([1e-3, 0, 0]))  # PyTorch3D's clamp makes this wrong by 1e-5 of it
    same(tiny[2, 1], torch.tensor(math.sin(1e-3)), 1e-10)


@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-12), (torch.float32, 2e-6)])
def test_logarithm(dtype, atol):
    vectors = rotation_vectors(ANGLES)
    same(functions.so3_log_map(exp_skew(vectors).to(dtype)).double(), vectors, atol)
    half_turns = rotation_vectors([math.pi])
    got = functions.so3_log_map(exp_skew(half_turns).to(dtype)).double()
    same(exp_skew(got), exp_skew(half_turns), atol)
    same(got.norm(dim=1), torch.full((len(got),), math.pi, dtype=torch.float64), atol)


def test_gradient_of_the_logarithm_near_zero_and_pi():
    """By central differences along the group: log(R exp(t w)) at t = 0."""
    step = 1e-6
    directions = torch.eye(3, dtype=torch.float64)
    for R in exp_skew(rotation_vectors([0.0, 1e-5, 1.0, math.pi - 1e-4, math.pi - 1e-2])):
        for w in directions:
            along = lambda t: functions.so3_log_map(R @ exp_skew(t * w))
            difference = (along(step) - along(-step)) / (2 * step)
            derivative = torch.autograd.functional.jvp(along, torch.tensor(0.0, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64))[1]
            same(derivative, difference, 1e-8)


def test_gradients_are_finite_at_the_singular_rotations():
    flips = [torch.diag(torch.tensor(d)) for d in ([1.0, 1, 1], [1.0, -1, -1], [-1.0, 1, -1], [-1.0, -1, 1])]
    for R in torch.stack(flips):
        for function in (functions.so3_log_map, functions.so3_rotation_angle):
            (gradient,) = torch.autograd.grad(function(R.requires_grad_()).sum(), R)
            assert gradient.isfinite().all(), function


@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-13), (torch.float32, 1e-6)])
def test_rotation_angle_is_exact(dtype, atol):
    vectors = rotation_vectors(ANGLES + [math.pi])
    matrices = exp_skew(vectors).to(dtype)
    same(functions.so3_rotation_angle(matrices).double(), vectors.norm(dim=1), atol)
    same(functions.so3_rotation_angle(matrices, cos_angle=True).double(), vectors.norm(dim=1).cos(), atol)
    others = random_matrices(1).to(dtype)
    same(functions.so3_relative_angle(matrices @ others, others).double(), vectors.norm(dim=1), 10 * atol)
    same(functions.so3_relative_angle(matrices @ others, others, cos_angle=True).double(), vectors.norm(dim=1).cos(), 2 * atol)


def test_gradient_of_the_rotation_angle():
    matrices = random_matrices(6).requires_grad_()
    assert torch.autograd.gradcheck(functions.so3_rotation_angle, (matrices,))
    # d angle / d v = v / |v|
    vectors = rotation_vectors([1e-6, 0.1, 2.0, math.pi - 1e-6]).requires_grad_()
    (gradient,) = torch.autograd.grad(functions.so3_rotation_angle(exp_skew(vectors)).sum(), vectors)
    same(gradient, vectors.detach() / vectors.detach().norm(dim=1, keepdim=True), 1e-8)


def test_rotation_angle_with_cos_bound_is_that_of_pytorch3d():
    matrices = torch.cat([random_matrices(20), torch.eye(3, dtype=torch.float64)[None], torch.diag(torch.tensor([1.0, -1, -1])).double()[None]])
    cosines = (matrices.diagonal(0, 1, 2).sum(1) - 1) / 2
    got = functions.so3_rotation_angle(matrices, cos_bound=1e-4)
    same(got, functions.acos_linear_extrapolation(cosines), 0)
    # at cosines of 1 and -1 the tangent at 1 - 1e-4
    bound = 1 - 1e-4
    at_one = math.acos(bound) - 1e-4 / math.sqrt(1 - bound * bound)
    same(got[-2:], torch.tensor([at_one, math.pi - at_one], dtype=torch.float64), 1e-12)
    same(functions.so3_rotation_angle(matrices[:20], cos_bound=0.0), cosines[:20].acos(), 0)


def test_errors():
    wrong = torch.stack([torch.eye(3), 2 * torch.eye(3)])
    for name in ("so3_log_map", "so3_rotation_angle"):
        with pytest.raises(RuntimeError, match=rf"{name}: expected R to have traces in \[-1, 3\] within 0.0001, but got 6\."):
            getattr(functions, name)(wrong)
        getattr(functions, name)(wrong, eps=4.0)
        with pytest.raises(RuntimeError, match=rf"{name}: expected R to have shape \[..., 3, 3\], but got \[3\]\."):
            getattr(functions, name)(torch.zeros(3))
    with pytest.raises(RuntimeError, match=r"so3_log_map: expected R to have traces .* but got -3\."):
        functions.so3_log_map(-torch.eye(3))
    with pytest.raises(RuntimeError, match=r"so3_relative_angle: expected R to have traces in \[-1, 3\] within 0.0001, but got 6\."):
        functions.so3_relative_angle(wrong, torch.eye(3))
    with pytest.raises(RuntimeError, match=r"so3_relative_angle: expected R2 to have shape \[..., 3, 3\], but got \[4, 4\]\."):
        functions.so3_relative_angle(torch.eye(3), torch.eye(4))
    with pytest.raises(RuntimeError, match=r"so3_relative_angle: expected batches that are equal or 1, but got \[2, 3, 3\] and \[3, 3, 3\]\."):
        functions.so3_relative_angle(torch.zeros(2, 3, 3), torch.zeros(3, 3, 3))
    for bad in (-0.1, 1.5, math.nan):
        with pytest.raises(RuntimeError, match=r"so3_rotation_angle: expected cos_bound to be in \[0, 1\], but got"):
            functions.so3_rotation_angle(torch.eye(3), cos_bound=bad)
    with pytest.raises(RuntimeError, match=r"so3_exp_map: expected log_rot to have shape \[..., 3\], but got \[2, 4\]\."):
        functions.so3_exp_map(torch.zeros(2, 4))
    with pytest.raises(RuntimeError, match=r"hat: expected v to have shape \[..., 3\], but got \[2\]\."):
        functions.hat(torch.zeros(2))
    with pytest.raises(RuntimeError, match=r"hat_inv: expected h to have shape \[..., 3, 3\], but got \[3\]\."):
        functions.hat_inv(torch.zeros(3))


def test_empty_batches_and_nan():
    for name, result in (("so3_exp_map", [0, 3, 3]), ("so3_log_map", [0, 3]), ("so3_rotation_angle", [0])):
        inputs = torch.zeros(0, 3) if name == "so3_exp_map" else torch.zeros(0, 3, 3)
        assert list(getattr(functions, name)(inputs).shape) == result
    assert functions.so3_log_map(torch.full((3, 3), math.nan)).isnan().all()


def test_acos_linear_extrapolation():
    x = torch.linspace(-3, 3, 1001, dtype=torch.float64).requires_grad_()
    got = functions.acos_linear_extrapolation(x)
    inside = x.abs() <= 1 - 1e-4
    same(got[inside], x[inside].acos(), 0)
    bound = 1 - 1e-4
    slope = -1 / math.sqrt(1 - bound * bound)
    same(got[x > bound], math.acos(bound) + slope * (x[x > bound] - bound), 1e-10)
    same(got[x < -bound], math.acos(-bound) + slope * (x[x < -bound] + bound), 1e-10)
    (gradient,) = torch.autograd.grad(got.sum(), x)
    assert gradient.isfinite().all()
    same(gradient[~inside], torch.full_like(gradient[~inside], slope), 1e-9)
    ends = torch.tensor([-math.inf, math.inf, math.nan, 1.0, -1.0, bound, -bound], requires_grad=True)
    values = functions.acos_linear_extrapolation(ends)
    assert values[0] == math.inf and values[1] == -math.inf and values[2].isnan() and values[3:].isfinite().all()
    assert torch.autograd.grad(values[3:].sum(), ends)[0][3:].isfinite().all()
    got = functions.acos_linear_extrapolation(torch.tensor([0.9, -0.9]), -0.5, 0.5)
    slope = -1 / math.sqrt(0.75)
    same(got, torch.tensor([math.acos(0.5) + 0.4 * slope, math.acos(-0.5) - 0.4 * slope]), 1e-6)


@pytest.mark.parametrize("lower, upper", [(-1.0, 0.5), (-0.5, 1.0), (0.5, -0.5), (math.nan, 0.5)])
def test_bad_bounds(lower, upper):
    with pytest.raises(RuntimeError, match=r"acos_linear_extrapolation: expected bounds within \(-1, 1\), the lower first, but got .* and .*\."):
        functions.acos_linear_extrapolation(torch.zeros(2), lower, upper)
    with pytest.raises(RuntimeError, match="acos_linear_extrapolation: expected x to be of floating point, but got long int"):
        functions.acos_linear_extrapolation(torch.zeros(2, dtype=torch.int64))
