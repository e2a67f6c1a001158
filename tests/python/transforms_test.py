"""Rotations and transforms of the Python package, against matrix exponentials and plain torch."""

import itertools
import math

import pytest
import torch

from bisque3d import transforms
from bisque3d.transforms import Rotate, RotateAxisAngle, Scale, Transform3d, Translate
from bisque3d.transforms.rotation_conversions import _copysign, _sqrt_positive_part
from bisque3d.transforms.so3 import _so3_exp_map, hat, hat_inv
from bisque3d.transforms.transform3d import _check_valid_rotation_matrix

CONVENTIONS = ["".join(c) for c in itertools.product("XYZ", repeat=3) if c[0] != c[1] and c[1] != c[2]]


def close(actual, expected, **tolerance):
    torch.testing.assert_close(actual, expected, **tolerance)


def random(*sizes, seed=0):
    return torch.randn(*sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def exponential(vectors):
    return torch.linalg.matrix_exp(hat(vectors))


class TestRotations:
    def test_each_form_gives_the_same_rotation(self):
        vectors = random(5, 4, 3)
        R = exponential(vectors)
        for matrix in (
            transforms.axis_angle_to_matrix(vectors),
            transforms.axis_angle_to_matrix(vectors, fast=True),
            transforms.quaternion_to_matrix(transforms.axis_angle_to_quaternion(vectors) * 3),
            transforms.quaternion_to_matrix(transforms.matrix_to_quaternion(R)),
            transforms.axis_angle_to_matrix(transforms.matrix_to_axis_angle(R)),
            transforms.axis_angle_to_matrix(transforms.quaternion_to_axis_angle(transforms.matrix_to_quaternion(R) * -2)),
            transforms.rotation_6d_to_matrix(transforms.matrix_to_rotation_6d(R)),
            transforms.so3_exp_map(vectors),
        ):
            close(matrix, R)

    @pytest.mark.parametrize("convention", CONVENTIONS)
    def test_euler_angles(self, convention):
        R = exponential(random(20, 3))
        angles = transforms.matrix_to_euler_angles(R, convention)
        close(transforms.euler_angles_to_matrix(angles, convention), R)
        axes = [torch.eye(3, dtype=torch.float64)["XYZ".index(letter)] for letter in convention]
        product = exponential(angles[:, :1] * axes[0]) @ exponential(angles[:, 1:2] * axes[1]) @ exponential(angles[:, 2:] * axes[2])
        close(product, R)

    @pytest.mark.parametrize("convention", CONVENTIONS)
    def test_gimbal_lock(self, convention):
        middle = math.pi / 2 if convention[0] != convention[2] else 0.0
        R = transforms.euler_angles_to_matrix(torch.tensor([0.3, middle, 0.4], dtype=torch.float64), convention).requires_grad_()
        angles = transforms.matrix_to_euler_angles(R, convention)
        close(transforms.euler_angles_to_matrix(angles, convention), R)
        angles.sum().backward()
        assert angles[2] == 0 and R.grad.isfinite().all()

    @pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
    def test_euler_angles_compile_as_scripts(self):
        to_matrix, to_angles = (torch.jit.script(f) for f in (transforms.euler_angles_to_matrix, transforms.matrix_to_euler_angles))
        angles = random(4, 3) / 4
        close(to_angles(to_matrix(angles, "ZYX"), "ZYX"), angles)

    @pytest.mark.parametrize(
        ["angles", "convention", "message"],
        [
            (torch.rand(2), "XYZ", "Invalid input euler angles"),
            (torch.rand(3), "XY", "Convention must have 3 letters"),
            (torch.rand(3), "XXY", "Invalid convention XXY"),
            (torch.rand(3), "XYA", "Invalid letter A"),
        ],
    )
    def test_euler_errors(self, angles, convention, message):
        with pytest.raises(ValueError, match=message):
            transforms.euler_angles_to_matrix(angles, convention)
        with pytest.raises(ValueError, match=message if angles.shape == (3,) else "Invalid rotation matrix shape"):
            transforms.matrix_to_euler_angles(torch.rand(3, angles.shape[0]), convention)

    def test_quaternions(self):
        a, b, point = (transforms.random_quaternions(6, dtype=torch.float64) for _ in range(3))
        point = point[:, 1:]
        A, B = transforms.quaternion_to_matrix(a), transforms.quaternion_to_matrix(b)
        close(transforms.quaternion_to_matrix(transforms.quaternion_multiply(a, b)), A @ B)
        assert (transforms.quaternion_multiply(a, b)[:, 0] >= 0).all() and (a[:, 0] >= 0).all()
        close(transforms.quaternion_to_matrix(transforms.quaternion_invert(a)), A.mT)
        close(transforms.quaternion_apply(a, point), (A @ point[..., None])[..., 0])
        close(transforms.quaternion_apply(a[:, None], point), torch.einsum("nij,mj->nmi", A, point))
        close(transforms.standardize_quaternion(-a), a)
        with pytest.raises(ValueError, match="not in 3D"):
            transforms.quaternion_apply(a, point[:, :2])

    def test_rotations_by_pi(self):
        axes = torch.cat([torch.eye(3), -torch.eye(3), torch.tensor([[0.6, 0.8, 0.0]])]).double()
        R = exponential(axes * math.pi)
        close(transforms.so3_exp_map(transforms.so3_log_map(R)), R)
        close(transforms.so3_rotation_angle(R), torch.full((7,), math.pi, dtype=torch.float64), rtol=1e-7, atol=1e-7)

    def test_zero(self):
        zero = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
        R = transforms.so3_exp_map(zero)
        log = transforms.so3_log_map(R)
        assert torch.equal(R.detach()[0], torch.eye(3, dtype=torch.float64)) and (log == 0).all()
        assert torch.autograd.gradcheck(lambda v: transforms.so3_log_map(transforms.so3_exp_map(v)), zero)
        assert torch.autograd.gradgradcheck(transforms.axis_angle_to_quaternion, zero)
        quaternion = torch.zeros(4, requires_grad=True)
        transforms.quaternion_to_matrix(quaternion).sum().backward()
        assert quaternion.grad.isfinite().all()

    def test_random(self):
        torch.manual_seed(3)
        first = transforms.random_rotations(100)
        torch.manual_seed(3)
        assert torch.equal(first, transforms.random_rotations(100)) and transforms.random_rotation(torch.float64).dtype == torch.float64
        close(first @ first.mT, torch.eye(3).expand(100, 3, 3), atol=1e-6, rtol=0)
        close(torch.linalg.det(first), torch.ones(100))
        assert first.mean(0).abs().max() < 0.25

    def test_half_is_computed_in_float32(self):
        quaternions = transforms.random_quaternions(3)
        half = transforms.quaternion_to_matrix(quaternions.half())
        assert half.dtype == torch.float16
        close(half.float(), transforms.quaternion_to_matrix(quaternions), atol=4e-3, rtol=0)

    def test_helpers(self):
        x = torch.tensor([4.0, 0.0, -1.0], requires_grad=True)
        roots = _sqrt_positive_part(x)
        roots.sum().backward()
        assert roots.tolist() == [2, 0, 0] and x.grad.tolist() == [0.25, 0, 0]
        assert _copysign(torch.tensor([1.0, -1.0]), torch.tensor([-2.0, 0.0])).tolist() == [-1, 1]

    def test_bad_matrix(self):
        for function in (transforms.matrix_to_quaternion, transforms.matrix_to_axis_angle):
            with pytest.raises(ValueError, match="Invalid rotation matrix shape"):
                function(torch.rand(2, 3))


class TestLie:
    def test_exponential_and_logarithm(self):
        vectors = random(50, 6)
        vectors[0, 3:] = 0
        skew = torch.zeros(50, 4, 4, dtype=torch.float64)
        skew[:, :3, :3], skew[:, :3, 3] = hat(vectors[:, 3:]), vectors[:, :3]
        T = transforms.se3_exp_map(vectors)
        close(T, torch.linalg.matrix_exp(skew).mT)
        close(transforms.se3_exp_map(transforms.se3_log_map(T)), T)
        small = vectors * 0.3
        close(transforms.se3_log_map(transforms.se3_exp_map(small)), small)
        close(Transform3d(matrix=T).get_se3_log(), transforms.se3_log_map(T))
        R, angles, skews, squares = _so3_exp_map(vectors[:, 3:])
        close(squares, skews @ skews)
        close(angles, vectors[:, 3:].norm(dim=1).clamp_min(0.01))

    def test_gradients(self):
        vectors = torch.cat([random(2, 6), torch.zeros(1, 6, dtype=torch.float64)]).requires_grad_()
        assert torch.autograd.gradcheck(transforms.se3_exp_map, vectors)
        assert torch.autograd.gradcheck(lambda v: transforms.se3_log_map(transforms.se3_exp_map(v)), vectors)

    def test_angles(self):
        vectors = random(30, 3)
        R1, R2 = exponential(vectors), exponential(random(30, 3, seed=1))
        angles = transforms.so3_relative_angle(R1, R2)
        close(angles, transforms.so3_log_map(R1 @ R2.mT).norm(dim=1))
        close(transforms.so3_relative_angle(R1, R2, cos_angle=True), angles.cos())
        assert (transforms.so3_relative_angle(R1, R1) < 1e-7).all()
        bounded = transforms.so3_relative_angle(R1.float(), R1.float(), cos_bound=1e-4)
        close(bounded, torch.full((30,), math.acos(1 - 1e-4) - 1e-4 / math.sqrt(1 - (1 - 1e-4) ** 2)), atol=1e-3, rtol=0)
        close(transforms.so3_rotation_angle(R1, cos_bound=0.0), transforms.so3_rotation_angle(R1))

    def test_hat(self):
        v, w = random(4, 3), random(4, 3, seed=1)
        close((hat(v) @ w[..., None])[..., 0], torch.linalg.cross(v, w))
        assert torch.equal(hat_inv(hat(v)), v)

    def test_acos(self):
        x = torch.tensor([-2.0, -0.5, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
        y = transforms.acos_linear_extrapolation(x)
        close(y[1:3], x[1:3].acos())
        slope = -1 / math.sqrt(1 - (1 - 1e-4) ** 2)
        close(y[3], torch.tensor(math.acos(1 - 1e-4) + slope * (1 + 1e-4), dtype=torch.float64))
        y.sum().backward()
        close(x.grad[[0, 3]], torch.full((2,), slope, dtype=torch.float64))

    def test_old_name_warns(self):
        with pytest.warns(PendingDeprecationWarning, match="so3_exp_map"):
            transforms.so3_exponential_map(torch.zeros(1, 3))

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: transforms.so3_exp_map(torch.rand(5, 4)), "Input tensor shape has to be Nx3"),
            (lambda: transforms.so3_log_map(torch.rand(5, 3, 5)), "Input has to be a batch of 3x3 Tensors"),
            (lambda: transforms.so3_log_map(torch.rand(5, 3, 3) + 4), r"trace outside valid range \[-1-eps,3\+eps\]"),
            (lambda: hat_inv(torch.rand(5, 3, 4)), "batch of 3x3"),
            (lambda: hat_inv(torch.ones(5, 3, 3)), "not skew-symmetric"),
            (lambda: hat(torch.rand(5, 4)), "Input vectors have to be 3-dimensional"),
            (lambda: transforms.se3_exp_map(torch.rand(5, 4)), r"shape \(N, 6\)"),
            (lambda: transforms.se3_exp_map(torch.rand(6)), r"shape \(N, 6\). Got \(6,\)"),
            (lambda: transforms.se3_exp_map(torch.rand(2, 3, 6)), r"shape \(N, 6\)"),
            (lambda: transforms.se3_log_map(torch.rand(5, 4)), r"\(N, 4, 4\)"),
            (lambda: transforms.se3_log_map(torch.ones(1, 4, 4)), "should be 0"),
            (lambda: transforms.acos_linear_extrapolation(torch.rand(1), (0.5, -0.5)), "smaller or equal"),
            (lambda: transforms.acos_linear_extrapolation(torch.rand(1), (-1.0, 0.5)), "within"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()


class TestTransform3d:
    def test_order_of_composition(self):
        R, offsets, points = transforms.random_rotations(3), torch.randn(3, 3), torch.randn(10, 3)
        t = Transform3d().scale(2.0).rotate(R).translate(offsets)
        expected = (points * 2) @ R + offsets[:, None]
        close(t.transform_points(points), expected)
        close(t.inverse().transform_points(expected), points.expand(3, 10, 3), atol=1e-5, rtol=1e-5)
        close(t.inverse(invert_composed=True).get_matrix(), torch.linalg.inv(t.get_matrix()))
        close(Transform3d().compose(Scale(2.0), Rotate(R), Translate(offsets)).get_matrix(), t.get_matrix())
        close(Scale(2.0).rotate(R).translate(offsets).inverse().get_matrix(), torch.linalg.inv(t.get_matrix()), atol=1e-5, rtol=1e-5)
        assert len(t) == 3 and len(Transform3d()) == 1

    def test_broadcast(self):
        one, several = Translate(1.0, 2.0, 3.0), Scale(torch.rand(4) + 1)
        assert one.transform_points(torch.rand(5, 3)).shape == (5, 3) and one.transform_points(torch.rand(7, 5, 3)).shape == (7, 5, 3)
        assert several.transform_points(torch.rand(5, 3)).shape == (4, 5, 3) and several.transform_points(torch.rand(1, 5, 3)).shape == (4, 5, 3)
        assert several.transform_normals(torch.rand(5, 3)).shape == (4, 5, 3) and one.transform_normals(torch.rand(5, 3)).shape == (5, 3)
        assert one.compose(several).get_matrix().shape == several.compose(one).get_matrix().shape == (4, 4, 4)
        with pytest.raises(ValueError, match="Expected batch dim for bmm to be equal or 1"):
            several.transform_points(torch.rand(3, 5, 3))
        assert several.stack(one, several).get_matrix().shape == (9, 4, 4)

    def test_normals(self):
        t = Transform3d(dtype=torch.float64).scale(1.0, 2.0, 3.0).rotate(transforms.random_rotation(torch.float64))
        a, b = random(5, 3), random(5, 3, seed=1)
        normals = t.transform_normals(torch.linalg.cross(a, b))
        for side in (a, b):
            close((normals * t.transform_points(side)).sum(1), torch.zeros(5, dtype=torch.float64))

    def test_parts(self):
        close(Translate(torch.tensor([1.0, 2.0]), 3, torch.tensor(4.0)).get_matrix()[:, 3], torch.tensor([[1.0, 3, 4, 1], [2, 3, 4, 1]]))
        close(Scale(torch.tensor([2.0, 3.0])).get_matrix()[1], torch.diag(torch.tensor([3.0, 3, 3, 1])))
        close(Scale(1, 2, 3).inverse().get_matrix()[0], torch.diag(torch.tensor([1, 1 / 2, 1 / 3, 1])))
        close(Translate(torch.rand(2, 3)).inverse().get_matrix()[:, :3], torch.eye(3, 4).expand(2, 3, 4))
        quarter = RotateAxisAngle(90, "z")
        close(quarter.transform_points(torch.tensor([[1.0, 0, 0]])), torch.tensor([[0.0, 1, 0]]), atol=1e-6, rtol=0)
        close(RotateAxisAngle(torch.tensor([math.pi / 2]), "Z", degrees=False).get_matrix(), quarter.get_matrix())
        close(Transform3d().rotate_axis_angle(90, axis="Z").get_matrix(), quarter.get_matrix())
        R = transforms.random_rotations(2)
        close(Rotate(R).inverse().get_matrix()[:, :3, :3], R.mT)

    def test_elements_keep_their_class(self):
        t = Translate(torch.arange(12.0).reshape(4, 3))
        for index, expected in ((1, [1]), (-1, [3]), (slice(1, 3), [1, 2]), ([2, 0], [2, 0]), (torch.tensor([True, False, False, True]), [0, 3])):
            chosen = t[index]
            assert type(chosen) is Translate and torch.equal(chosen.get_matrix(), t.get_matrix()[expected])
            close(chosen.inverse().get_matrix(), torch.linalg.inv(chosen.get_matrix()))
        assert type(t.clone()) is Translate and t.clone()._matrix is not t._matrix

    def test_dtypes(self):
        t = Transform3d(dtype=torch.float64).translate(1, 2, 3).scale(0.1)
        assert t.get_matrix().dtype == torch.float64 and Translate(torch.rand(1, 3).double()).dtype == torch.float32
        points = random(4, 3)
        assert torch.equal(t.transform_points(points), (points + torch.tensor([1.0, 2, 3])) * 0.1) or (
            (t.transform_points(points) - (points + torch.tensor([1.0, 2, 3])) * 0.1).abs().max() < 1e-15
        )
        assert t.to("cpu") is t and t.to("cpu", dtype=torch.float32).get_matrix().dtype == torch.float32 and t.to("cpu", copy=True) is not t
        assert t.transform_points(points.half()).dtype == torch.float16

    def test_eps_keeps_points_finite(self):
        t = Transform3d(matrix=torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]]))
        points = torch.tensor([[1.0, 1, 0], [1, 1, -1e-6], [1, 1, 2]])
        moved = t.transform_points(points, eps=0.1)
        close(moved[:, 0], torch.tensor([10.0, -10, 0.5]))
        assert not t.transform_points(points).isfinite().all()

    def test_gradients(self):
        def moved(R6, offsets, scale, points):
            t = Transform3d(dtype=torch.float64).scale(scale).rotate(transforms.rotation_6d_to_matrix(R6)).translate(offsets)
            return t.transform_points(points), t.inverse().transform_points(points), t.transform_normals(points)

        given = [random(2, 6), random(2, 3), random(2).exp(), random(4, 3)]
        assert torch.autograd.gradcheck(moved, [tensor.requires_grad_() for tensor in given])

    def test_check_of_rotations(self, monkeypatch):
        with pytest.warns(UserWarning, match="R is not a valid rotation matrix"):
            _check_valid_rotation_matrix(torch.ones(1, 3, 3))
        _check_valid_rotation_matrix(transforms.random_rotations(5), tol=1e-5)
        Rotate(torch.ones(3, 3))
        monkeypatch.setenv("PYTORCH3D_CHECK_ROTATION_MATRICES", "1")
        with pytest.warns(UserWarning, match="R is not a valid rotation matrix"):
            Rotate(torch.ones(3, 3))

    @pytest.mark.parametrize(
        ["make", "message"],
        [
            (lambda: Transform3d(matrix=torch.rand(4)), "2- or a 3-dimensional"),
            (lambda: Transform3d(matrix=torch.rand(3, 4)), r"shape \(minibatch, 4, 4\)"),
            (lambda: Transform3d().compose(3), "Only possible to compose Transform3d"),
            (lambda: Transform3d().transform_points(torch.rand(3)), "dim = 2 or dim = 3"),
            (lambda: Transform3d().transform_normals(torch.rand(3)), "dim = 2 or dim = 3"),
            (lambda: Translate(torch.rand(2, 4)), r"shape \(N, 3\)"),
            (lambda: Translate(torch.rand(2, 3), 1.0), "y and z to be None"),
            (lambda: Translate(1.0), "Expected x, y and z"),
            (lambda: Scale(torch.rand(2), torch.rand(3), 1.0), "non-broadcastable sizes"),
            (lambda: Rotate(torch.rand(2, 3, 4)), "R must have shape"),
            (lambda: RotateAxisAngle(90, "W"), "Expected axis to be one of"),
            (lambda: RotateAxisAngle(torch.rand(2, 2)), r"shape \(N,\)"),
        ],
    )
    def test_errors(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()
