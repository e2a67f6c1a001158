"""The op blendshapes and its gradient against a dense reference."""

import pytest
import torch

from bisque3d.testing import OpTests


def sparse_model(V, S, density, dtype=torch.float32, seed=0):
    """Random deltas in the op's sparse form, and the same as a dense [S, V, 3]."""
    g = torch.Generator().manual_seed(seed)
    moved = torch.rand(V, S, generator=g) < density
    dense = torch.randn(V, S, 3, generator=g, dtype=dtype) * moved[..., None]
    vert, shape = moved.nonzero(as_tuple=True)
    first = torch.zeros(V + 1, dtype=torch.int64)
    first[1:] = moved.sum(1).cumsum(0)
    return dense[vert, shape], shape.int(), first, dense.transpose(0, 1).contiguous()


class TestBlendshapes(OpTests):
    op = "bisque::blendshapes"
    gradients = ["coefficients", "neutral", "deltas"]
    gradcheck_cases = ["one_frame", "small"]
    tolerance = {torch.float32: dict(rtol=1e-5, atol=1e-5), torch.float64: dict(rtol=1e-11, atol=1e-11)}

    def model(self, N, V, S, density, dtype, random):
        deltas, shape, first, _ = sparse_model(V, S, density, dtype)
        coefficients, neutral = random(N, S, dtype=dtype), random(V, 3, dtype=dtype)
        return dict(coefficients=coefficients, neutral=neutral, deltas=deltas, delta_shape=shape, vert_offsets=first)

    def inputs_blocks(self, dtype, random):
        return self.model(9, 130, 7, 0.3, dtype, random)

    def inputs_small(self, dtype, random):
        return self.model(2, 7, 4, 0.6, dtype, random)

    def inputs_one_frame(self, dtype, random):
        return self.model(1, 9, 3, 0.5, dtype, random)

    def inputs_many_shapes(self, dtype, random):
        return self.model(2, 20, 300, 0.2, dtype, random)

    def inputs_no_frames(self, dtype, random):
        return self.model(0, 5, 3, 0.5, dtype, random)

    def inputs_no_verts(self, dtype, random):
        return self.model(2, 0, 3, 0.5, dtype, random)

    def inputs_no_shapes(self, dtype, random):
        return self.model(2, 5, 0, 0.5, dtype, random)

    def reference(self, coefficients, neutral, deltas, delta_shape, vert_offsets):
        vert = torch.repeat_interleave(torch.arange(len(neutral)), vert_offsets.diff())
        dense = torch.zeros(coefficients.shape[1], *neutral.shape, dtype=neutral.dtype)
        dense[delta_shape.long(), vert] = deltas
        return neutral + torch.einsum("ns,svk->nvk", coefficients, dense)

    errors = [
        (dict(coefficients=torch.zeros(2)), r"blendshapes: expected coefficients to have shape \[N, S\] = \[\*, \*\], but got \[2\]"),
        (dict(coefficients=torch.zeros(1, 2, dtype=torch.int64)), "blendshapes: expected coefficients to be float32 or float64, but got int64"),
        (dict(neutral=torch.zeros(3, 2)), r"expected neutral to have shape \[V, 3\] = \[\*, 3\], but got \[3, 2\]"),
        (dict(neutral=torch.zeros(130, 3, dtype=torch.float64)), "expected neutral to be float32 as coefficients, but got float64"),
        (dict(deltas=torch.zeros(4)), r"expected deltas to have shape \[D, 3\]"),
        (dict(delta_shape=torch.zeros(3, dtype=torch.int32)), r"expected delta_shape to have shape \[D\] = \[\d+\], but got \[3\]"),
        (dict(delta_shape=torch.zeros(58, dtype=torch.int64), deltas=torch.zeros(58, 3)), "expected delta_shape to be int32, but got int64"),
        (dict(vert_offsets=torch.zeros(3, dtype=torch.int64)), r"expected vert_offsets to have shape \[V \+ 1\] = \[131\], but got \[3\]"),
        (dict(vert_offsets=torch.zeros(131, dtype=torch.int64, device="meta")), "expected vert_offsets to be on cpu as coefficients, but got device"),
    ]


def blend(coefficients, neutral, deltas, shape, first):
    return torch.ops.bisque.blendshapes(coefficients, neutral, deltas, shape, first)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("N,V,S,density", [(1, 1, 1, 1.0), (2, 1000, 61, 0.1), (1, 65, 4, 1.0)])
def test_equals_dense_sum(N, V, S, density, dtype):
    deltas, shape, first, dense = sparse_model(V, S, density, dtype)
    neutral, coefficients = torch.randn(V, 3, dtype=dtype), torch.randn(N, S, dtype=dtype)
    expected = neutral + torch.einsum("ns,svk->nvk", coefficients, dense)
    torch.testing.assert_close(blend(coefficients, neutral, deltas, shape, first), expected, rtol=1e-5, atol=1e-5)


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


GOOD = dict(coefficients=torch.zeros(1, 2), neutral=torch.zeros(3, 3), deltas=torch.zeros(4, 3),
            delta_shape=torch.zeros(4, dtype=torch.int32), vert_offsets=torch.zeros(4, dtype=torch.int64))


# --- The gradient -------------------------------------------------------------------------------------------------


def backward(grad, coefficients, neutral, deltas, shape, first, need=(True, True, True)):
    return torch.ops.bisque._blendshapes_backward(grad, coefficients, neutral, deltas, shape, first, *need)


def random_case(N, V, S, density, dtype=torch.float32):
    deltas, shape, first, dense = sparse_model(V, S, density, dtype)
    g = torch.Generator().manual_seed(1)
    inputs = [torch.randn(N, S, generator=g, dtype=dtype), torch.randn(V, 3, generator=g, dtype=dtype), deltas, shape, first]
    return torch.randn(N, V, 3, generator=g, dtype=dtype), inputs, dense


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("N,V,S,density", [(1, 1, 1, 1.0), (3, 130, 7, 0.3), (9, 1000, 61, 0.1), (6, 65, 4, 1.0)])
def test_backward_equals_dense(N, V, S, density, dtype):
    grad, inputs, dense = random_case(N, V, S, density, dtype)
    grad_coefficients, grad_neutral, grad_deltas = backward(grad, *inputs)
    vert = torch.repeat_interleave(torch.arange(V), inputs[4].diff())
    close = dict(rtol=1e-5, atol=1e-4 if dtype == torch.float32 else 1e-12)
    torch.testing.assert_close(grad_coefficients, torch.einsum("nvk,svk->ns", grad, dense), **close)
    torch.testing.assert_close(grad_neutral, grad.sum(0), **close)
    each = torch.einsum("ns,nvk->vsk", inputs[0], grad)
    torch.testing.assert_close(grad_deltas, each[vert, inputs[3].long()], **close)


def test_gradient_of_coefficients_keeps_float_precision():
    # All terms are alike, so that errors add up: 200,000 of them in float alone would lose 1e-4 and more.
    V = 200_000
    grad = torch.full((1, V, 3), 0.1)
    deltas = torch.full((V, 3), 0.7)
    out = backward(grad, torch.zeros(1, 1), torch.zeros(V, 3), deltas, torch.zeros(V, dtype=torch.int32), torch.arange(V + 1))[0]
    torch.testing.assert_close(out.double(), (grad.double() * deltas.double()).sum().view(1, 1), rtol=3e-7, atol=0)


def test_only_wanted_gradients_are_made():
    grad, inputs, _ = random_case(2, 20, 5, 0.5)
    full = backward(grad, *inputs)
    for i in range(3):
        part = backward(grad, *inputs, need=[i == j for j in range(3)])
        assert torch.equal(part[i], full[i])
        assert all(part[j].shape == (0,) for j in range(3) if j != i)


@pytest.mark.parametrize("N,V,S", [(0, 5, 3), (2, 0, 3), (2, 5, 0), (0, 0, 0)])
def test_backward_empty(N, V, S):
    first = torch.zeros(V + 1, dtype=torch.int64)
    results = backward(torch.ones(N, V, 3), torch.ones(N, S), torch.ones(V, 3), torch.zeros(0, 3), torch.zeros(0, dtype=torch.int32), first)
    assert [t.shape for t in results] == [(N, S), (V, 3), (0, 3)]
    assert not results[0].any()
    assert torch.equal(results[1], torch.full((V, 3), float(N)))


def test_a_frame_does_not_depend_on_its_neighbours():
    grad, inputs, _ = random_case(9, 500, 20, 0.3)
    all_verts, all_grads = blend(*inputs), backward(grad, *inputs)[0]
    for N in (1, 2, 4, 7):
        part = [inputs[0][:N], *inputs[1:]]
        assert torch.equal(blend(*part), all_verts[:N])
        assert torch.equal(backward(grad[:N], *part)[0], all_grads[:N])


def test_backward_skips_indices_out_of_range():
    grad, coefficients, neutral = torch.ones(2, 2, 3), torch.ones(2, 2), torch.zeros(2, 3)
    for shape in ([5, -1], [2, 1 << 30]):
        shape = torch.tensor(shape, dtype=torch.int32)
        grads = backward(grad, coefficients, neutral, torch.ones(2, 3), shape, torch.tensor([0, 1, 2]))
        assert not grads[0].any() and not grads[2].any()
    first = torch.tensor([-(1 << 40), 1, 1 << 40])
    grads = backward(grad, coefficients, neutral, torch.ones(2, 3), torch.zeros(2, dtype=torch.int32), first)
    assert torch.equal(grads[0], torch.tensor([[6.0, 0], [6, 0]]))


def test_backward_of_nan_and_rows_of_nobody():
    grad, coefficients = torch.ones(1, 2, 3), torch.ones(1, 2)
    grad[0, 1] = float("nan")
    shape, first = torch.tensor([0, 1, 0], dtype=torch.int32), torch.tensor([0, 1, 2])
    grad_coefficients, _, grad_deltas = backward(grad, coefficients, torch.zeros(2, 3), torch.ones(3, 3), shape, first)
    assert grad_coefficients[0, 0] == 3 and grad_coefficients[0, 1].isnan()
    assert torch.equal(grad_deltas[0], torch.ones(3)) and grad_deltas[1].isnan().all() and not grad_deltas[2].any()


@pytest.mark.parametrize("name,value,message", [
    ("grad_verts", torch.zeros(1, 3, 2), r"_blendshapes_backward: expected grad_verts to have shape \[N, V, 3\] = \[1, 3, 3\], but got \[1, 3, 2\]"),
    ("grad_verts", torch.zeros(1, 3, 3, dtype=torch.float64), "expected grad_verts to be float32 as coefficients, but got float64"),
    ("deltas", torch.zeros(4), r"_blendshapes_backward: expected deltas to have shape \[D, 3\]"),
])
def test_backward_error_messages(name, value, message):
    arguments = {"grad_verts": torch.zeros(1, 3, 3), **GOOD, name: value}
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque._blendshapes_backward(*arguments.values(), True, True, True)


# --- CUDA ---------------------------------------------------------------------------------------------------------

@pytest.mark.cuda
def test_cuda_skips_indices_out_of_range():
    grad, coefficients, neutral = torch.ones(1, 2, 3), torch.ones(1, 2), torch.zeros(2, 3)
    shape, first = torch.tensor([5, -1, 0], dtype=torch.int32), torch.tensor([-(1 << 40), 1, 1 << 40])
    inputs = [t.cuda() for t in (coefficients, neutral, torch.ones(3, 3), shape, first)]
    assert torch.equal(blend(*inputs).cpu(), torch.tensor([[[0.0, 0, 0], [1, 1, 1]]]))
    grads = [t.cpu() for t in backward(grad.cuda(), *inputs)]
    assert torch.equal(grads[0], torch.tensor([[3.0, 0]]))
    assert torch.equal(grads[2], torch.tensor([[0.0, 0, 0], [0, 0, 0], [1, 1, 1]]))
