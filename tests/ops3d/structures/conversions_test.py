"""Conversions between lists, padded and packed tensors."""

import pytest
import torch

from tests.testing.functions import functions

LIST = [torch.randn(4, 2, generator=torch.Generator().manual_seed(1)), torch.zeros(0, 3), torch.ones(2, 5)]


def same(a, b):
    return len(a) == len(b) and all(map(torch.equal, a, b))


@pytest.mark.parametrize("pad_size", [[], [6, 5]])
def test_list_to_padded(pad_size):
    padded = functions.list_to_padded(LIST, pad_size, -1.0)
    assert padded.shape == (3, *(pad_size or [4, 5]))
    for row, part in zip(padded, LIST):
        expected = torch.full_like(row, -1)
        expected[: part.shape[0], : part.shape[1]] = part
        assert torch.equal(row, expected)
    assert same(functions.padded_to_list(padded, [size for part in LIST for size in part.shape], 2), LIST)
    assert same(functions.padded_to_list(padded, [4, 0, 2]), [row[:size] for row, size in zip(padded, [4, 0, 2])])


def test_packed():
    parts = [torch.arange(6).view(3, 2), torch.zeros(0, 2, dtype=torch.long), torch.ones(1, 2, dtype=torch.long)]
    packed, num_items, first_idx, to_list_idx = functions.list_to_packed(parts)
    assert torch.equal(packed, torch.cat(parts))
    assert num_items.tolist() == [3, 0, 1] and first_idx.tolist() == [0, 3, 3] and to_list_idx.tolist() == [0, 0, 0, 2]
    assert same(functions.packed_to_list(packed, [3, 0, 1]), parts)


def test_gradients():
    leaves = [part.double().requires_grad_() for part in LIST[:1] + LIST[2:]]
    padded = lambda *parts: functions.list_to_padded(list(parts), [], 0.0)  # noqa: E731
    assert torch.autograd.gradcheck(padded, leaves)
    assert torch.autograd.gradcheck(lambda *parts: tuple(functions.padded_to_list(padded(*parts), [1, 2])), leaves)


ERRORS = [
    (lambda: functions.list_to_padded([]), "list_to_padded: expected one tensor or more, but got none"),
    (
        lambda: functions.list_to_padded([torch.zeros(2), torch.zeros(2, 2)]),
        r"list_to_padded: expected tensors of one number of dimensions, dtype and device, but got Float \[2\] on cpu and Float \[2, 2\] on cpu",
    ),
    (lambda: functions.list_to_padded([torch.zeros(2), torch.zeros(2).int()]), r"Float \[2\] on cpu and Int \[2\] on cpu"),
    (lambda: functions.list_to_padded([torch.zeros(3)], [2]), r"list_to_padded: expected tensors of sizes up to \[2\], but got \[3\]"),
    (lambda: functions.list_to_padded([torch.zeros(3)], [2, 2]), "list_to_padded: expected pad_size of 1 dimensions, but got 2"),
    (lambda: functions.padded_to_list(torch.zeros(2, 3), [1]), r"padded_to_list: expected a size for each element of padded \[2, 3\], but got 1"),
    (lambda: functions.padded_to_list(torch.zeros(1, 3), [4]), r"padded_to_list: expected sizes of an element up to \[3\], but got \[4\]"),
    (lambda: functions.padded_to_list(torch.zeros(1, 3), [-1]), r"but got \[-1\]"),
    (lambda: functions.padded_to_list(torch.zeros(1, 3), [1, 1], 2), r"but got \[1, 1\]"),
    (lambda: functions.list_to_packed([torch.zeros(2), torch.zeros(2, 1)]), "pack: expected tensors that differ only in their first dimension"),
    (
        lambda: functions.packed_to_list(torch.zeros(3), [1, 1]),
        r"packed_to_list: expected sizes of 0 or more that add up to the rows of packed \[3\], but got \[1, 1\]",
    ),
    (lambda: functions.packed_to_list(torch.zeros(3), [4, -1]), r"but got \[4, -1\]"),
]


@pytest.mark.parametrize("call, message", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()
