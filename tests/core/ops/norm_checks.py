"""Shared by the tests of the norms: a reference in float64, and comparisons of values and gradients."""

import torch

from bisque3d.testing import not_contiguous, same

HALVES = (torch.float16, torch.bfloat16)
# Of results that are computed in float32, or float64, and rounded once.
CLOSE = {
    torch.float32: dict(rtol=1e-4, atol=2e-5),
    torch.float64: dict(rtol=1e-9, atol=1e-11),
    torch.float16: dict(rtol=2e-3, atol=1e-3),
    torch.bfloat16: dict(rtol=1.6e-2, atol=8e-3),
}


def random(*sizes, dtype=torch.float32, seed=0, mean=0.0, std=1.0):
    generator = torch.Generator().manual_seed(seed)
    return (mean + std * torch.randn(*sizes, generator=generator, dtype=torch.float64)).to(dtype)


def run(function, tensors, grad):
    """Results and gradients by all tensors that are there, of function(*tensors)."""
    leaves = [None if tensor is None else tensor.detach().clone(memory_format=torch.preserve_format).requires_grad_() for tensor in tensors]
    y = function(*leaves)
    return y.detach(), torch.autograd.grad(y, [leaf for leaf in leaves if leaf is not None], grad.to(y.dtype))


def check_equals(ours, theirs, tensors, seed=99):
    """ours(x, weight, bias) against theirs, which is given all in float64; values, gradients, dtypes and memory format."""
    x = tensors[0]
    grad = random(*x.shape, dtype=x.dtype, seed=seed)
    if x.dim() == 4 and not x.is_contiguous():
        grad = grad.to(memory_format=torch.channels_last)
    y, gradients = run(ours, tensors, grad)
    expected, expected_gradients = run(theirs, [None if tensor is None else tensor.double() for tensor in tensors], grad.double())
    assert y.dtype == x.dtype and y.shape == x.shape
    torch.testing.assert_close(y.double(), expected, **CLOSE[x.dtype])
    given = [tensor for tensor in tensors if tensor is not None]
    for gradient, reference, tensor in zip(gradients, expected_gradients, given, strict=True):
        assert gradient.dtype == tensor.dtype and gradient.shape == tensor.shape
        scale = max(reference.abs().max().item(), 1e-6) if reference.numel() else 1
        torch.testing.assert_close(gradient.double() / scale, reference / scale, **CLOSE[tensor.dtype])
    return y, gradients


def check_second_derivatives(ours, theirs, tensors):
    """As check_equals, of the gradients of a penalty on the gradients; theirs is given all in float64."""

    def gradients(function, dtype):
        leaves = [None if tensor is None else tensor.detach().to(dtype or tensor.dtype).requires_grad_() for tensor in tensors]
        given = [leaf for leaf in leaves if leaf is not None]
        y = function(*leaves)
        grad = random(*y.shape, dtype=tensors[0].dtype, seed=98).to(y.dtype).requires_grad_()
        first = torch.autograd.grad(y, given, grad, create_graph=True)
        penalty = sum((gradient.double() * random(*gradient.shape, dtype=torch.float64, seed=200 + i)).sum() for i, gradient in enumerate(first))
        return [*first, *torch.autograd.grad(penalty, [*given, grad], materialize_grads=True)]

    given = [tensor for tensor in tensors if tensor is not None]
    for found, expected, tensor in zip(gradients(ours, None), gradients(theirs, torch.float64), [*given, *given, tensors[0]], strict=True):
        assert found.dtype == tensor.dtype and found.shape == tensor.shape
        scale = max(expected.abs().max().item(), 1e-6) if expected.numel() else 1
        torch.testing.assert_close(found.double() / scale, expected / scale, **CLOSE[tensor.dtype])


def all_the_same(runs):
    """Whether all runs gave the same bits."""
    return all(torch.equal(a.nan_to_num(nan=7.0), b.nan_to_num(nan=7.0)) for other in runs[1:] for a, b in zip(runs[0], other, strict=True))


def standardized(x, over):
    """(x - mean) / std over these dimensions, in float64."""
    deviations = x.double() - x.double().mean(over, keepdim=True)
    return deviations / deviations.square().mean(over, keepdim=True).sqrt()


class OfChannels:
    """For OpTests whose cases `*last` are channels last: those sum in another order than a contiguous input."""

    def test_inputs_that_are_not_contiguous(self, case):
        inputs = self.inputs(case, torch.float32)
        results = self.call({name: not_contiguous(value) for name, value in inputs.items()})
        for result, expected in zip(results, self.call(inputs), strict=True):
            if case.endswith("last"):
                torch.testing.assert_close(result, expected, rtol=1e-5, atol=1e-5)
            else:
                assert same(result, expected)
