"""wmean against plain torch."""

import pytest
import torch

from bisque3d.testing import random_of
from tests.testing.functions import functions


def test_the_mean_without_weights():
    x = random_of(1)(4, 7, 3)
    torch.testing.assert_close(functions.wmean(x), x.mean(1, keepdim=True))
    torch.testing.assert_close(functions.wmean(x, None, [0, 1], False), x.mean((0, 1)))


@pytest.mark.parametrize("shape", [(4, 7), (7,), (4, 1), (1,)])
def test_weights_that_broadcast(shape):
    x, weight = random_of(1)(4, 7, 3), random_of(2)(*shape).abs()
    whole = weight.expand(4, 7)[..., None]
    torch.testing.assert_close(functions.wmean(x, weight), (x * whole).sum(1, keepdim=True) / whole.sum(1, keepdim=True))
    torch.testing.assert_close(functions.wmean(x, weight, [-3]), (x * whole).sum(0, keepdim=True) / whole.sum(0, keepdim=True))


def test_weights_of_more_dimensions():
    x, weight = random_of(1)(4, 7, 3), random_of(2)(5, 1, 7).abs()
    expected = torch.stack([(x * w[..., None]).sum(1) / w.sum() for w in weight])
    torch.testing.assert_close(functions.wmean(x, weight, keepdim=False), expected)


def test_bool_weights():
    x = random_of(1)(4, 7, 3)
    torch.testing.assert_close(functions.wmean(x, torch.arange(7) < 3), x[:, :3].mean(1, keepdim=True))


def test_no_points_and_weights_of_zero_give_zero():
    assert functions.wmean(torch.zeros(2, 0, 3)).tolist() == [[[0, 0, 0]]] * 2
    assert functions.wmean(torch.ones(1, 4, 3), torch.zeros(4)).tolist() == [[[0, 0, 0]]]
    assert functions.wmean(torch.ones(1, 2, 1), torch.full((2,), 0.5), eps=4.0).item() == 0.25


def test_gradients():
    random = random_of(3)
    x, weight = random(2, 5, 3, dtype=torch.float64), random(2, 5, dtype=torch.float64).abs()
    assert torch.autograd.gradcheck(functions.wmean, (x.requires_grad_(), weight.requires_grad_()))


def test_errors():
    with pytest.raises(RuntimeError, match=r"wmean: expected weight to broadcast with \[4, 7\], but got \[4\]"):
        functions.wmean(torch.zeros(4, 7, 3), torch.zeros(4))
    with pytest.raises(RuntimeError, match=r"wmean: expected x to have shape \[..., D\] with two dimensions or more, but got \[3\]"):
        functions.wmean(torch.zeros(3))
