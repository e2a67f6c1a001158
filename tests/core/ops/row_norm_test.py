"""The op row_norm and its gradient: layer norm and RMS norm, against torch's."""

import pytest
import torch
import torch.nn.functional as F

from bisque3d.testing import OpTests
from tests.core.ops.norm_checks import CLOSE, HALVES, all_the_same, check_equals, check_second_derivatives, random

EPS = 1e-5
row_norm = torch.ops.bisque.row_norm


class TestRowNorm(OpTests):
    op = "bisque::row_norm"
    gradients = ["x", "weight", "bias"]
    twice_differentiable = True
    gradcheck_cases = ["small", "small_rms"]

    def row(self, *sizes, dims=1, dtype, random, center=True):
        weights = sizes[-dims:]
        size = torch.Size(weights).numel()
        return dict(
            x=random(*sizes, dtype=dtype), weight=random(*weights, dtype=dtype), bias=random(*weights, dtype=dtype), size=size, eps=EPS, center=center
        )

    def inputs_a_matrix(self, dtype, random):
        return self.row(37, 130, dtype=dtype, random=random)

    def inputs_blocks(self, dtype, random):  # of rows, each with sums of its own
        return self.row(70, 33, dtype=dtype, random=random)

    def inputs_long(self, dtype, random):  # few rows of some chunks
        return self.row(3, 5000, dtype=dtype, random=random)

    def inputs_more_chunks(self, dtype, random):
        return self.row(40, 2100, dtype=dtype, random=random)

    def inputs_dims(self, dtype, random):
        return self.row(2, 3, 4, 5, dims=2, dtype=dtype, random=random)

    def inputs_rms(self, dtype, random):
        return self.row(19, 65, dtype=dtype, random=random, center=False)

    def inputs_small(self, dtype, random):
        return self.row(4, 6, dtype=dtype, random=random)

    def inputs_small_rms(self, dtype, random):
        return self.row(3, 5, dtype=dtype, random=random, center=False)

    def inputs_no_rows(self, dtype, random):
        return self.row(0, 5, dtype=dtype, random=random)

    def inputs_one_value(self, dtype, random):
        return self.row(4, 1, dtype=dtype, random=random)

    def reference(self, x, weight, bias, size, eps, center):
        rows = x.double().view(-1, size) if size else x.double().view(0, 0)
        mean = rows.mean(1) if center else rows.new_zeros(0)
        deviations = rows - mean[:, None] if center else rows
        var = deviations.square().mean(1)
        y = deviations / (var + eps).sqrt()[:, None] * weight.double().view(-1) + bias.double().view(-1)
        return y.view(x.shape).to(x.dtype), mean, var

    errors = [
        (dict(x=torch.zeros(4, 130, dtype=torch.int32)), "row_norm: expected x to be float32, float64, float16 or bfloat16, but got int32"),
        (dict(x=torch.zeros(4, 3)), r"row_norm: expected x to have a multiple of size \(130\) values, but got 12"),
        (dict(size=-1), "row_norm: expected size to be at least 0, but got -1"),
        (dict(size=0), r"row_norm: expected x to have a multiple of size \(0\) values, but got 4810"),
        (dict(weight=torch.zeros(7)), "row_norm: expected weight to have 130 values, but got 7"),
        (dict(bias=torch.zeros(131)), "row_norm: expected bias to have 130 values, but got 131"),
        (dict(weight=torch.zeros(130, dtype=torch.float64)), "row_norm: expected weight to be float32 as x, but got float64"),
        (dict(bias=torch.zeros(130, device="meta")), "row_norm: expected bias to be on .* as x, but got"),
    ]


WEIGHTS = {"weight and bias": (True, True), "weight": (True, False), "bias": (False, True), "none": (False, False)}


def inputs(sizes, weights, dtype, weight_dtype=None, mean=0.3):
    weight, bias = WEIGHTS[weights]
    own = weight_dtype or dtype
    return (
        random(*sizes, dtype=dtype, mean=mean),
        random(sizes[-1], dtype=own, seed=1, mean=1.0) if weight else None,
        random(sizes[-1], dtype=own, seed=2) if bias else None,
    )


def ours(center=True):
    return lambda x, weight=None, bias=None: row_norm(x, weight, bias, x.shape[-1], EPS, center)[0]


def layer_norm(x, weight=None, bias=None):
    return F.layer_norm(x, x.shape[-1:], weight, bias, EPS)


def rms_norm(x, weight=None, bias=None):
    y = F.rms_norm(x, x.shape[-1:], weight, EPS)
    return y if bias is None else y + bias


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", [(1, 3), (5, 31), (6, 32), (7, 100), (2, 9000), (65, 257), (33, 4099)])
def test_equals_layer_norm(sizes, dtype, weights):
    check_equals(ours(), layer_norm, inputs(sizes, weights, dtype))


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", [(5, 31), (7, 100), (2, 9000)])
def test_equals_rms_norm(sizes, dtype, weights):
    check_equals(ours(False), rms_norm, inputs(sizes, weights, dtype))


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", [(5, 31), (2, 3, 7), (0, 4)])
def test_second_derivatives_equal_torchs(sizes, dtype, weights):
    # A bias alone is more than torch's own second derivative takes.
    theirs = layer_norm if weights != "bias" else lambda x, bias: layer_norm(x) + bias
    mine = ours() if weights != "bias" else lambda x, bias: ours()(x, None, bias)
    check_second_derivatives(mine, theirs, [tensor for tensor in inputs(sizes, weights, dtype) if tensor is not None])
    check_second_derivatives(ours(False), rms_norm, inputs(sizes, weights, dtype))


def test_second_derivatives_of_a_large_mean_beside_a_small_deviation():
    x = random(4, 300, mean=1e4, std=1e-2)
    check_second_derivatives(ours(), layer_norm, (x, None, None))


def test_second_derivatives_by_some_of_the_inputs():
    x, weight, bias = inputs((5, 7), "weight and bias", torch.float64)
    for leaf in (weight, x):
        leaf.requires_grad_()
        results = []
        for function in (ours(), layer_norm):
            first, = torch.autograd.grad(function(x, weight, bias).exp().sum(), leaf, create_graph=True)
            results.append(torch.autograd.grad(first.square().sum(), leaf)[0])
        torch.testing.assert_close(*results)
        leaf.requires_grad_(False)


def test_third_derivatives():
    x, weight, _ = inputs((2, 5), "weight", torch.float64)
    by_x = lambda x: torch.autograd.grad(ours()(x, weight).sin().sum(), x, create_graph=True)[0]
    assert torch.autograd.gradgradcheck(by_x, [x.requires_grad_()])


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_with_float_weights(dtype):
    check_equals(ours(), layer_norm, inputs((9, 70), "weight and bias", dtype, torch.float32))


@pytest.mark.parametrize("weights", ["weight and bias", "none"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_results_past_the_caches_equal_layer_norm(dtype, weights):
    check_equals(ours(), layer_norm, inputs((4231, 1031), weights, dtype))  # rows begin at no boundary


@pytest.mark.parametrize("sizes", [(3, 100_001), (1, 40_000)])
@pytest.mark.parametrize("weights", ["weight and bias", "none"])
def test_few_long_rows_equal_layer_norm(sizes, weights):
    check_equals(ours(), layer_norm, inputs(sizes, weights, torch.float32))


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes,weights", [((37, 131), "weight and bias"), ((37, 131), "none"), ((3, 70_000), "weight"), ((200, 700), "weight and bias")])
def test_same_bits_for_any_threads_and_vectors(sizes, weights, dtype, center, all_thread_counts, all_simd_targets):
    x, weight, bias = inputs(sizes, weights, dtype)
    grad = random(*sizes, dtype=dtype, seed=5)

    def both_ways():
        y, mean, var = row_norm(x, weight, bias, sizes[-1], EPS, center)
        back = torch.ops.bisque._row_norm_backward(grad, x, weight, bias, mean, var, sizes[-1], EPS, center, True, True, True)
        return [y, mean, var, *back]

    assert all_the_same(all_thread_counts(both_ways) + all_simd_targets(both_ways))


@pytest.mark.parametrize("sizes", [(50, 1000), (3, 100_000)])
@pytest.mark.parametrize("weights", ["weight and bias", "none"])
def test_a_large_mean_beside_a_small_deviation(sizes, weights):
    x, weight, bias = inputs(sizes, weights, torch.float32)
    x = random(*sizes, mean=1e4, std=1e-2)
    y, mean, var = row_norm(x, weight, bias, sizes[-1], 0.0)
    exact = F.layer_norm(x.double(), sizes[-1:], weight if weight is None else weight.double(), bias if bias is None else bias.double(), 0.0)
    assert (y - exact).abs().max() < 1e-5
    assert (mean - x.double().mean(1)).abs().max() < 1e-9
    torch.testing.assert_close(var, x.double().var(1, correction=0), rtol=1e-6, atol=0)
    grad = random(*sizes, seed=3)
    leaf = x.double().requires_grad_()
    by_x, = torch.autograd.grad(F.layer_norm(leaf, sizes[-1:], weight if weight is None else weight.double(), None, 0.0), leaf, grad.double())
    found = torch.ops.bisque._row_norm_backward(grad, x, weight, bias, mean, var, sizes[-1], 0.0, True, True, False, False)[0]
    assert ((found - by_x).abs().max() / by_x.abs().max()) < 1e-5


def test_outliers_first():
    # The first values of a chunk, which deviations are taken from, are far from all others.
    x = random(4, 2048, std=1e-2)
    x[:, :32] += 1e4
    y, mean, var = row_norm(x, None, None, 2048, 0.0)
    torch.testing.assert_close(var, x.double().var(1, correction=0), rtol=1e-4, atol=0)
    torch.testing.assert_close(y.double(), F.layer_norm(x.double(), (2048,), None, None, 0.0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_stays_in_its_row(value):
    x = random(3, 300)
    x[1, 100] = value
    y, mean, var = row_norm(x, None, None, 300, EPS)
    expected = F.layer_norm(x, (300,))
    assert torch.equal(y.isnan(), expected.isnan())
    torch.testing.assert_close(y[::2], expected[::2])


def test_a_constant_row_is_its_bias():
    bias = random(40)
    y, mean, var = row_norm(torch.full((2, 40), 7.0), None, bias, 40, EPS)
    assert torch.equal(y, bias.expand(2, 40)) and not var.any()


def test_empty_rows():
    y, mean, var = row_norm(torch.zeros(4, 0), None, None, 0, EPS)
    assert y.shape == (4, 0) and mean.shape == var.shape == (0,)
    weight = torch.zeros(5)
    back = torch.ops.bisque._row_norm_backward(torch.zeros(0, 5), torch.zeros(0, 5), weight, weight, torch.zeros(0).double(), torch.zeros(0).double(), 5, EPS, True, True, True, True)
    assert back[0].shape == (0, 5) and torch.equal(back[1], weight) and torch.equal(back[2], weight)


def test_gradients_that_are_not_wanted_are_empty():
    x, weight, bias = inputs((5, 8), "weight and bias", torch.float32)
    _, mean, var = row_norm(x, weight, bias, 8, EPS)
    back = lambda *needs: torch.ops.bisque._row_norm_backward(x, x, weight, bias, mean, var, 8, EPS, True, *needs)
    whole = back(True, True, True)
    for i in range(3):
        one = back(*(i == k for k in range(3)))
        assert torch.equal(one[i], whole[i]) and all(one[k].numel() == 0 for k in range(3) if k != i)


GOOD = dict(grad_y=torch.zeros(4, 6), x=torch.zeros(4, 6), weight=torch.zeros(6), bias=torch.zeros(6), mean=torch.zeros(4).double(), var=torch.ones(4).double())


@pytest.mark.parametrize("name,value,message", [
    ("grad_y", torch.zeros(4, 5), r"_row_norm_backward: expected grad_y to have the sizes of x, but got \[4, 5\]"),
    ("grad_y", torch.zeros(4, 6).double(), "_row_norm_backward: expected grad_y to be float32 as x, but got float64"),
    ("mean", torch.zeros(5).double(), r"_row_norm_backward: expected mean to have shape \[slices\] = \[4\], but got \[5\]"),
    ("var", torch.zeros(4), "_row_norm_backward: expected var to be float64, but got float32"),
    ("weight", torch.zeros(5), "_row_norm_backward: expected weight to have 6 values, but got 5"),
])
def test_backward_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque._row_norm_backward(*{**GOOD, name: value}.values(), 6, EPS, True, True, True, True)


# --- CUDA ---------------------------------------------------------------------------------------------------------


@pytest.mark.cuda
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("weights", ["weight and bias", "none"])
@pytest.mark.parametrize("dtype", HALVES)
def test_cuda_half_precision(dtype, weights, center):
    x, weight, bias = inputs((6, 75), weights, dtype)
    grad = random(6, 75, dtype=dtype, seed=5)

    def both_ways(device):
        on = [None if tensor is None else tensor.to(device) for tensor in (x, weight, bias, grad)]
        y, mean, var = row_norm(*on[:3], 75, EPS, center)
        back = torch.ops.bisque._row_norm_backward(on[3], *on[:3], mean, var, 75, EPS, center, True, weight is not None, bias is not None)
        return [result.cpu() for result in (y, mean, var, *back)]

    for found, expected in zip(both_ways("cuda"), both_ways("cpu"), strict=True):
        torch.testing.assert_close(found, expected, **CLOSE[dtype if found.dtype == dtype else torch.float32])
