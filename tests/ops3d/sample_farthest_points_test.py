"""The op sample_farthest_points: index for index the greedy algorithm in plain torch."""

import pytest
import torch

from bisque3d.testing import OpTests
from tests.testing.functions import functions

NAN, INF = float("nan"), float("inf")


def sample(points, lengths=None, K=50, num_samples=None, start_idxs=None):
    return torch.ops.bisque.sample_farthest_points(points, lengths, K, num_samples, start_idxs)


def reference_cloud(points, count, start):
    dists = torch.full((len(points),), INF, dtype=points.dtype)
    dists[~points.isfinite().all(1)] = -1  # never farther than a finite point
    selected = [start]
    while len(selected) < count:
        squares = (points - points[selected[-1]]) ** 2
        to_last = squares[:, 0]
        for column in squares.T[1:]:
            to_last = to_last + column
        dists = torch.where(to_last < dists, to_last, dists)
        selected.append(int((dists == dists.max()).nonzero()[0]))
    return selected[:count]


def reference(points, lengths=None, K=50, num_samples=None, start_idxs=None):
    N, P, _ = points.shape
    idx = torch.full((N, K), -1)
    for n in range(N):
        length = P if lengths is None else int(lengths[n])
        count = min(length, K if num_samples is None else int(num_samples[n]))
        start = 0 if start_idxs is None else int(start_idxs[n])
        if count > 0:
            idx[n, :count] = torch.tensor(reference_cloud(points[n, :length], count, start))
    return idx


def cloud(N, P, D, dtype=torch.float32, seed=0):
    return torch.randn(N, P, D, generator=torch.Generator().manual_seed(seed), dtype=dtype)


class TestSampleFarthestPoints(OpTests):
    op = "bisque::sample_farthest_points"
    gradients = []

    def inputs_different_lengths(self, dtype, random):
        points = random(4, 90, 3, dtype=dtype)
        counts = dict(num_samples=torch.tensor([12, 5, 12, 0]), start_idxs=torch.tensor([89, 3, 7, 2]))
        return dict(points=points, lengths=torch.tensor([90, 40, 8, 20]), K=12, **counts)

    def inputs_tree(self, dtype, random):
        return dict(points=random(1, 700, 3, dtype=dtype), lengths=None, K=20)

    def inputs_wide(self, dtype, random):
        return dict(points=random(2, 33, 9, dtype=dtype), lengths=None, K=40)

    def inputs_empty(self, dtype, random):
        return dict(points=random(2, 0, 3, dtype=dtype), lengths=None, K=4)

    def reference(self, **inputs):
        return reference(**inputs)

    errors = [
        (dict(points=torch.zeros(4, 90)), r"expected points to have shape \[N, P, D\] = \[\*, \*, \*\], but got \[4, 90\]"),
        (dict(points=torch.zeros(4, 90, 3).long()), "expected points to be float32 or float64, but got int64"),
        (dict(points=torch.zeros(4, 90, 0)), r"expected D of points \[N, P, D\] to be at least 1, but got 0"),
        (dict(K=-1), "expected K to be at least 0, but got -1"),
        (dict(lengths=torch.tensor([90])), r"expected lengths to have shape \[N\] = \[4\], but got \[1\]"),
        (dict(lengths=torch.tensor([90, 91, 8, 20])), r"expected lengths to lie in \[0, 91\), but got 91 at 1"),
        (dict(num_samples=torch.tensor([12, 5, 13, 0])), r"expected num_samples to lie in \[0, 13\), but got 13 at 2"),
        (dict(num_samples=torch.tensor([12, 5, -1, 0])), r"expected num_samples to lie in \[0, 13\), but got -1 at 2"),
        (dict(start_idxs=torch.tensor([0, 40, 0, 0])), r"expected start_idxs to lie in \[0, 40\), but got 40 at 1"),
        (dict(start_idxs=torch.zeros(4).int()), "expected start_idxs to be int64, but got int32"),
    ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("P", [1, 15, 16, 17, 255, 511, 512, 513, 1025, 5000])
@pytest.mark.parametrize("D", [1, 2, 3, 7])
def test_any_number_of_points(D, P, dtype):
    points = cloud(1, P, D, dtype, seed=P)
    assert torch.equal(sample(points, K=min(P, 200)), reference(points, K=min(P, 200)))


@pytest.mark.parametrize("P", [300, 2000])
def test_lowest_index_among_equal_distances(P):
    points = torch.randint(0, 8, (2, P, 3), generator=torch.Generator().manual_seed(1)).float()
    start_idxs = torch.tensor([P - 1, 17])
    assert torch.equal(sample(points, K=150, start_idxs=start_idxs), reference(points, K=150, start_idxs=start_idxs))


@pytest.mark.parametrize("P", [40, 2000])
def test_fewer_different_points_than_are_wanted(P):
    points = torch.zeros(1, P, 3)
    points[0, 25] = 1
    assert sample(points, K=30).tolist() == [[0, 25] + [0] * 28]


@pytest.mark.parametrize("P", [40, 2000])
def test_points_that_are_not_finite_come_last(P):
    points = cloud(2, P, 3)
    points[:, ::3, 0], points[:, 1::6, 2], points[1] = NAN, -INF, INF
    expected = reference(points, K=30)
    assert torch.equal(sample(points, K=30), expected)
    assert expected[0, 0] == 0 and points[0, expected[0, 1:]].isfinite().all()
    assert expected[1].tolist() == [0] * 30


@pytest.mark.parametrize("P", [40, 2000])
def test_distances_that_overflow(P):
    points = cloud(1, P, 3) * 1e25
    assert torch.equal(sample(points, K=30), reference(points, K=30))


def test_what_lies_beyond_a_length_is_not_looked_at():
    points, lengths = cloud(2, 1000, 3), torch.tensor([600, 20])
    expected = reference(points, lengths, K=40)
    points[0, 600:], points[1, 20:] = 1e6, NAN
    assert torch.equal(sample(points, lengths, K=40), expected)
    assert (expected[1, 20:] == -1).all()


def test_same_for_any_simd_target(all_simd_targets):
    for P, D in ((2000, 3), (300, 5)):
        best, *others = all_simd_targets(lambda P=P, D=D: sample(cloud(2, P, D), K=100))
        assert all(torch.equal(other, best) for other in others)


def test_function_returns_points_with_their_gradient():
    points = cloud(2, 30, 3, torch.float64).requires_grad_()
    lengths = torch.tensor([30, 4])
    selected, idx = functions.sample_farthest_points(points, lengths, 6)
    assert torch.equal(idx, reference(points.detach(), lengths, K=6))
    assert torch.equal(selected[0], points[0, idx[0]]) and not selected[1, 4:].any()
    weights = torch.randn(2, 6, 3, dtype=torch.float64)
    (selected * weights).sum().backward()
    expected = torch.zeros_like(points.detach())
    expected[0, idx[0]], expected[1, idx[1, :4]] = weights[0], weights[1, :4]
    assert torch.equal(points.grad, expected)


@pytest.mark.cuda
def test_cuda_equals_cpu_on_ties_and_values_that_are_not_finite():
    points = torch.randint(0, 3, (3, 80, 3), generator=torch.Generator().manual_seed(2)).float()
    points[0, 5:20], points[1] = NAN, INF
    lengths, num_samples, start_idxs = torch.tensor([80, 80, 33]), torch.tensor([20, 9, 20]), torch.tensor([7, 2, 32])
    arguments = points, lengths, 20, num_samples, start_idxs
    ours = sample(*(value if isinstance(value, int) else value.cuda() for value in arguments))
    assert torch.equal(ours.cpu(), sample(*arguments))


@pytest.mark.cuda
def test_cuda_clamps_what_is_out_of_range():
    points = cloud(2, 20, 3)
    wrong = torch.tensor([1 << 40, -7])
    ours = sample(points.cuda(), wrong.cuda(), 5, wrong.cuda(), wrong.cuda())
    assert torch.equal(ours.cpu(), reference(points, torch.tensor([20, 0]), 5, torch.tensor([5, 0]), torch.tensor([19, 0])))


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_raises_where_it_is_asked_to_check(dtype, monkeypatch):
    monkeypatch.setenv("BISQUE_CHECK_CUDA", "1")
    with pytest.raises(RuntimeError, match=r"sample_farthest_points: expected start_idxs to lie in \[0, 20\), but got 20 at 1"):
        sample(cloud(2, 20, 3).to(dtype).cuda(), None, 5, None, torch.tensor([0, 20]).cuda())
