"""The op ball_query, forward and backward: bit for bit the first points of a mask over all distances, summed in order."""

import pytest
import torch

from bisque3d.testing import OpTests
from tests.testing.functions import functions

NAN, INF = float("nan"), float("inf")
DTYPES = [torch.float32, torch.float64]
# Searched through the tree are clouds of at most 8 coordinates and at least 512 points, with enough queries.
TREE, FLAT = (200, 1100), (60, 300)


def ball_query(p1, p2, lengths1=None, lengths2=None, K=500, radius=0.2):
    return torch.ops.bisque.ball_query(p1, p2, lengths1, lengths2, K, radius)


def backward(grad_dists, p1, p2, lengths1, lengths2, idx, need_p1=True, need_p2=True):
    return torch.ops.bisque._ball_query_backward(grad_dists, p1, p2, lengths1, lengths2, idx, need_p1, need_p2)


def reference(p1, p2, lengths1=None, lengths2=None, K=500, radius=0.2):
    dists = p1.new_zeros(*p1.shape[:2], K)
    idx = torch.full(dists.shape, -1)
    limit = torch.tensor(radius, dtype=p1.dtype).square()
    for n in range(len(p1)):
        length1 = p1.shape[1] if lengths1 is None else int(lengths1[n])
        length2 = p2.shape[1] if lengths2 is None else int(lengths2[n])
        sums = p1.new_zeros(length1, length2)
        for d in range(p1.shape[2]):
            sums = sums + (p1[n, :length1, None, d] - p2[n, None, :length2, d]) ** 2
        inside = sums < limit
        rank = inside.cumsum(1) - 1
        i, j = (inside & (rank < K)).nonzero(as_tuple=True)
        idx[n, i, rank[i, j]], dists[n, i, rank[i, j]] = j, sums[i, j]
    return dists, idx


def same(ours, expected):
    for a, b in zip(ours, expected, strict=True):
        torch.testing.assert_close(a.cpu(), b, rtol=0, atol=0, equal_nan=True)


def clouds(N, P1, P2, D, dtype=torch.float32, seed=0):
    g = torch.Generator().manual_seed(seed)
    return [torch.rand(N, P, D, generator=g, dtype=dtype) for P in (P1, P2)]


class TestBallQuery(OpTests):
    op = "bisque::ball_query"
    gradients = ["p1", "p2"]
    gradcheck_cases = ["ragged"]

    def inputs_ragged(self, dtype, random):
        lengths = dict(lengths1=torch.tensor([5, 3]), lengths2=torch.tensor([2, 7]))
        return dict(p1=random(2, 5, 3, dtype=dtype), p2=random(2, 7, 3, dtype=dtype), **lengths, K=3, radius=2.0)

    def inputs_wide(self, dtype, random):
        return dict(p1=random(1, 33, 9, dtype=dtype), p2=random(1, 70, 9, dtype=dtype), lengths1=None, lengths2=None, K=40, radius=4.0)

    def inputs_empty(self, dtype, random):
        return dict(p1=random(2, 0, 3, dtype=dtype), p2=random(2, 4, 3, dtype=dtype), lengths1=None, lengths2=None)

    def reference(self, p1, p2, lengths1, lengths2, K=500, radius=0.2):
        return reference(p1, p2, lengths1, lengths2, K, radius)


# The radii find nothing, few points (through the tree), and so many that indices are searched in their order.
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("radius", [0.0, 0.1, 0.3, 5.0])
@pytest.mark.parametrize("K", [1, 20, 1200])
@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
@pytest.mark.parametrize("D", [2, 3, 8])
def test_equals_mask_over_all_distances(D, P1, P2, K, radius, dtype):
    p1, p2 = clouds(2, P1, P2, D, dtype)
    same(ball_query(p1, p2, K=K, radius=radius), reference(p1, p2, K=K, radius=radius))


@pytest.mark.parametrize("P2", [1, 15, 16, 17, 511, 512, 513, 4097, 9000])
def test_any_number_of_points(P2):
    p1, p2 = clouds(1, 600, P2, 3, seed=P2)
    same(ball_query(p1, p2, K=9, radius=0.15), reference(p1, p2, K=9, radius=0.15))


@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
def test_distance_equal_to_the_radius_is_outside(P1, P2):
    p1, p2 = torch.zeros(1, P1, 3), torch.zeros(1, P2, 3)
    p2[0, ::2, 1] = 0.5
    dists, idx = ball_query(p1, p2, K=4, radius=0.5)
    assert idx[0, 0].tolist() == [1, 3, 5, 7] and not dists.any()
    assert ball_query(p1, p2, K=4, radius=0.5000001)[1][0, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("K,radius", [(5, 0.2), (1200, 0.2), (5, 3.0)])
def test_ragged(K, radius):
    p1, p2 = clouds(5, *TREE, 3)
    lengths1, lengths2 = torch.tensor([200, 0, 1, 199, 150]), torch.tensor([1100, 40, 0, 3, 1025])
    expected = reference(p1, p2, lengths1, lengths2, K, radius)
    same(ball_query(p1, p2, lengths1, lengths2, K, radius), expected)
    p1[3, 199], p2[3, 3:] = NAN, 0.5  # what lies beyond a length is not looked at
    same(ball_query(p1, p2, lengths1, lengths2, K, radius), expected)


@pytest.mark.parametrize("N,P1,P2", [(0, 3, 4), (2, 0, 4), (2, 3, 0), (0, 0, 0)])
def test_empty(N, P1, P2):
    p1, p2 = clouds(N, P1, P2, 3)
    dists, idx = ball_query(p1, p2, K=2)
    same((dists, idx), reference(p1, p2, K=2))
    grads = backward(torch.ones_like(dists), p1, p2, None, None, idx)
    assert grads[0].shape == p1.shape and grads[1].shape == p2.shape and not any(grad.any() for grad in grads)


@pytest.mark.parametrize("radius", [0.3, 1e30, INF])
@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
def test_values_that_are_not_finite_have_no_neighbours(P1, P2, radius):
    p1, p2 = clouds(1, P1, P2, 3)
    p1[0, 3, 1], p1[0, 4, 0], p1[0, 5] = NAN, INF, -INF
    p2[0, ::5, 0], p2[0, 2::5, 2], p2[0, 3::5], p2[0, 4, 0] = NAN, INF, -INF, 3e38
    same(ball_query(p1, p2, K=30, radius=radius), reference(p1, p2, K=30, radius=radius))
    assert (ball_query(p1, p2, K=30, radius=radius)[1][0, 3:6] == -1).all()


def test_same_for_any_simd_target(all_simd_targets):
    for (P1, P2), D, dtype in ((TREE, 3, torch.float32), (TREE, 5, torch.float64), (FLAT, 3, torch.float64), (FLAT, 17, torch.float32)):
        p1, p2 = clouds(1, P1, P2, D, dtype)
        radius = 0.25 if D == 3 else 1.2
        best, *others = all_simd_targets(lambda p1=p1, p2=p2, radius=radius: ball_query(p1, p2, K=7, radius=radius))
        assert (best[1] >= 0).any()
        for other in others:
            same(other, best)


def test_same_for_any_number_of_threads(all_thread_counts):
    p1, p2 = clouds(2, 1500, 3000, 3)

    def both():
        dists, idx = ball_query(p1, p2, torch.tensor([1500, 200]), K=12, radius=0.1)
        return dists, idx, *backward(dists.sin(), p1, p2, None, None, idx)

    one, *others = all_thread_counts(both)
    for other in others:
        same(other, one)


def test_gradients_equal_those_of_gathered_neighbours():
    p1, p2 = (p.requires_grad_() for p in clouds(1, 300, 700, 3, torch.float64))
    dists, idx = functions.ball_query(p1, p2, 12, 0.15)
    assert (idx == -1).any() and (idx >= 0).any()
    grad = torch.randn_like(dists)
    ours = torch.autograd.grad(dists, (p1, p2), grad)
    neighbours = functions.masked_gather(p2, idx)
    direct = torch.where(idx < 0, 0.0, (p1[:, :, None] - neighbours).square().sum(3))
    torch.testing.assert_close(direct, dists)
    for a, b in zip(ours, torch.autograd.grad(direct, (p1, p2), grad), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


GOOD = dict(p1=torch.zeros(2, 5, 3), p2=torch.zeros(2, 4, 3), lengths1=torch.tensor([5, 1]), lengths2=torch.tensor([4, 2]))


@pytest.mark.parametrize("name,value,message", [
    ("p1", torch.zeros(5, 3), r"expected p1 to have shape \[N, P1, D\] = \[\*, \*, \*\], but got \[5, 3\]"),
    ("p1", torch.zeros(2, 5, 3).half(), "expected p1 to be float32 or float64, but got float16"),
    ("p2", torch.zeros(2, 4, 2), r"expected p2 to have shape \[N, P2, D\] = \[2, \*, 3\], but got \[2, 4, 2\]"),
    ("p2", torch.zeros(2, 4, 3, dtype=torch.float64), "expected p2 to be float32 as p1, but got float64"),
    ("lengths1", torch.tensor([5, 6]), r"expected lengths1 to lie in \[0, 6\), but got 6 at 1"),
    ("lengths2", torch.tensor([-1, 2]), r"expected lengths2 to lie in \[0, 5\), but got -1 at 0"),
    ("K", 0, "expected K to be at least 1, but got 0"),
    ("radius", -0.1, "expected radius to be at least 0, but got -0.1"),
    ("radius", NAN, "expected radius"),
])
def test_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=f"ball_query: .*{message}"):
        ball_query(**{**GOOD, name: value})


@pytest.mark.parametrize("value", [4, -2, 1 << 60])
def test_error_message_of_indices_of_backward(value):
    idx = torch.full((2, 5, 3), -1)
    idx[0, 2, 1] = value
    with pytest.raises(RuntimeError, match=rf"_ball_query_backward: expected idx to lie in \[-1, 4\), but got {value} at \[0, 2, 1\]"):
        backward(torch.ones(2, 5, 3), *GOOD.values(), idx)


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("D", [3, 5])
def test_cuda_equals_cpu(D, dtype):
    p1, p2 = clouds(2, 40, 75, D, dtype)
    lengths1, lengths2 = torch.tensor([40, 12]), torch.tensor([74, 35])
    to = lambda *values: [value.cuda() if isinstance(value, torch.Tensor) else value for value in values]
    arguments = p1, p2, lengths1, lengths2, 6, 0.5
    expected = ball_query(*arguments)
    same(ball_query(*to(*arguments)), expected)
    arguments = torch.ones_like(expected[0]), p1, p2, lengths1, lengths2, expected[1]
    for ours, theirs in zip(backward(*to(*arguments)), backward(*arguments), strict=True):
        torch.testing.assert_close(ours.cpu(), theirs, rtol=1e-4, atol=1e-4)
    bad = p1.clone()
    bad[:, 1], p2[:, 3, 0] = NAN, INF
    same(ball_query(*to(bad, p2, lengths1, lengths2, 6, INF)), ball_query(bad, p2, lengths1, lengths2, 6, INF))


@pytest.mark.cuda
def test_cuda_skips_indices_and_clamps_lengths_that_are_out_of_range():
    p1, p2 = (value.cuda() for value in (GOOD["p1"] + 1, GOOD["p2"]))
    wrong = torch.tensor([1 << 40, -7]).cuda()
    assert (ball_query(p1, p2, wrong, wrong, 3, 9.0)[1].cpu() >= 0).sum(2).tolist() == [[3] * 5, [0] * 5]
    idx = torch.full((2, 5, 2), -1)
    idx[0, 0, 0], idx[0, 1, 0], idx[0, 2, 0] = 3, -(1 << 60), 4
    grads = backward(torch.ones(2, 5, 2).cuda(), p1, p2, None, None, idx.cuda())
    assert grads[0].cpu().sum() == 6 and grads[1].cpu()[0, 3].tolist() == [-2, -2, -2]


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_raises_where_it_is_asked_to_check(dtype, monkeypatch):
    monkeypatch.setenv("BISQUE_CHECK_CUDA", "1")
    p1, p2 = GOOD["p1"].to(dtype).cuda(), GOOD["p2"].to(dtype).cuda()
    with pytest.raises(RuntimeError, match=r"ball_query: expected lengths1 to lie in \[0, 6\), but got 6 at 1"):
        ball_query(p1, p2, torch.tensor([5, 6]).cuda(), None, 2)
    with pytest.raises(RuntimeError, match=r"_ball_query_backward: expected idx to lie in \[-1, 4\), but got 9"):
        backward(torch.ones(2, 5, 2, dtype=dtype).cuda(), p1, p2, None, None, torch.full((2, 5, 2), 9).cuda())
