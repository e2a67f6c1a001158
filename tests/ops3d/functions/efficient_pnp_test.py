"""efficient_pnp: cameras that are known, noise, weights, degenerate points."""

import pytest
import torch

from bisque3d.testing import random_of
from tests.testing.functions import functions


def scenes(N, P, random, dtype=torch.float64, depth=4.0):
    """Points, rotations and translations that put them in front of the camera, and their projections."""
    x = random(N, P, 3, dtype=torch.float64)
    q, _ = torch.linalg.qr(random(N, 3, 3, dtype=torch.float64))
    R = q * torch.linalg.det(q)[:, None, None]
    T = torch.cat((0.3 * random(N, 2, dtype=torch.float64), depth + random(N, 1, dtype=torch.float64).abs()), 1)
    seen = x @ R + T[:, None]
    T[:, 2] += (0.5 - seen[..., 2].amin(1)).clamp_min(0)
    seen = x @ R + T[:, None]
    return x.to(dtype), R.to(dtype), T.to(dtype), (seen[..., :2] / seen[..., 2:]).to(dtype)


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("P", [6, 10, 100])
def test_a_known_camera(P, skip):
    x, R, T, y = scenes(8, P, random_of(P))
    x_cam, got_R, got_T, err_2d, err_3d = functions.efficient_pnp(x, y, None, skip)
    torch.testing.assert_close(got_R, R, rtol=0, atol=1e-5)
    torch.testing.assert_close(got_T, T, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(x_cam, x @ R + T[:, None], rtol=1e-5, atol=1e-4)
    assert err_2d.max() < 1e-6 and err_3d.max() < 1e-8


def test_float32():
    x, R, T, y = scenes(8, 50, random_of(1), torch.float32)
    results = functions.efficient_pnp(x, y)
    assert all(result.dtype == torch.float32 for result in results)
    torch.testing.assert_close(results[1], R, rtol=0, atol=1e-4)
    torch.testing.assert_close(results[2], T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("P, share", [(4, 0.6), (5, 0.95)])
def test_few_points_mostly_do(P, share):
    x, R, T, y = scenes(50, P, random_of(P))
    _, _, _, err_2d, _ = functions.efficient_pnp(x, y)
    assert (err_2d < 1e-2).double().mean() >= share and err_2d.isfinite().all()


def test_noise():
    random = random_of(2)
    x, R, T, y = scenes(20, 200, random)
    _, got_R, got_T, err_2d, _ = functions.efficient_pnp(x, y + 1e-3 * random(*y.shape, dtype=torch.float64))
    assert (got_R - R).abs().max() < 0.01 and (got_T - T).abs().max() < 0.05 and err_2d.max() < 3e-3


def test_the_best_of_the_solutions_is_taken():
    random = random_of(3)
    x, R, T, y = scenes(30, 7, random)
    y = y + 5e-3 * random(*y.shape, dtype=torch.float64)
    best, plain = functions.efficient_pnp(x, y)[3], functions.efficient_pnp(x, y, None, True)[3]
    assert (best <= plain).all() and (best < 0.9 * plain).any()


def test_points_of_weight_0_count_for_nothing():
    random = random_of(4)
    x, R, T, y = scenes(4, 20, random)
    weights = torch.ones(4, 20)
    weights[:, 12:] = 0
    y[:, 12:] += random(4, 8, 2, dtype=torch.float64)
    _, got_R, got_T, err_2d, _ = functions.efficient_pnp(x, y, weights)
    torch.testing.assert_close(got_R, R, rtol=0, atol=1e-5)
    torch.testing.assert_close(got_T, T, rtol=1e-5, atol=1e-5)
    assert err_2d.max() < 1e-6


def test_a_weight_of_2_is_a_point_twice():
    random = random_of(5)
    x, _, _, y = scenes(3, 10, random)
    y = y + 1e-2 * random(*y.shape, dtype=torch.float64)
    weights = torch.ones(3, 10, dtype=torch.float64)
    weights[:, :4] = 2
    weighted = functions.efficient_pnp(x, y, weights)
    twice = functions.efficient_pnp(torch.cat((x, x[:, :4]), 1), torch.cat((y, y[:, :4]), 1))
    for a, b in zip(weighted[1:], twice[1:]):
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", ["plane", "line", "same", "weightless"])
def test_degenerate_points_give_no_nan(kind):
    x, R, T, y = scenes(3, 12, random_of(6))
    weights = torch.zeros(3, 12) if kind == "weightless" else None
    x = x * torch.tensor({"plane": [1.0, 1, 0], "line": [1.0, 0, 0], "same": [0.0, 0, 0], "weightless": [1.0, 1, 1]}[kind])
    seen = x @ R + T[:, None]
    for result in functions.efficient_pnp(x, seen[..., :2] / seen[..., 2:], weights):
        assert result.isfinite().all()


def test_gradients():
    x, R, T, y = scenes(1, 8, random_of(7))
    y = y + 1e-2 * random_of(8)(1, 8, 2, dtype=torch.float64)
    weights = torch.ones(1, 8, dtype=torch.float64)
    for skip in (True, False):
        function = lambda x, y, weights: functions.efficient_pnp(x, y, weights, skip)  # noqa: B023, E731
        assert torch.autograd.gradcheck(function, [t.clone().requires_grad_() for t in (x, y, weights)], atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    "x, y, message",
    [
        (torch.zeros(1, 3, 3), torch.zeros(1, 3, 2), r"expected x to have shape \[N, P, 3\] with at least 4 points, but got \[1, 3, 3\]"),
        (torch.zeros(1, 5, 3), torch.zeros(1, 5, 3), r"expected y to have shape \[N, P, 2\] with the N and P of x \[1, 5, 3\], but got \[1, 5, 3\]"),
        (torch.zeros(1, 5, 3), torch.zeros(1, 5, 2).double(), "expected y to be torch.float32 on cpu as x, but got torch.float64 on cpu"),
    ],
)
def test_errors(x, y, message):
    with pytest.raises(RuntimeError, match="efficient_pnp: " + message):
        functions.efficient_pnp(x, y)
