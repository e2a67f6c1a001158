"""Ops under torch.autocast: half precision is cast up. The kit checks the results of every op (OpTests.test_half_inputs_under_autocast)."""

import bisque3d
import pytest
import torch
from bisque3d._autocast import _TAKE_HALF, _cast
from bisque3d._ops import ops

OPS = {name: shapes for plugin in bisque3d.plugins() if plugin.name in ("bisque_core_ops", "bisque_ops") for name, shapes, _ in plugin._ops}
PUBLIC = [name for name, shapes in OPS.items() if shapes and not name.split("::")[1].startswith("_")]


@pytest.mark.parametrize("name", PUBLIC)
def test_ops_cast_up_unless_they_take_half(name):
    for key in ("AutocastCPU", "AutocastCUDA"):
        assert torch._C._dispatch_has_kernel_for_dispatch_key(name, key) != (name in _TAKE_HALF)


def test_ops_that_take_half_exist():
    assert set(_TAKE_HALF) < set(PUBLIC)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_arguments_by_place_and_by_name(half):
    x = torch.rand(1, 6, 3).to(half)
    expected = ops.knn_points(x.float(), x.float(), None, None, 2)
    with torch.autocast("cpu", torch.bfloat16):
        for results in (ops.knn_points(x, x, None, None, 2), ops.knn_points(p1=x, p2=x.float(), lengths1=None, lengths2=None, K=2)):
            assert all(torch.equal(a, b) for a, b in zip(results, expected))


def test_float64_is_left_alone():
    x = torch.rand(1, 6, 3, dtype=torch.float64)
    with torch.autocast("cpu", torch.bfloat16):
        assert ops.knn_points(x, x, None, None, 2)[0].dtype == torch.float64


def test_norms_keep_half():
    x = torch.rand(4, 16).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        assert ops.row_norm(x, None, None, 16, 1e-5)[0].dtype == torch.bfloat16


def test_without_autocast_half_is_an_error():
    x = torch.rand(1, 6, 3).half()
    with torch.autocast("cpu", torch.bfloat16), torch.autocast("cpu", enabled=False):
        with pytest.raises(RuntimeError, match="knn_points: expected p1 to be float32 or float64, but got float16"):
            ops.knn_points(x, x, None, None, 2)


def test_lists_are_cast():
    cast = _cast([torch.ones(1).half(), 3, (torch.ones(1).double(), None)])
    assert cast[0].dtype == torch.float32 and cast[1] == 3 and cast[2][0].dtype == torch.float64 and cast[2][1] is None
