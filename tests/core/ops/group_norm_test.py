"""The op group_norm and its gradient: group norm and instance norm, against torch's."""

import pytest
import torch
import torch.nn.functional as F

from bisque3d.testing import OpTests
from tests.core.ops.norm_checks import CLOSE, HALVES, OfChannels, all_the_same, check_equals, check_second_derivatives, random, standardized

EPS = 1e-5
group_norm = torch.ops.bisque.group_norm


class TestGroupNorm(OfChannels, OpTests):
    op = "bisque::group_norm"
    gradients = ["x", "weight", "bias"]
    twice_differentiable = True
    gradcheck_cases = ["small", "small_last", "small_inner"]

    def image(self, *sizes, groups, dtype, random, last=False):
        x = random(*sizes, dtype=dtype)
        x = x.to(memory_format=torch.channels_last) if last else x
        return dict(x=x, weight=random(sizes[1], dtype=dtype), bias=random(sizes[1], dtype=dtype), groups=groups, eps=EPS)

    def inputs_groups(self, dtype, random):
        return self.image(3, 12, 5, 7, groups=4, dtype=dtype, random=random)

    def inputs_instances(self, dtype, random):
        return self.image(2, 5, 9, 9, groups=5, dtype=dtype, random=random)

    def inputs_last(self, dtype, random):
        return self.image(2, 12, 5, 7, groups=3, dtype=dtype, random=random, last=True)

    def inputs_small(self, dtype, random):
        return self.image(2, 4, 4, 4, groups=2, dtype=dtype, random=random)

    def inputs_small_last(self, dtype, random):
        return self.image(2, 4, 2, 3, groups=2, dtype=dtype, random=random, last=True)

    def inputs_small_inner(self, dtype, random):
        return self.image(3, 6, 2, groups=2, dtype=dtype, random=random)

    def inputs_vectors(self, dtype, random):
        return self.image(20, 40, groups=8, dtype=dtype, random=random)

    def inputs_no_samples(self, dtype, random):
        return self.image(0, 4, 3, groups=2, dtype=dtype, random=random)

    def inputs_no_values(self, dtype, random):
        return self.image(2, 4, 0, groups=2, dtype=dtype, random=random)

    def reference(self, x, weight, bias, groups, eps):
        flat = x.double().reshape(x.shape[0] * groups, x[0].numel() // groups if len(x) else 0)
        mean, var = flat.mean(1), flat.var(1, correction=0)
        over = [1, -1] + [1] * (x.dim() - 2)
        y = ((flat - mean[:, None]) / (var + eps).sqrt()[:, None]).view(x.shape) * weight.double().view(over) + bias.double().view(over)
        return y.to(x.dtype), mean, var

    errors = [
        (dict(x=torch.zeros(4)), r"group_norm: expected x to have shape \[N, C, \.\.\.\], but got \[4\]"),
        (dict(x=torch.zeros(3, 12, dtype=torch.int64)), "group_norm: expected x to be float32, float64, float16 or bfloat16, but got int64"),
        (dict(groups=5), "group_norm: expected groups to divide the 12 channels of x, but got 5"),
        (dict(groups=0), "group_norm: expected groups to divide the 12 channels of x, but got 0"),
        (dict(weight=torch.zeros(11)), "group_norm: expected weight to have 12 values, but got 11"),
        (dict(bias=torch.zeros(12, dtype=torch.float16)), "group_norm: expected bias to be float32 as x, but got float16"),
    ]


def ours(groups):
    return lambda x, weight=None, bias=None: group_norm(x, weight, bias, groups, EPS)[0]


def torchs(groups):
    return lambda x, weight=None, bias=None: F.group_norm(x, groups, weight, bias, EPS)


def inputs(sizes, weights, dtype, weight_dtype=None):
    channels, own = sizes[1], weight_dtype or dtype
    x = random(*sizes, dtype=dtype, mean=0.3)
    return x, random(channels, dtype=own, seed=1, mean=1.0) if weights else None, random(channels, dtype=own, seed=2) if weights else None


SIZES = [
    ((2, 6, 4, 5), 3),  # runs of 20 values
    ((2, 6, 3, 3), 2),  # of 9
    ((3, 8, 1, 1), 1),
    ((1, 4, 50, 60), 2),
    ((5, 3, 40), 3),
    ((2, 6, 3, 4, 5), 1),
    ((4, 64), 32),
]


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes,groups", SIZES)
def test_equals_group_norm(sizes, groups, dtype, weights):
    check_equals(ours(groups), torchs(groups), inputs(sizes, weights, dtype))


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes,groups", [case for case in SIZES if len(case[0]) in (4, 5)] + [((2, 3, 30, 40), 3), ((2, 300, 3, 3), 10)])
def test_channels_last(sizes, groups, dtype, weights):
    x, weight, bias = inputs(sizes, weights, dtype)
    last = torch.channels_last if x.dim() == 4 else torch.channels_last_3d
    x = x.to(memory_format=last)
    y, gradients = check_equals(ours(groups), torchs(groups), (x, weight, bias))
    if min(sizes) > 1:  # else the format is contiguous too
        assert y.stride() == x.stride() and gradients[0].stride() == x.stride()


@pytest.mark.parametrize("sizes", [(2, 3, 8, 9), (4, 5, 300), (2, 3, 3, 4, 5)])
@pytest.mark.parametrize("weights", [True, False])
def test_equals_instance_norm(sizes, weights):
    theirs = lambda x, weight=None, bias=None: F.instance_norm(x, None, None, weight, bias, True, 0.1, EPS)
    check_equals(ours(sizes[1]), theirs, inputs(sizes, weights, torch.float32))


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes,groups", [((2, 6, 4, 5), 3), ((2, 6, 3), 6), ((2, 4, 2, 3, 2), 1), ((0, 6, 3), 2)])
def test_second_derivatives_equal_torchs(sizes, groups, dtype, weights):
    x, weight, bias = inputs(sizes, weights, dtype)
    check_second_derivatives(ours(groups), torchs(groups), (x, weight, bias))
    if x.dim() == 4:
        check_second_derivatives(ours(groups), torchs(groups), (x.to(memory_format=torch.channels_last), weight, bias))


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_with_float_weights(dtype):
    check_equals(ours(2), torchs(2), inputs((3, 4, 5, 6), True, dtype, torch.float32))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("groups", [2, 6])
def test_results_past_the_caches(groups, last):
    x, weight, bias = inputs((9, 6, 201, 203), True, torch.float32)
    x = x.to(memory_format=torch.channels_last) if last else x
    check_equals(ours(groups), torchs(groups), (x, weight, bias))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes,groups", [((3, 10, 17, 19), 5), ((3, 10, 3, 3), 5), ((1, 3, 200, 210), 3), ((2, 40, 30, 20), 1)])
def test_same_bits_for_any_threads_and_vectors(sizes, groups, dtype, last, all_thread_counts, all_simd_targets):
    x, weight, bias = inputs(sizes, True, dtype)
    x = x.to(memory_format=torch.channels_last) if last else x
    grad = random(*sizes, dtype=dtype, seed=5)

    def both_ways():
        y, mean, var = group_norm(x, weight, bias, groups, EPS)
        return [y, mean, var, *torch.ops.bisque._group_norm_backward(grad, x, weight, bias, mean, var, groups, EPS, True, True, True)]

    assert all_the_same(all_thread_counts(both_ways) + all_simd_targets(both_ways))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("sizes,groups", [((2, 6, 30, 40), 3), ((2, 6, 30, 40), 6), ((2, 6, 3, 3), 3)])
def test_a_large_mean_beside_a_small_deviation(sizes, groups, last):
    x = random(*sizes, mean=1e4, std=1e-2)
    x = x.to(memory_format=torch.channels_last) if last else x
    y, mean, var = group_norm(x, None, None, groups, 0.0)
    flat = x.double().reshape(sizes[0] * groups, -1)
    assert (y - standardized(flat, 1).view(sizes)).abs().max() < 1e-5
    assert (mean - flat.mean(1)).abs().max() < 1e-9
    torch.testing.assert_close(var, flat.var(1, correction=0), rtol=1e-6, atol=0)


@pytest.mark.parametrize("name,value,message", [
    ("grad_y", torch.zeros(2, 4, 4), r"_group_norm_backward: expected grad_y to have the sizes of x, but got \[2, 4, 4\]"),
    ("mean", torch.zeros(3).double(), r"_group_norm_backward: expected mean to have shape \[slices\] = \[4\], but got \[3\]"),
    ("groups", 3, "_group_norm_backward: expected groups to divide the 4 channels of x, but got 3"),
])
def test_backward_error_messages(name, value, message):
    stats = torch.ones(4).double()
    good = dict(grad_y=torch.zeros(2, 4, 5), x=torch.zeros(2, 4, 5), weight=None, bias=None, mean=stats, var=stats, groups=2)
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque._group_norm_backward(*{**good, name: value}.values(), EPS, True, True, True)


# --- CUDA ---------------------------------------------------------------------------------------------------------


@pytest.mark.cuda
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("sizes,groups", [((2, 6, 4, 5), 3), ((2, 6, 4, 5), 6), ((2, 6, 2, 3), 2), ((1, 4, 90, 100), 2)])
def test_cuda_equals_cpu(sizes, groups, weights, last):
    x, weight, bias = inputs(sizes, weights, torch.float32)
    x = x.to(memory_format=torch.channels_last) if last else x
    grad = torch.empty_like(x).copy_(random(*sizes, seed=5))

    def both_ways(device):
        on = [None if tensor is None else tensor.to(device) for tensor in (x, weight, bias, grad)]
        y, mean, var = group_norm(*on[:3], groups, EPS)
        back = torch.ops.bisque._group_norm_backward(on[3], *on[:3], mean, var, groups, EPS, True, weights, weights)
        return [result.cpu() for result in (y, mean, var, *back)]

    for found, expected in zip(both_ways("cuda"), both_ways("cpu"), strict=True):
        assert found.stride() == expected.stride()
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
