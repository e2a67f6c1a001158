"""corresponding_points_alignment and iterative_closest_point: transforms that are known, optima, degenerate clouds."""

import math

import pytest
import torch

from bisque3d.testing import random_of
from tests.testing.functions import functions


def rotations(count, dimension, random, reflected=False):
    q, r = torch.linalg.qr(random(count, dimension, dimension, dtype=torch.float64))
    q = q * r.diagonal(dim1=1, dim2=2).sign()[:, None]
    sign = torch.linalg.det(q) * (-1 if reflected else 1)
    return torch.cat((q[..., :1] * sign[:, None, None], q[..., 1:]), 2)


def apply(X, R, T, s):
    return s[:, None, None] * X @ R + T[:, None]


def known_transform(N, P, D, random, scaled=True, reflected=False):
    X = random(N, P, D, dtype=torch.float64)
    s = 0.5 + random(N, dtype=torch.float64).abs() if scaled else torch.ones(N, dtype=torch.float64)
    transform = rotations(N, D, random, reflected), random(N, D, dtype=torch.float64), s
    return X, apply(X, *transform), transform


def assert_transforms(got, expected, **tolerance):
    for a, b in zip(got, expected, strict=True):
        torch.testing.assert_close(a, b, **tolerance)


# --- corresponding_points_alignment ---


@pytest.mark.parametrize("D", [1, 2, 3, 7])
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("offset", [0, 1e5])
def test_a_known_transform(D, scaled, offset):
    X, Y, transform = known_transform(4, 30, D, random_of(D), scaled)
    transform = transform[0], transform[1] - offset * transform[2][:, None] * transform[0].sum(1), transform[2]
    got = functions.corresponding_points_alignment(X + offset, Y, estimate_scale=scaled)
    assert_transforms(got, transform, rtol=1e-9, atol=1e-9 if offset == 0 else 1e-5)
    got = functions.corresponding_points_alignment(X.float(), Y.float(), estimate_scale=scaled)
    assert all(x.dtype == torch.float32 for x in got)


def test_a_reflection_is_found_only_where_it_is_allowed():
    X, Y, transform = known_transform(5, 20, 3, random_of(1), reflected=True)
    got = functions.corresponding_points_alignment(X, Y, estimate_scale=True, allow_reflection=True)
    assert_transforms(got, transform, rtol=1e-9, atol=1e-9)
    R, _, _ = functions.corresponding_points_alignment(X, Y)
    torch.testing.assert_close(torch.linalg.det(R), torch.ones(5, dtype=torch.float64))


@pytest.mark.parametrize("estimate_scale", [True, False])
def test_the_weighted_error_is_least(estimate_scale):
    """No small turn, move or stretch makes it smaller."""
    random = random_of(2)
    X, Y, _ = known_transform(3, 12, 3, random, scaled=False)
    Y = Y + 0.3 * random(*Y.shape, dtype=torch.float64)
    weights = random(3, 12, dtype=torch.float64).abs()
    R, T, s = functions.corresponding_points_alignment(X, Y, weights, estimate_scale=estimate_scale)
    twist = torch.zeros(3, 7, dtype=torch.float64, requires_grad=True)
    zero = torch.zeros(3, dtype=torch.float64)
    x, y, z = twist[:, :3].unbind(1)
    generator = torch.stack((zero, z, -y, -z, zero, x, y, -x, zero), 1).reshape(3, 3, 3)
    moved = apply(X, R @ torch.linalg.matrix_exp(generator), T + twist[:, 3:6], s + (twist[:, 6] if estimate_scale else 0))
    (gradient,) = torch.autograd.grad((weights * (moved - Y).square().sum(2)).sum(), twist)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-10)


def test_points_beyond_a_length_are_not_looked_at():
    X, Y, _ = known_transform(3, 10, 3, random_of(3))
    Y = Y + 0.1 * random_of(4)(3, 10, 3, dtype=torch.float64)
    lengths = torch.tensor([10, 6, 4])
    weights = random_of(5)(3, 10, dtype=torch.float64).abs()
    hostile = X.clone()
    hostile[1, 6:], hostile[2, 4:] = math.nan, math.inf
    got = functions.corresponding_points_alignment(hostile.requires_grad_(), Y, weights, lengths, estimate_scale=True)
    for i, length in enumerate(lengths):
        alone = functions.corresponding_points_alignment(X[i : i + 1, :length], Y[i : i + 1, :length], weights[i : i + 1, :length], estimate_scale=True)
        assert_transforms([x[i : i + 1] for x in got], alone)
    sum(x.sum() for x in got).backward()
    assert hostile.grad.isfinite().all() and not hostile.grad[2, 4:].any()


@pytest.mark.parametrize("estimate_scale", [True, False])
@pytest.mark.parametrize("kind", ["point", "same", "line", "plane", "two", "none", "weightless", "cube"])
def test_degenerate_clouds(kind, estimate_scale):
    random = random_of(6)
    X = random(2, 8, 3, dtype=torch.float64)
    weights = torch.ones(2, 8, dtype=torch.float64)
    if kind == "point":
        X, weights = X[:, :1], weights[:, :1]
    elif kind == "same":
        X = X[:, :1].expand(2, 8, 3).contiguous()
    elif kind == "line":
        X = X[..., :1] * torch.tensor([1.0, 2, 3], dtype=torch.float64)
    elif kind == "plane":
        X[..., 2] = 0
    elif kind == "two":
        X, weights = X[:, :2], weights[:, :2]
    elif kind == "none":
        X, weights = X[:, :0], weights[:, :0]
    elif kind == "weightless":
        weights = weights * 0
    elif kind == "cube":  # equal singular values
        X = torch.tensor([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=torch.float64).expand(2, 8, 3).contiguous()
    transform = rotations(2, 3, random), random(2, 3, dtype=torch.float64), torch.full((2,), 1.5 if estimate_scale else 1).double()
    X.requires_grad_()
    Y = apply(X, *transform).detach().requires_grad_()
    R, T, s = functions.corresponding_points_alignment(X, Y, weights.requires_grad_(), estimate_scale=estimate_scale)
    torch.testing.assert_close(R @ R.mT, torch.eye(3).double().expand_as(R))
    torch.testing.assert_close(torch.linalg.det(R), torch.ones(2).double())
    if kind not in ("none", "weightless"):
        torch.testing.assert_close(apply(X, R, T, s), Y, rtol=1e-6, atol=1e-6)
    if kind in ("plane", "cube"):
        torch.testing.assert_close(R, transform[0])
    (R.sum() + T.sum() + s.sum()).backward()
    assert X.grad.isfinite().all() and Y.grad.isfinite().all() and weights.grad.isfinite().all()


def test_gradients_of_an_alignment():
    random = random_of(7)
    X, Y, _ = known_transform(2, 6, 3, random)
    Y = Y + 0.2 * random(2, 6, 3, dtype=torch.float64)
    weights = random(2, 6, dtype=torch.float64).abs()
    weights[0, 0] = 0
    for scaled, reflected in ((True, False), (False, True)):
        function = lambda X, Y, weights: functions.corresponding_points_alignment(X, Y, weights, None, scaled, reflected)  # noqa: B023, E731
        assert torch.autograd.gradcheck(function, [x.clone().requires_grad_() for x in (X, Y, weights)], raise_exception=True)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((torch.zeros(2, 5), torch.zeros(2, 5)), r"expected X to have shape \[N, P, D\], but got \[2, 5\]"),
        ((torch.zeros(2, 5, 3).int(), torch.zeros(2, 5, 3)), "expected X to be float32 or float64, but got torch.int32"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 4, 3)), r"expected Y to have shape \[2, 5, 3\] as X, but got \[2, 4, 3\]"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3).double()), "expected Y to be torch.float32 on cpu as X, but got torch.float64 on cpu"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3), torch.zeros(2, 4)), r"expected weights to have shape \[N, P\] = \[2, 5\] on cpu, but got \[2, 4\] on cpu"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3), None, torch.zeros(2)), r"expected lengths to be int64 \[N\] = \[2\] on cpu, but got torch.float32 \[2\] on cpu"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3), None, torch.tensor([6, 1])), r"expected lengths to lie in \[0, 5\], but they go from 1 to 6"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3), None, torch.tensor([5, -1])), r"expected lengths to lie in \[0, 5\], but they go from -1 to 5"),
    ],
)
def test_errors_of_an_alignment(arguments, message):
    with pytest.raises(RuntimeError, match="corresponding_points_alignment: " + message):
        functions.corresponding_points_alignment(*arguments)


# --- iterative_closest_point ---


def small_turns(count, random, angle=0.2):
    axis = torch.nn.functional.normalize(random(count, 3, dtype=torch.float64), dim=1) * angle
    zero = torch.zeros(count, dtype=torch.float64)
    x, y, z = axis.unbind(1)
    return torch.linalg.matrix_exp(torch.stack((zero, -z, y, z, zero, -x, -y, x, zero), 1).reshape(count, 3, 3))


@pytest.mark.parametrize("scaled", [True, False])
def test_icp_finds_a_small_motion(scaled):
    random = random_of(8)
    Y = random(2, 200, 3, dtype=torch.float64)
    s = torch.tensor([1.1, 0.9]).double() if scaled else torch.ones(2).double()
    R, T = small_turns(2, random), 0.05 * random(2, 3, dtype=torch.float64)
    X = ((Y - T[:, None]) / s[:, None, None] @ R.mT)[:, torch.randperm(200, generator=random.generator)]
    converged, rmse, Xt, RTs, history = functions.iterative_closest_point(X, Y, estimate_scale=scaled)
    assert converged and rmse.max() < 1e-9
    assert_transforms(RTs, (R, T, s), rtol=0, atol=1e-9)
    torch.testing.assert_close(Xt, apply(X, *RTs))
    assert all(torch.equal(a, b) for a, b in zip(history[-3:], RTs)) and len(history) // 3 < 100


def test_icp_stops_and_starts_where_it_is_told_to():
    random = random_of(9)
    X, Y = random(2, 50, 3), random(2, 40, 3)
    converged, rmse, Xt, RTs, history = functions.iterative_closest_point(X, Y, max_iterations=2)
    assert not converged and len(history) == 6
    again = functions.iterative_closest_point(X, Y, init_transform=history[:3], max_iterations=1)
    assert_transforms(again[3], RTs)
    converged, rmse, Xt, RTs, history = functions.iterative_closest_point(X, Y, max_iterations=0)
    assert not converged and rmse.numel() == 0 and torch.equal(Xt, X) and not history
    converged, _, _, _, history = functions.iterative_closest_point(X, Y, relative_rmse_thr=1.0)
    assert converged and len(history) == 6  # the first comparison needs two errors


def test_icp_of_a_cloud_with_itself_converges():
    X = random_of(10)(1, 30, 3)
    converged, rmse, Xt, (R, T, s), history = functions.iterative_closest_point(X, X)
    assert converged and len(history) == 6 and rmse.item() < 1e-6
    torch.testing.assert_close(R, torch.eye(3)[None])


def test_icp_of_clouds_of_several_lengths():
    random = random_of(11)
    X, Y = random(3, 20, 3, dtype=torch.float64), random(3, 25, 3, dtype=torch.float64)
    lengths1, lengths2 = torch.tensor([20, 9, 12]), torch.tensor([25, 14, 0])
    hostile = X.clone()
    hostile[1, 9:] = math.nan
    _, rmse, Xt, RTs, _ = functions.iterative_closest_point(hostile, Y, lengths1, lengths2, max_iterations=5, relative_rmse_thr=-1.0)
    for i, (a, b) in enumerate(zip(lengths1.tolist(), lengths2.tolist())):
        if b == 0:
            assert torch.equal(RTs[0][i], torch.eye(3).double()) and not RTs[1][i].any() and rmse[i] == 0
            continue
        alone = functions.iterative_closest_point(X[i : i + 1, :a], Y[i : i + 1, :b], max_iterations=5, relative_rmse_thr=-1.0)
        torch.testing.assert_close(rmse[i : i + 1], alone[1])
        torch.testing.assert_close(Xt[i : i + 1, :a], alone[2])
        assert not Xt[i, a:].any()


def test_gradients_of_icp():
    random = random_of(12)
    Y = random(1, 15, 3, dtype=torch.float64)
    X = Y @ small_turns(1, random, 0.05) + 0.01 * random(1, 15, 3, dtype=torch.float64)
    function = lambda X, Y: functions.iterative_closest_point(X, Y, max_iterations=2)[2]  # noqa: E731
    assert torch.autograd.gradcheck(function, (X.requires_grad_(), Y.requires_grad_()))


@pytest.mark.parametrize(
    "arguments, options, message",
    [
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 2)), {}, r"expected Y to have shape \[N, P2, D\] with the N and D of X \[2, 5, 3\] and at least one point, but got \[2, 5, 2\]"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 0, 3)), {}, ".* and at least one point, but got"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3)), dict(max_iterations=-1), "expected max_iterations to be at least 0, but got -1"),
        (
            (torch.zeros(2, 5, 3), torch.zeros(2, 5, 3)),
            dict(init_transform=[torch.eye(3), torch.zeros(2, 3), torch.ones(2)]),
            r"expected init_transform to have R \[N, D, D\], T \[N, D\] and s \[N\] with N = 2 and D = 3, but got \[3, 3\]",
        ),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 5, 3), torch.zeros(3).long()), {}, r"expected lengths1 to be int64 \[N\] = \[2\]"),
        ((torch.zeros(2, 5, 3), torch.zeros(2, 4, 3), None, torch.tensor([4, 5])), {}, r"expected lengths2 to lie in \[0, 4\], but they go from 4 to 5"),
    ],
)
def test_errors_of_icp(arguments, options, message):
    with pytest.raises(RuntimeError, match="iterative_closest_point: " + message):
        functions.iterative_closest_point(*arguments, **options)
