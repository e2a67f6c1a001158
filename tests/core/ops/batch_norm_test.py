"""The op batch_norm, its gradient and its parts, against torch's."""

import pytest
import torch
import torch.nn.functional as F

from bisque3d.testing import OpTests
from tests.core.ops.norm_checks import CLOSE, HALVES, OfChannels, all_the_same, check_equals, check_second_derivatives, random, standardized

EPS = 1e-5
batch_norm = torch.ops.bisque.batch_norm


class TestBatchNorm(OfChannels, OpTests):
    op = "bisque::batch_norm"
    gradients = ["x", "weight", "bias"]
    twice_differentiable = True
    gradcheck_cases = ["small", "small_last", "small_eval", "small_vectors"]

    def image(self, *sizes, dtype, random, last=False, training=True):
        x = random(*sizes, dtype=dtype)
        x = x.to(memory_format=torch.channels_last) if last else x
        mean, var = random(sizes[1], dtype=dtype), random(sizes[1], dtype=dtype).square()
        weights = dict(weight=random(sizes[1], dtype=dtype), bias=random(sizes[1], dtype=dtype))
        return dict(x=x, **weights, running_mean=mean, running_var=var, training=training, eps=EPS)

    def inputs_a_batch(self, dtype, random):
        return self.image(5, 4, 6, 7, dtype=dtype, random=random)

    def inputs_last(self, dtype, random):
        return self.image(5, 4, 6, 7, dtype=dtype, random=random, last=True)

    def inputs_eval(self, dtype, random):
        return self.image(5, 4, 6, 7, dtype=dtype, random=random, training=False)

    def inputs_eval_last(self, dtype, random):
        return self.image(5, 4, 6, 7, dtype=dtype, random=random, training=False, last=True)

    def inputs_vectors(self, dtype, random):
        return self.image(700, 5, dtype=dtype, random=random)

    def inputs_small(self, dtype, random):
        return self.image(2, 3, 4, 4, dtype=dtype, random=random)

    def inputs_small_last(self, dtype, random):
        return self.image(2, 3, 4, 4, dtype=dtype, random=random, last=True)

    def inputs_small_eval(self, dtype, random):
        return self.image(2, 3, 4, 4, dtype=dtype, random=random, training=False)

    def inputs_small_vectors(self, dtype, random):
        return self.image(7, 3, 2, dtype=dtype, random=random)

    def inputs_no_samples(self, dtype, random):
        return self.image(0, 3, 20, dtype=dtype, random=random)

    def inputs_no_channels(self, dtype, random):
        return self.image(2, 0, 3, dtype=dtype, random=random)

    def reference(self, x, weight, bias, running_mean, running_var, training, eps):
        over = [1, -1] + [1] * (x.dim() - 2)
        flat = x.double().transpose(0, 1).reshape(x.shape[1], x.numel() // x.shape[1] if x.shape[1] else 0)
        mean, var = (flat.mean(1), flat.var(1, correction=0)) if training else (running_mean.double(), running_var.double())
        y = (x.double() - mean.view(over)) / (var + eps).sqrt().view(over) * weight.double().view(over) + bias.double().view(over)
        return y.to(x.dtype), mean, var

    errors = [
        (dict(x=torch.zeros(4)), r"batch_norm: expected x to have shape \[N, C, \.\.\.\], but got \[4\]"),
        (dict(x=torch.zeros(4, 4, dtype=torch.bool)), "batch_norm: expected x to be float32, float64, float16 or bfloat16, but got bool"),
        (dict(x=torch.zeros(1, 4, 1)), r"batch_norm: expected x to have more than 1 value a channel in training, but got \[1, 4, 1\]"),
        (dict(weight=torch.zeros(3)), "batch_norm: expected weight to have 4 values, but got 3"),
        (dict(bias=torch.zeros(4, dtype=torch.float64)), "batch_norm: expected bias to be float32 as x, but got float64"),
        (dict(training=False, running_var=None), "batch_norm: expected running_var to be a tensor where training is false, but got none"),
        (dict(training=False, running_mean=torch.zeros(5)), r"batch_norm: expected running_mean to have shape \[C\] = \[4\], but got \[5\]"),
        (dict(training=False, running_mean=torch.zeros(4, dtype=torch.int64)), "batch_norm: expected running_mean to be float32, float64"),
    ]


def ours(training, mean, var):
    def call(x, weight=None, bias=None):
        own = [mean.to(x.dtype), var.to(x.dtype)] if not training else [None, None]
        return batch_norm(x, weight, bias, *own, training, EPS)[0]

    return call


def torchs(training, mean, var, dtype):
    def call(x, weight=None, bias=None):
        return F.batch_norm(x, mean.to(dtype).double(), var.to(dtype).double(), weight, bias, training, 0.1, EPS)

    return call


def inputs(sizes, weights, dtype, weight_dtype=None):
    channels, own = sizes[1], weight_dtype or dtype
    x = random(*sizes, dtype=dtype, mean=0.3)
    return x, random(channels, dtype=own, seed=1, mean=1.0) if weights else None, random(channels, dtype=own, seed=2) if weights else None


def memory_formats(x):
    yield x
    if x.dim() in (4, 5):
        yield x.to(memory_format=torch.channels_last if x.dim() == 4 else torch.channels_last_3d)


SIZES = [(4, 3, 5, 5), (3, 5, 2, 2), (40, 7), (3, 300), (600, 3), (2, 3, 100), (1, 2, 3000), (2, 4, 3, 4, 5), (2, 1, 7, 7), (300, 2, 3, 3)]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", SIZES)
def test_equals_batch_norm(sizes, dtype, weights, training):
    x, weight, bias = inputs(sizes, weights, dtype)
    mean, var = random(sizes[1], seed=3), random(sizes[1], seed=4).square() + 0.5
    for x in memory_formats(x):
        y, gradients = check_equals(ours(training, mean, var), torchs(training, mean, var, dtype), (x, weight, bias))
        if min(sizes) > 1:  # else the formats are one
            assert y.stride() == x.stride() and gradients[0].stride() == x.stride()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", [(4, 3, 5, 5), (40, 7), (2, 3, 4, 2, 3), (0, 3, 2)])
def test_second_derivatives_equal_torchs(sizes, dtype, weights, training):
    x, weight, bias = inputs(sizes, weights, dtype)
    mean, var = random(sizes[1], seed=3), random(sizes[1], seed=4).square() + 0.5
    for x in memory_formats(x):
        check_second_derivatives(ours(training, mean, var), torchs(training, mean, var, dtype), (x, weight, bias))


@pytest.mark.parametrize("training", [True, False])
def test_the_composition_runs_for_second_derivatives_alone(training):
    x, weight, bias = inputs((4, 3, 5, 5), True, torch.float32)
    running = random(3, seed=3), random(3, seed=4).square() + 0.5
    grad, leaves = random(4, 3, 5, 5, seed=5), [tensor.requires_grad_() for tensor in (x, weight, bias)]
    y, mean, var = batch_norm(*leaves, *running, training, EPS)
    first = torch.autograd.grad(y, leaves, grad, retain_graph=True)
    kernel = torch.ops.bisque._batch_norm_backward(grad, x.detach(), weight.detach(), bias.detach(), mean, var, training, EPS, True, True, True)
    assert all_the_same([first, kernel]) and not any(gradient.requires_grad for gradient in first)
    composed = torch.autograd.grad(y, leaves, grad, create_graph=True)
    assert composed[0].requires_grad
    for a, b in zip(first, composed, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("training", [True, False])
def test_half_precision_with_float_weights_and_statistics(dtype, training):
    x, weight, bias = inputs((4, 6, 5, 5), True, dtype, torch.float32)
    mean, var = random(6, seed=3), random(6, seed=4).square() + 0.5
    mine = lambda x, weight, bias: batch_norm(x, weight, bias, mean, var, training, EPS)[0]
    check_equals(mine, torchs(training, mean, var, torch.float32), (x, weight, bias))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_results_past_the_caches(dtype, last):
    x, weight, bias = inputs((17, 19, 111, 121), True, dtype)
    x = x.to(memory_format=torch.channels_last) if last else x
    check_equals(ours(True, None, None), torchs(True, torch.zeros(19), torch.ones(19), dtype), (x, weight, bias))


def test_a_permuted_input_gives_the_same_values():
    x = random(6, 5, 4, 3).permute(2, 3, 1, 0)
    y = batch_norm(x, None, None, None, None, True, EPS)[0]
    assert y.is_contiguous() and torch.equal(y, batch_norm(x.contiguous(), None, None, None, None, True, EPS)[0])


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", [(9, 5, 17, 19), (300, 40), (7, 3, 3, 3), (3, 3, 200, 210), (1, 1, 300, 300)])
def test_same_bits_for_any_threads_and_vectors(sizes, dtype, last, all_thread_counts, all_simd_targets):
    x, weight, bias = inputs(sizes, True, dtype)
    x = x.to(memory_format=torch.channels_last) if last and x.dim() == 4 else x
    grad = random(*sizes, dtype=dtype, seed=5)

    def both_ways():
        y, mean, var = batch_norm(x, weight, bias, None, None, True, EPS)
        return [y, mean, var, *torch.ops.bisque._batch_norm_backward(grad, x, weight, bias, mean, var, True, EPS, True, True, True)]

    assert all_the_same(all_thread_counts(both_ways) + all_simd_targets(both_ways))


@pytest.mark.parametrize("dtype", HALVES)
def test_every_value_of_half_precision_is_read_and_rounded_as_torch_does(dtype, all_simd_targets):
    every = torch.arange(-(1 << 15), 1 << 15, dtype=torch.int32).to(torch.int16).view(dtype).view(1, 1, -1)
    zero, one = torch.zeros(1), torch.ones(1)
    for scale in (1.0, 1 / 3, 2.0**-10, 0.7e-4, 1.9, 3e3):
        expected = (every.float() * scale).to(dtype)
        for y in all_simd_targets(lambda: batch_norm(every, one * scale, None, zero, one, False, 0.0)[0]):
            assert torch.equal(y.isnan(), expected.isnan())
            assert torch.equal(y.nan_to_num(nan=0.0), expected.nan_to_num(nan=0.0))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("sizes", [(8, 3, 40, 50), (300, 3, 2, 2)])
def test_a_large_mean_beside_a_small_deviation(sizes, last):
    x = random(*sizes, mean=1e4, std=1e-2)
    x = x.to(memory_format=torch.channels_last) if last else x
    y, mean, var = batch_norm(x, None, None, None, None, True, 0.0)
    leaf = x.double().requires_grad_()
    exact = standardized(leaf, [0, *range(2, x.dim())])
    flat = x.double().transpose(0, 1).reshape(sizes[1], -1)
    assert (y - exact).abs().max() < 1e-5
    assert (mean - flat.mean(1)).abs().max() < 1e-9
    torch.testing.assert_close(var, flat.var(1, correction=0), rtol=1e-6, atol=0)
    grad = random(*sizes, seed=3)
    by_x, = torch.autograd.grad(exact, leaf, grad.double())
    found = torch.ops.bisque._batch_norm_backward(grad, x, None, None, mean, var, True, 0.0, True, False, False)[0]
    assert ((found - by_x).abs().max() / by_x.abs().max()) < 1e-5


# --- Running statistics -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_running_statistics_equal_torchs(dtype):
    mean, var, expected_mean, expected_var = torch.zeros(5), torch.ones(5), torch.zeros(5), torch.ones(5)
    mean, var, expected_mean, expected_var = (tensor.to(dtype) for tensor in (mean, var, expected_mean, expected_var))
    for batch in range(1, 4):
        x = random(6, 5, 7, seed=batch, mean=batch, dtype=dtype)
        for momentum in (0.1, 1 / batch):
            _, *stats = batch_norm(x, None, None, None, None, True, EPS)
            torch.ops.bisque._update_running_stats(mean, var, *stats, momentum, 42)
            F.batch_norm(x, expected_mean, expected_var, training=True, momentum=momentum)
    torch.testing.assert_close(mean, expected_mean)
    torch.testing.assert_close(var, expected_var)


def test_running_statistics_of_instances_equal_torchs():
    mean, var, expected_mean, expected_var = torch.zeros(5), torch.ones(5), torch.zeros(5), torch.ones(5)
    x = random(6, 5, 7, mean=2)
    _, *stats = torch.ops.bisque.group_norm(x, None, None, 5, EPS)
    torch.ops.bisque._update_running_stats(mean, var, *stats, 0.3, 7)
    F.instance_norm(x, expected_mean, expected_var, momentum=0.3)
    torch.testing.assert_close(mean, expected_mean)
    torch.testing.assert_close(var, expected_var)


@pytest.mark.parametrize("changed,message", [
    (dict(running_mean=torch.zeros(3, dtype=torch.float16)), "_update_running_stats: expected running_mean to be float32 or float64, but got float16"),
    (dict(running_var=torch.zeros(4)), r"_update_running_stats: expected running_var to have shape \[C\] = \[3\], but got \[4\]"),
    (dict(running_mean=torch.zeros(6)[::2]), "_update_running_stats: expected running_mean and running_var to be contiguous, but got other strides"),
    (dict(mean=torch.zeros(3)), "_update_running_stats: expected mean to be float64, but got float32"),
    (dict(mean=torch.zeros(4).double(), var=torch.zeros(4).double()), "_update_running_stats: expected mean to have a multiple of 3 values, but got 4"),
    (dict(var=torch.zeros(6).double()), r"_update_running_stats: expected var to have shape \[samples C\] = \[3\], but got \[6\]"),
    (dict(count=1), "_update_running_stats: expected count to be at least 2, but got 1"),
])
def test_running_statistics_error_messages(changed, message):
    stats = torch.zeros(3).double()
    good = dict(running_mean=torch.zeros(3), running_var=torch.zeros(3), mean=stats, var=stats, momentum=0.1, count=2)
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque._update_running_stats(*{**good, **changed}.values())


# --- Parts: a batch that lies on two devices ----------------------------------------------------------------------


def by_parts(x, grad, weight, bias, first, device="cpu"):
    """As a norm over two devices goes: all but y, grad_x and the sums of all."""
    to = lambda tensor: tensor.to(device)
    halves, grads = [to(x[:first]), to(x[first:])], [to(grad[:first]), to(grad[first:])]
    counts = torch.tensor([float(half.numel() // half.shape[1]) for half in halves], dtype=torch.float64)[:, None]
    stats = [[s.cpu() for s in torch.ops.bisque._batch_norm_stats(half)] for half in halves]
    means, variances = torch.stack([mean for mean, _ in stats]), torch.stack([var for _, var in stats])
    count = counts.sum()
    mean = (means * counts).sum(0) / count
    var = ((variances + (means - mean).square()) * counts).sum(0) / count
    mean, var, weight, bias = to(mean), to(var), to(weight), to(bias)
    y = [batch_norm(half, weight, bias, mean, var, False, EPS)[0].cpu() for half in halves]
    sums = sum(torch.ops.bisque._batch_norm_grad_sums(g, half, mean, var, EPS).cpu() for g, half in zip(grads, halves))
    grad_input = torch.ops.bisque._batch_norm_grad_input
    by_x = [grad_input(g, half, weight, mean, var, to(sums), count.item(), EPS).cpu() for g, half in zip(grads, halves)]
    return torch.cat(y), torch.cat(by_x), sums


PARTS = [(7, 3, 5, 6), (7, 3), (7, 3, 2)]


@pytest.mark.parametrize("sizes", PARTS)
def test_parts_make_the_whole(sizes):
    x, weight, bias = inputs(sizes, True, torch.float32)
    grad = random(*sizes, seed=5)
    for x, grad in zip(memory_formats(x), memory_formats(grad)):
        y, mean, var = batch_norm(x, weight, bias, None, None, True, EPS)
        back = torch.ops.bisque._batch_norm_backward(grad, x, weight, bias, mean, var, True, EPS, True, True, True)
        parts, by_x, sums = by_parts(x, grad, weight, bias, 3)
        torch.testing.assert_close(parts, y)
        torch.testing.assert_close(by_x, back[0])
        torch.testing.assert_close(sums.float(), torch.stack([back[2], back[1]]))


@pytest.mark.parametrize("op,changed,message", [
    ("_batch_norm_stats", dict(x=torch.zeros(3)), r"_batch_norm_stats: expected x to have shape \[N, C, \.\.\.\], but got \[3\]"),
    ("_batch_norm_grad_sums", dict(mean=torch.zeros(4).double()), r"_batch_norm_grad_sums: expected mean to have shape \[slices\] = \[3\], but got \[4\]"),
    ("_batch_norm_grad_input", dict(sums=torch.zeros(3, 2).double()), r"_batch_norm_grad_input: expected sums to have shape \[2, C\] = \[2, 3\], but got \[3, 2\]"),
    ("_batch_norm_grad_input", dict(count=0.0), "_batch_norm_grad_input: expected count to be at least 1, but got 0"),
    ("_batch_norm_backward", dict(grad_y=torch.zeros(2, 4)), r"_batch_norm_backward: expected grad_y to have the sizes of x, but got \[2, 4\]"),
])
def test_parts_error_messages(op, changed, message):
    function = getattr(torch.ops.bisque, op).default
    x, stats = torch.zeros(2, 3), torch.zeros(3).double()
    good = dict(grad_y=x, x=x, weight=None, bias=None, mean=stats, var=stats, sums=torch.zeros(2, 3).double(), count=6.0, training=True, eps=EPS)
    good |= dict(need_grad_x=True, need_grad_weight=True, need_grad_bias=True) | changed
    with pytest.raises(RuntimeError, match=message):
        function(**{argument.name: good[argument.name] for argument in function._schema.arguments})


@pytest.mark.parametrize("op", ["_batch_norm_stats", "_batch_norm_grad_sums", "_batch_norm_grad_input", "_update_running_stats"])
def test_shapes_of_parts(op):
    x, stats = random(4, 3, 5), torch.ones(3).double()
    given = dict(grad_y=x, x=x, weight=None, mean=stats, var=stats, sums=torch.zeros(2, 3).double(), count=6.0, eps=EPS, momentum=0.1)
    given |= dict(running_mean=torch.zeros(3), running_var=torch.ones(3))
    function = getattr(torch.ops.bisque, op).default
    if op == "_update_running_stats":
        given["count"] = 6
    torch.library.opcheck(function, (), {argument.name: given[argument.name] for argument in function._schema.arguments})


# --- CUDA ---------------------------------------------------------------------------------------------------------


@pytest.mark.cuda
@pytest.mark.parametrize("sizes", PARTS)
def test_cuda_parts_make_the_whole(sizes):
    x, weight, bias = inputs(sizes, True, torch.float32)
    grad = random(*sizes, seed=5)
    for x, grad in zip(memory_formats(x), memory_formats(grad)):
        for found, expected in zip(by_parts(x, grad, weight, bias, 3, "cuda"), by_parts(x, grad, weight, bias, 3)):
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.cuda
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("stats_in_float", [True, False])
@pytest.mark.parametrize("dtype", HALVES)
def test_cuda_half_precision(dtype, stats_in_float, training, last):
    x, weight, bias = inputs((3, 4, 5, 5), True, dtype, torch.float32 if stats_in_float else dtype)
    x = x.to(memory_format=torch.channels_last) if last else x
    grad = torch.empty_like(x).copy_(random(3, 4, 5, 5, seed=5))
    mean, var = (tensor.to(weight.dtype) for tensor in (random(4, seed=3), random(4, seed=4).square() + 0.5))

    def both_ways(device):
        on = [tensor.to(device) for tensor in (x, weight, bias, mean, var, grad)]
        y, *stats = batch_norm(*on[:5], training, EPS)
        back = torch.ops.bisque._batch_norm_backward(on[5], *on[:3], *stats, training, EPS, True, True, True)
        return [result.cpu() for result in (y, *stats, *back)]

    for found, expected in zip(both_ways("cuda"), both_ways("cpu"), strict=True):
        torch.testing.assert_close(found, expected, **CLOSE[dtype if found.dtype == dtype else torch.float32])


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_running_statistics(dtype):
    stats = [random(6, seed=1, dtype=torch.float64), random(6, seed=2, dtype=torch.float64).square()]
    found, expected = [[torch.zeros(3, dtype=dtype), torch.ones(3, dtype=dtype)] for _ in range(2)]
    found = [tensor.cuda() for tensor in found]
    torch.ops.bisque._update_running_stats(*found, *(tensor.cuda() for tensor in stats), 0.3, 5)
    torch.ops.bisque._update_running_stats(*expected, *stats, 0.3, 5)
    assert all(torch.equal(a.cpu(), b) for a, b in zip(found, expected))
