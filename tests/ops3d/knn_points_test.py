"""The op knn_points, forward and backward: bit for bit a stable sort of all distances, summed in order."""


import pytest
import torch

from bisque3d.testing import OpTests

NAN, INF = float("nan"), float("inf")
# Searched through the tree are clouds of at most 8 coordinates and at least 512 points, with enough queries; else all blocks.
TREE, FLAT = (200, 1100), (60, 300)
DTYPES = [torch.float32, torch.float64]


def knn(p1, p2, lengths1=None, lengths2=None, K=1, norm=2, return_sorted=True):
    return torch.ops.bisque.knn_points(p1, p2, lengths1, lengths2, K, norm, return_sorted)


def backward(grad_dists, p1, p2, lengths1, lengths2, idx, norm=2, need_p1=True, need_p2=True):
    return torch.ops.bisque._knn_points_backward(grad_dists, p1, p2, lengths1, lengths2, idx, norm, need_p1, need_p2)


def each_length(lengths, points):
    return [points.shape[1]] * len(points) if lengths is None else lengths.tolist()


def reference(p1, p2, lengths1=None, lengths2=None, K=1, norm=2):
    dists = p1.new_zeros(*p1.shape[:2], K)
    idx = torch.zeros_like(dists, dtype=torch.int64)
    for n, (length1, length2) in enumerate(zip(each_length(lengths1, p1), each_length(lengths2, p2), strict=True)):
        sums = p1.new_zeros(length1, length2)
        for d in range(p1.shape[2]):
            diff = p1[n, :length1, None, d] - p2[n, None, :length2, d]
            sums = sums + (diff * diff if norm == 2 else diff.abs())
        values, order = sums.sort(dim=1, stable=True)  # NaN last
        k = min(K, length2)
        dists[n, :length1, :k], idx[n, :length1, :k] = values[:, :k], order[:, :k]
    return dists, idx


def same(ours, expected):
    for a, b in zip(ours, expected, strict=True):
        torch.testing.assert_close(a.cpu(), b, rtol=0, atol=0, equal_nan=True)


def clouds(N, P1, P2, D, dtype=torch.float32, seed=0, scale=1.0):
    g = torch.Generator().manual_seed(seed)
    p1, p2 = (scale * torch.randn(N, P, D, generator=g, dtype=dtype) for P in (P1, P2))
    return p1, p2


@pytest.fixture(scope="session")
def cuda():
    def to(*values):
        return [value.cuda() if isinstance(value, torch.Tensor) else value for value in values]

    return to


class TestKnnPoints(OpTests):
    op = "bisque::knn_points"
    gradients = ["p1", "p2"]
    gradcheck_cases = ["ragged", "norm_1"]

    def inputs_ragged(self, dtype, random):
        lengths = dict(lengths1=torch.tensor([5, 3]), lengths2=torch.tensor([2, 7]))
        return dict(p1=random(2, 5, 3, dtype=dtype), p2=random(2, 7, 3, dtype=dtype), **lengths, K=3)

    def inputs_norm_1(self, dtype, random):
        return dict(p1=random(1, 4, 2, dtype=dtype), p2=random(1, 6, 2, dtype=dtype), lengths1=None, lengths2=None, K=2, norm=1)

    def inputs_wide(self, dtype, random):
        return dict(p1=random(1, 33, 9, dtype=dtype), p2=random(1, 70, 9, dtype=dtype), lengths1=None, lengths2=None, K=40)

    def inputs_empty(self, dtype, random):
        return dict(p1=random(2, 0, 3, dtype=dtype), p2=random(2, 4, 3, dtype=dtype), lengths1=None, lengths2=None)

    def reference(self, p1, p2, lengths1, lengths2, K=1, norm=2):
        return reference(p1, p2, lengths1, lengths2, K, norm)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("norm", [1, 2])
@pytest.mark.parametrize("K", [1, 5, 32, 33, 100])
@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
@pytest.mark.parametrize("D", [2, 3, 8])
def test_equals_sorted_distances(D, P1, P2, K, norm, dtype):
    p1, p2 = clouds(2, P1, P2, D, dtype)
    same(knn(p1, p2, K=K, norm=norm), reference(p1, p2, K=K, norm=norm))


@pytest.mark.parametrize("D", range(1, 41))
def test_any_number_of_coordinates(D):
    for P1, P2 in (TREE, FLAT):
        p1, p2 = clouds(1, P1, P2, D, seed=D)
        same(knn(p1, p2, K=4), reference(p1, p2, K=4))


@pytest.mark.parametrize("P2", [1, 15, 16, 17, 511, 512, 513, 1024, 1025, 4095, 4097, 9000])
def test_any_number_of_points(P2):
    p1, p2 = clouds(1, 600, P2, 3, seed=P2)
    same(knn(p1, p2, K=3), reference(p1, p2, K=3))


@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
@pytest.mark.parametrize("K", [1, 8, 40])
def test_lower_index_first_among_equal_distances(P1, P2, K):
    g = torch.Generator().manual_seed(1)
    p1, p2 = (torch.randint(0, 4, (2, P, 3), generator=g).float() for P in (P1, P2))  # 64 places
    expected = reference(p1, p2, K=K)
    assert (expected[0].diff(dim=2) == 0).any() or K == 1
    same(knn(p1, p2, K=K), expected)
    one_place = torch.zeros(2, P2, 3)
    assert torch.equal(knn(p1, one_place, K=K)[1], torch.arange(K).expand(2, P1, K))


@pytest.mark.parametrize("D", [3, 5])
@pytest.mark.parametrize("K", [1, 7, 50, 1200])
def test_ragged(K, D):
    p1, p2 = clouds(5, *TREE, D)
    lengths1, lengths2 = torch.tensor([200, 0, 1, 199, 150]), torch.tensor([1100, 40, 0, 3, 1025])
    expected = reference(p1, p2, lengths1, lengths2, K)
    same(knn(p1, p2, lengths1, lengths2, K), expected)
    p1[3, 199], p2[3, 3:] = NAN, NAN  # what lies beyond a length is not looked at
    same(knn(p1, p2, lengths1, lengths2, K), expected)


@pytest.mark.parametrize("N,P1,P2", [(0, 3, 4), (2, 0, 4), (2, 3, 0), (0, 0, 0), (2, 0, 0)])
def test_empty(N, P1, P2):
    p1, p2 = clouds(N, P1, P2, 3)
    dists, idx = knn(p1, p2, K=2)
    same((dists, idx), reference(p1, p2, K=2))
    grads = backward(torch.ones_like(dists), p1, p2, None, None, idx)
    assert grads[0].shape == p1.shape and grads[1].shape == p2.shape
    assert P1 > 0 < P2 or not (grads[0].any() or grads[1].any())


@pytest.mark.parametrize("K", [3, 40, 1200])
@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
@pytest.mark.parametrize("norm", [1, 2])
def test_infinite_and_nan_distances_come_last(norm, P1, P2, K):
    p1, p2 = clouds(1, P1, P2, 3)
    p1[0, 3, 1], p1[0, 4, 0], p1[0, 5] = NAN, INF, -INF
    p2[0, ::5, 0], p2[0, 2::5, 2], p2[0, 3::5] = NAN, INF, -INF
    same(knn(p1, p2, K=K, norm=norm), reference(p1, p2, K=K, norm=norm))
    p2[:, 10:] = NAN  # fewer finite points than K
    same(knn(p1, p2, K=K, norm=norm), reference(p1, p2, K=K, norm=norm))
    same(knn(p1, torch.full_like(p2, NAN), K=K), reference(p1, torch.full_like(p2, NAN), K=K))


@pytest.mark.parametrize("P1,P2", [TREE, FLAT])
@pytest.mark.parametrize("scale", [1e20, 1e-25, 3e38])
def test_distances_that_overflow_or_vanish(scale, P1, P2):
    p1, p2 = (scale * p.clamp(-1, 1) for p in clouds(1, P1, P2, 3))
    same(knn(p1, p2, K=9), reference(p1, p2, K=9))


@pytest.mark.parametrize("D", [1, 2, 3])
def test_clustered_and_flat_clouds(D):
    g = torch.Generator().manual_seed(2)
    p2 = torch.rand(1, 3000, D, generator=g) ** 12
    p2[:, 1000:2000, 0] = 0.5
    p1 = torch.cat([p2[:, ::10], 5 * torch.randn(1, 100, D, generator=g)], 1)
    same(knn(p1, p2, K=6), reference(p1, p2, K=6))


def test_tree_and_blocks_agree():
    p1, p2 = clouds(1, 400, 6000, 3)
    through_tree, all_blocks = knn(p1, p2, K=20), knn(p1[:, :300], p2, K=20)
    same([result[:, :300] for result in through_tree], all_blocks)


def test_unsorted_holds_the_same_neighbours():
    p1, p2 = clouds(1, *FLAT, 3)
    assert torch.equal(knn(p1, p2, K=50, return_sorted=False)[1].sort().values, knn(p1, p2, K=50)[1].sort().values)


@pytest.mark.parametrize("K", [4, 40])
@pytest.mark.parametrize("dtype", DTYPES)
def test_same_for_any_simd_target(all_simd_targets, dtype, K):
    for P1, P2, D in ((*TREE, 3), (*TREE, 5), (*FLAT, 3), (63, 300, 17)):
        for norm in (1, 2):
            p1, p2 = clouds(1, P1, P2, D, dtype)
            best, *others = all_simd_targets(lambda p1=p1, p2=p2, norm=norm: knn(p1, p2, K=K, norm=norm))
            for other in others:
                same(other, best)


@pytest.mark.parametrize("P1,P2", [(3000, 5000), (1000, 400)])
def test_same_for_any_number_of_threads(all_thread_counts, P1, P2):
    p1, p2 = clouds(2, P1, P2, 3)
    lengths1 = torch.tensor([P1, P1 // 7])

    def both():
        dists, idx = knn(p1, p2, lengths1, K=5)
        return dists, idx, *backward(dists.sin(), p1, p2, lengths1, None, idx)

    one, *others = all_thread_counts(both)
    for other in others:
        same(other, one)


@pytest.mark.parametrize("norm", [1, 2])
@pytest.mark.parametrize("D", [1, 3, 9])
def test_gradients_equal_those_of_gathered_neighbours(D, norm):
    p1, p2 = (p.requires_grad_() for p in clouds(1, 2000, 700, D, torch.float64))
    dists, idx = knn(p1.detach(), p2.detach(), K=6, norm=norm)
    grad = torch.randn_like(dists)
    diff = p1[:, :, None] - p2[0, idx]
    ((diff.square() if norm == 2 else diff.abs()).sum(3) * grad).sum().backward()
    ours = backward(grad, p1.detach(), p2.detach(), None, None, idx, norm)
    torch.testing.assert_close(ours[0], p1.grad, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(ours[1], p2.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
def test_gradients_that_are_not_wanted(device):
    p1, p2 = clouds(2, 20, 15, 3)
    dists, idx = knn(p1, p2, K=2)
    arguments = [value.to(device) for value in (torch.ones_like(dists), p1, p2)]
    both = backward(*arguments, None, None, idx.to(device))
    for need in ([True, False], [False, True], [False, False]):
        grads = backward(*arguments, None, None, idx.to(device), 2, *need)
        expected = [grad.cpu() if wanted else torch.empty(0) for grad, wanted in zip(both, need)]
        same(grads, expected)


def test_gradient_of_equal_points_is_zero_and_nan_stays():
    p = torch.ones(1, 1, 2)
    idx = torch.zeros(1, 1, 1, dtype=torch.int64)
    for norm in (1, 2):
        assert not any(grad.any() for grad in backward(torch.ones(1, 1, 1), p, p, None, None, idx, norm))
        grads = backward(torch.ones(1, 1, 1), p, torch.tensor([[[NAN, 0.0]]]), None, None, idx, norm)
        assert [g.isnan().flatten().tolist() for g in grads] == [[True, False]] * 2


I64 = torch.int64
GOOD = dict(p1=torch.zeros(2, 5, 3), p2=torch.zeros(2, 4, 3), lengths1=torch.tensor([5, 1]), lengths2=torch.tensor([4, 2]), K=1, norm=2)
CLOUD_ERRORS = [
    ("p1", torch.zeros(5, 3), r"expected p1 to have shape \[N, P1, D\] = \[\*, \*, \*\], but got \[5, 3\]"),
    ("p1", torch.zeros(2, 5, 3, dtype=I64), "expected p1 to be float32 or float64, but got int64"),
    ("p2", torch.zeros(2, 4, 2), r"expected p2 to have shape \[N, P2, D\] = \[2, \*, 3\], but got \[2, 4, 2\]"),
    ("p2", torch.zeros(1, 4, 3), r"expected p2 to have shape \[N, P2, D\] = \[2, \*, 3\], but got \[1, 4, 3\]"),
    ("p2", torch.zeros(2, 4, 3, dtype=torch.float64), "expected p2 to be float32 as p1, but got float64"),
    ("p2", torch.zeros(2, 4, 3, device="meta"), "expected p2 to be on cpu as p1"),
    ("lengths1", torch.tensor([5]), r"expected lengths1 to have shape \[N\] = \[2\], but got \[1\]"),
    ("lengths1", torch.tensor([5, 1]).int(), "expected lengths1 to be int64, but got int32"),
    ("lengths1", torch.tensor([5, 6]), r"expected lengths1 to lie in \[0, 6\), but got 6 at 1"),
    ("lengths2", torch.tensor([[4, 2]]), r"expected lengths2 to have shape \[N\] = \[2\], but got \[1, 2\]"),
    ("lengths2", torch.tensor([-1, 2]), r"expected lengths2 to lie in \[0, 5\), but got -1 at 0"),
    ("lengths2", torch.zeros(2, dtype=I64, device="meta"), "expected lengths2 to be on cpu as p1"),
    ("norm", 3, "expected norm to be one of 1, 2, but got 3"),
]


@pytest.mark.parametrize("name,value,message", [*CLOUD_ERRORS, ("K", 0, "expected K to be at least 1, but got 0")])
def test_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=f"knn_points: {message}"):
        knn(**{**GOOD, name: value})


def test_error_messages_of_sizes():
    with pytest.raises(RuntimeError, match="knn_points: expected D of p1 \\[N, P1, D\\] to be at least 1, but got 0"):
        knn(torch.zeros(1, 2, 0), torch.zeros(1, 2, 0))
    huge = torch.empty(1, 2**31, 1, device="meta")
    with pytest.raises(RuntimeError, match="expected P2 of p2 \\[N, P2, D\\] to be at most 2147483647, but got 2147483648"):
        knn(huge[:, :1], huge)


GOOD_BACKWARD = dict(grad_dists=torch.ones(2, 5, 3), p1=GOOD["p1"], p2=GOOD["p2"], lengths1=GOOD["lengths1"], lengths2=GOOD["lengths2"],
                     idx=torch.zeros(2, 5, 3, dtype=I64), norm=2)


def index_with(value, *position):
    idx = torch.zeros(2, 5, 3, dtype=I64)
    idx[position] = value
    return idx


@pytest.mark.parametrize("name,value,message", [
    *CLOUD_ERRORS,
    ("grad_dists", torch.ones(2, 5, 2), r"expected grad_dists to have shape \[N, P1, K\] = \[2, 5, 3\], but got \[2, 5, 2\]"),
    ("grad_dists", torch.ones(2, 5, 3, dtype=torch.float64), "expected grad_dists to be float32 as p1, but got float64"),
    ("idx", torch.zeros(2, 4, 3, dtype=I64), r"expected idx to have shape \[N, P1, K\] = \[2, 5, \*\], but got \[2, 4, 3\]"),
    ("idx", torch.zeros(2, 5, 3), "expected idx to be int64, but got float32"),
    ("idx", index_with(4, 0, 2, 1), r"expected idx to lie in \[0, 4\), but got 4 at \[0, 2, 1\]"),
    ("idx", index_with(2, 1, 0, 1), r"expected idx to lie in \[0, 2\), but got 2 at \[1, 0, 1\]"),
    ("idx", index_with(-(1 << 60), 1, 0), r"expected idx to lie in \[0, 2\), but got -1152921504606846976 at \[1, 0, 0\]"),
])
def test_error_messages_of_backward(name, value, message):
    with pytest.raises(RuntimeError, match=f"_knn_points_backward: {message}"):
        backward(**{**GOOD_BACKWARD, name: value})


def test_backward_checks_indices_whatever_is_wanted():
    for need in ([True, False], [False, True], [False, False]):
        with pytest.raises(RuntimeError, match=r"expected idx to lie in \[0, 4\), but got 4 at \[0, 2, 1\]"):
            backward(**{**GOOD_BACKWARD, "idx": index_with(4, 0, 2, 1)}, need_p1=need[0], need_p2=need[1])


def test_backward_does_not_look_at_padding():
    for position in ((1, 1, 0), (1, 0, 2)):  # beyond lengths1, beyond lengths2
        grads = backward(**{**GOOD_BACKWARD, "idx": index_with(1 << 60, *position)})
        same(grads, backward(**GOOD_BACKWARD))


# K = 1, 8 and 32 are the lists of the kernels, longer ones are heaps; three coordinates have a kernel of their own.
@pytest.mark.cuda
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("K", [1, 2, 8, 9, 32, 40])
@pytest.mark.parametrize("D", [1, 3, 35])
def test_cuda_equals_cpu(cuda, D, K, dtype):
    norm = 1 if K in (2, 9) else 2
    p1, p2 = clouds(2, 140, 75 if D != 3 else 260, D, dtype)
    p2[:, 30:50] = p2[:, 10:30]  # ties
    p2[:, 7, 0], p1[0, 1], p2[:, 5, -1] = NAN, INF, INF
    lengths1, lengths2 = torch.tensor([140, 12]), torch.tensor([p2.shape[1] - 1, 35])
    arguments = p1, p2, lengths1, lengths2, K, norm
    expected, ours = knn(*arguments), knn(*cuda(*arguments))
    same(ours, expected)
    p1, p2 = clouds(2, 140, p2.shape[1], D, dtype)
    grad = torch.randn(expected[0].shape, dtype=dtype)
    arguments = grad, p1, p2, lengths1, lengths2, expected[1], norm
    for ours, theirs in zip(backward(*cuda(*arguments)), backward(*arguments), strict=True):
        tolerance = 1e-4 if dtype == torch.float32 else 1e-12
        torch.testing.assert_close(ours.cpu(), theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.cuda
@pytest.mark.parametrize("N,P1,P2", [(0, 3, 4), (2, 0, 4), (2, 3, 0)])
def test_cuda_empty(cuda, N, P1, P2):
    p1, p2 = clouds(N, P1, P2, 3)
    expected = knn(p1, p2, K=40)
    same(knn(*cuda(p1, p2), K=40), expected)
    grads = backward(*cuda(torch.ones_like(expected[0]), p1, p2, None, None, expected[1]))
    assert not any(grad.cpu().any() for grad in grads)


@pytest.mark.cuda
def test_cuda_skips_indices_and_clamps_lengths_that_are_out_of_range(cuda):
    p1, p2 = GOOD["p1"] + 1, GOOD["p2"]
    lengths1, lengths2 = torch.tensor([1 << 40, -7]), torch.tensor([1 << 40, 2])
    same(knn(*cuda(p1, p2, lengths1, lengths2, 3)), reference(p1, p2, torch.tensor([5, 0]), torch.tensor([4, 2]), 3))
    idx = index_with(-(1 << 60), 0, 1)
    idx[0, 2, 1] = 4
    grads = backward(*cuda(torch.ones(2, 5, 3), p1, p2, None, None, idx))
    assert grads[0].cpu()[0, :, 0].tolist() == [6, 0, 4, 6, 6] and grads[1].cpu()[0, 0, 0] == -22


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_raises_where_it_is_asked_to_check(dtype, monkeypatch):
    monkeypatch.setenv("BISQUE_CHECK_CUDA", "1")
    p1, p2 = torch.randn(2, 5, 3, dtype=dtype).cuda(), torch.randn(2, 4, 3, dtype=dtype).cuda()
    good, bad = torch.tensor([5, 2]).cuda(), torch.tensor([5, 6]).cuda()
    dists, idx = torch.ops.bisque.knn_points(p1, p2, good, None, 2)
    arguments = [torch.zeros(2, 5, 2, dtype=dtype).cuda(), p1, p2]
    torch.ops.bisque._knn_points_backward(*arguments, good, None, idx, 2, True, True)
    message = r"expected lengths1 to lie in \[0, 6\), but got 6 at 1"
    with pytest.raises(RuntimeError, match=f"knn_points: {message}"):
        torch.ops.bisque.knn_points(p1, p2, bad, None, 2)
    with pytest.raises(RuntimeError, match=f"_knn_points_backward: {message}"):
        torch.ops.bisque._knn_points_backward(*arguments, bad, None, idx, 2, True, True)
    with pytest.raises(RuntimeError, match=r"_knn_points_backward: expected idx to lie in \[0, 4\), but got 9 at \[\d, \d, \d\]"):
        torch.ops.bisque._knn_points_backward(*arguments, good, None, torch.full((2, 5, 2), 9).cuda(), 2, True, True)
