"""knn_gather and masked_gather, against indexing."""

import pytest
import torch

from tests.testing.functions import functions


def values(*sizes):
    return torch.randn(*sizes, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_gathers_neighbours():
    x, idx = values(2, 5, 4), torch.tensor([[[0, 3, 3], [4, 1, 2]], [[2, 0, 1], [1, 4, 0]]])
    ours = functions.knn_gather(x, idx)
    assert ours.shape == (2, 2, 3, 4)
    assert torch.equal(ours, torch.stack([x[n, idx[n]] for n in range(2)]))


def test_zero_where_there_is_no_neighbour():
    x, idx = values(2, 5, 4), torch.tensor([[[0, -1, 3]], [[2, 0, 0]]])
    ours = functions.knn_gather(x, idx, torch.tensor([5, 1]))
    expected = torch.stack([x[0, 0], torch.zeros(4), x[0, 3], x[1, 2], torch.zeros(4), torch.zeros(4)])
    assert torch.equal(ours.reshape(6, 4), expected.double())
    more_than_points = functions.knn_gather(x[:, :2], torch.zeros(2, 1, 3).long())
    assert torch.equal(more_than_points[:, 0, 1], x[:, 0]) and not more_than_points[:, :, 2].any()


def test_masked_gather():
    points = values(2, 5, 3)
    for idx in (torch.tensor([[4, -1, 0], [-1, -1, 2]]), torch.tensor([[[4, -1]], [[0, 2]]])):
        expected = torch.stack([torch.where(i[..., None] < 0, 0.0, p[i]) for i, p in zip(idx, points, strict=True)])
        assert torch.equal(functions.masked_gather(points, idx), expected)


def test_any_dtype_and_strides():
    x = torch.arange(40).reshape(4, 5, 2).transpose(0, 2)  # [2, 5, 4]
    idx = torch.tensor([[[0, 1], [4, 2]], [[3, 3], [0, -1]]]).transpose(1, 2)
    assert torch.equal(functions.knn_gather(x, idx), functions.knn_gather(x.contiguous(), idx.contiguous()))
    assert functions.knn_gather(x, idx).dtype == torch.int64


@pytest.mark.parametrize("N,M,L,K", [(0, 3, 2, 2), (2, 0, 3, 2), (2, 3, 0, 2), (2, 3, 4, 0)])
def test_empty(N, M, L, K):
    idx = torch.full((N, L, K), -1 if M == 0 else 0)
    ours = functions.knn_gather(values(N, M, 5), idx)
    assert ours.shape == (N, L, K, 5) and (M > 0 or not ours.any())
    assert functions.masked_gather(values(N, M, 5), idx).shape == (N, L, K, 5)


def test_what_knn_points_finds_in_an_empty_cloud():
    dists, idx = torch.ops.bisque.knn_points(values(1, 3, 2), values(1, 0, 2), None, None, 2)
    assert not functions.knn_gather(values(1, 0, 2), idx).any()


def test_gradient():
    x = values(2, 5, 3).requires_grad_()
    idx, lengths = torch.tensor([[[0, -1, 3]], [[2, 2, 0]]]), torch.tensor([5, 2])
    assert torch.autograd.gradcheck(lambda x: functions.knn_gather(x, idx, lengths), x)
    assert torch.autograd.gradcheck(lambda x: functions.masked_gather(x, idx), x)


X, IDX = torch.zeros(2, 5, 3), torch.zeros(2, 4, 2).long()


@pytest.mark.parametrize("arguments,message", [
    ((X[0], IDX), r"knn_gather: expected x to have 3 dimensions, but got \[5, 3\]"),
    ((X, IDX[0]), r"knn_gather: expected idx to have 3 dimensions, but got \[4, 2\]"),
    ((X, IDX[:1]), r"knn_gather: expected idx to be int64 with 2 clouds as x, but got long int \[1, 4, 2\]"),
    ((X, IDX.int()), r"knn_gather: expected idx to be int64 with 2 clouds as x, but got int \[2, 4, 2\]"),
    ((X, IDX + 5), r"knn_gather: expected idx to lie in \[-1, 5\), but got 5"),
    ((X, IDX - 2), r"knn_gather: expected idx to lie in \[-1, 5\), but got -2"),
    ((X, IDX + (1 << 62)), r"knn_gather: expected idx to lie in \[-1, 5\), but got 4611686018427387904"),
    ((X[:, :0], IDX, torch.tensor([1, 0])), r"knn_gather: expected idx to lie in \[-1, 0\), but got 0"),
    ((X, IDX, torch.tensor([1])), r"knn_gather: expected lengths to be int64 \[2\], but got long int \[1\]"),
])
def test_error_messages(arguments, message):
    with pytest.raises(RuntimeError, match=message):
        functions.knn_gather(*arguments)


@pytest.mark.parametrize("arguments,message", [
    ((X[0], IDX), r"masked_gather: expected points to have 3 dimensions, but got \[5, 3\]"),
    ((X, IDX[0, 0]), r"masked_gather: expected idx to have 2 or 3 dimensions, but got \[2\]"),
    ((X, IDX[:, 0] + 5), r"masked_gather: expected idx to lie in \[-1, 5\), but got 5"),
])
def test_error_messages_of_masked_gather(arguments, message):
    with pytest.raises(RuntimeError, match=message):
        functions.masked_gather(*arguments)
