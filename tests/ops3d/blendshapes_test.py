"""The op blendshapes against a dense reference."""

import pytest
import torch


def sparse_model(V, S, density, dtype=torch.float32, seed=0):
    """Random deltas in the op's sparse form, and the same as a dense [S, V, 3]."""
    g = torch.Generator().manual_seed(seed)
    moved = torch.rand(V, S, generator=g) < density
    dense = torch.randn(V, S, 3, generator=g, dtype=dtype) * moved[..., None]
    vert, shape = moved.nonzero(as_tuple=True)
    first = torch.zeros(V + 1, dtype=torch.int64)
    first[1:] = moved.sum(1).cumsum(0)
    return dense[vert, shape], shape.int(), first, dense.transpose(0, 1).contiguous()


def blend(coefficients, neutral, deltas, shape, first):
    return torch.ops.bisque.blendshapes(coefficients, neutral, deltas, shape, first)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("N,V,S,density", [(1, 1, 1, 1.0), (3, 130, 7, 0.3), (2, 1000, 61, 0.1), (1, 65, 4, 1.0)])
def test_equals_dense_sum(N, V, S, density, dtype):
    deltas, shape, first, dense = sparse_model(V, S, density, dtype)
    neutral, coefficients = torch.randn(V, 3, dtype=dtype), torch.randn(N, S, dtype=dtype)
    expected = neutral + torch.einsum("ns,svk->nvk", coefficients, dense)
    torch.testing.assert_close(blend(coefficients, neutral, deltas, shape, first), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("N,V,S", [(0, 5, 3), (2, 0, 3), (2, 5, 0), (0, 0, 0)])
def test_empty(N, V, S):
    neutral = torch.randn(V, 3)
    out = blend(torch.randn(N, S), neutral, torch.zeros(0, 3), torch.zeros(0, dtype=torch.int32), torch.zeros(V + 1, dtype=torch.int64))
    assert out.shape == (N, V, 3)
    torch.testing.assert_close(out, neutral.expand(N, V, 3))


def test_non_contiguous_inputs():
    deltas, shape, first, _ = sparse_model(50, 6, 0.5)
    neutral, coefficients = torch.randn(50, 3), torch.randn(4, 6)
    expected = blend(coefficients, neutral, deltas, shape, first)
    strided = [t.repeat_interleave(2, 0)[::2] for t in (coefficients, neutral, deltas, shape, first)]
    assert not strided[0].is_contiguous()
    assert torch.equal(blend(*strided), expected)
    assert torch.equal(blend(coefficients.t().contiguous().t(), neutral, deltas, shape, first), expected)


def test_same_for_any_number_of_threads(all_thread_counts):
    deltas, shape, first, _ = sparse_model(5000, 20, 0.2)
    neutral, coefficients = torch.randn(5000, 3), torch.randn(3, 20)
    one, *others = all_thread_counts(lambda: blend(coefficients, neutral, deltas, shape, first))
    assert all(torch.equal(one, other) for other in others)


def test_nan_stays_where_it_is_used():
    deltas, shape, first, dense = sparse_model(40, 5, 0.3)
    coefficients = torch.zeros(1, 5)
    coefficients[0, 2] = float("nan")
    out = blend(coefficients, torch.zeros(40, 3), deltas, shape, first)
    moved = dense[2].abs().sum(1) > 0
    assert torch.equal(out[0].isnan().all(1), moved)


def test_indices_out_of_range_are_skipped_not_read():
    neutral, coefficients = torch.randn(2, 3), torch.ones(1, 2)
    deltas = torch.ones(2, 3)
    for shape in ([5, -1], [2, 1 << 30]):
        out = blend(coefficients, neutral, deltas, torch.tensor(shape, dtype=torch.int32), torch.tensor([0, 1, 2]))
        torch.testing.assert_close(out[0], neutral)
    out = blend(coefficients, neutral, deltas, torch.zeros(2, dtype=torch.int32), torch.tensor([-(1 << 40), 1, 1 << 40]))
    torch.testing.assert_close(out[0], neutral + 1)


def test_meta_shape():
    with torch.device("meta"):
        out = blend(torch.empty(4, 6), torch.empty(9, 3), torch.empty(11, 3), torch.empty(11, dtype=torch.int32), torch.empty(10, dtype=torch.int64))
    assert out.shape == (4, 9, 3) and out.device.type == "meta"


GOOD = dict(coefficients=torch.zeros(1, 2), neutral=torch.zeros(3, 3), deltas=torch.zeros(4, 3),
            delta_shape=torch.zeros(4, dtype=torch.int32), vert_first=torch.zeros(4, dtype=torch.int64))


@pytest.mark.parametrize("name,value,message", [
    ("coefficients", torch.zeros(2), r"blendshapes: expected coefficients to have shape \[N, S\] = \[\*, \*\], but got \[2\]"),
    ("coefficients", torch.zeros(1, 2, dtype=torch.int64), "blendshapes: expected coefficients to be float32 or float64, but got int64"),
    ("neutral", torch.zeros(3, 2), r"expected neutral to have shape \[V, 3\] = \[\*, 3\], but got \[3, 2\]"),
    ("neutral", torch.zeros(3, 3, dtype=torch.float64), "expected neutral to be float32 as coefficients, but got float64"),
    ("deltas", torch.zeros(4), r"expected deltas to have shape \[D, 3\]"),
    ("delta_shape", torch.zeros(3, dtype=torch.int32), r"expected delta_shape to have shape \[D\] = \[4\], but got \[3\]"),
    ("delta_shape", torch.zeros(4, dtype=torch.int64), "expected delta_shape to be int32, but got int64"),
    ("vert_first", torch.zeros(3, dtype=torch.int64), r"expected vert_first to have shape \[V \+ 1\] = \[4\], but got \[3\]"),
    ("vert_first", torch.zeros(4, dtype=torch.int64, device="meta"), "expected vert_first to be on cpu as coefficients, but got device"),
])
def test_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque.blendshapes(*{**GOOD, name: value}.values())
