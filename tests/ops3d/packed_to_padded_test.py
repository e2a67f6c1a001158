"""The op packed_to_padded and its gradient, against plain loops."""

import pytest
import torch

from bisque3d.testing import OpTests


def firsts(counts):
    counts = torch.tensor(counts, dtype=torch.int64)
    return counts.cumsum(0) - counts


class TestPackedToPadded(OpTests):
    op = "bisque::packed_to_padded"
    gradients = ["inputs"]
    gradcheck_cases = ["small", "cut"]

    def batch(self, counts, max_size, D, dtype, random):
        return dict(inputs=random(sum(counts), D, dtype=dtype), first_idxs=firsts(counts), max_size=max_size)

    def inputs_many(self, dtype, random):
        return self.batch([70, 0, 130, 1, 90], 130, 17, dtype, random)

    def inputs_small(self, dtype, random):
        return self.batch([2, 0, 3], 3, 2, dtype, random)

    def inputs_cut(self, dtype, random):
        return self.batch([4, 1, 0], 2, 2, dtype, random)

    def inputs_wide(self, dtype, random):
        return self.batch([1, 2], 6, 1, dtype, random)

    def inputs_no_rows(self, dtype, random):
        return self.batch([0, 0], 3, 2, dtype, random)

    def inputs_nothing(self, dtype, random):
        return self.batch([], 0, 2, dtype, random)

    def reference(self, inputs, first_idxs, max_size):
        padded = inputs.new_zeros(len(first_idxs), max_size, inputs.shape[1])
        ends = [*first_idxs.tolist()[1:], len(inputs)]
        for n, (first, end) in enumerate(zip(first_idxs.tolist(), ends)):
            count = min(end - first, max_size)
            padded[n, :count] = inputs[first : first + count]
        return padded

    errors = [
        (dict(inputs=torch.zeros(291)), r"packed_to_padded: expected inputs to have shape \[F, D\]"),
        (dict(max_size=-1), "packed_to_padded: expected max_size to be at least 0, but got -1"),
        (dict(first_idxs=torch.zeros(5)), "packed_to_padded: expected first_idxs to be int64, but got float32"),
    ]


@pytest.mark.parametrize("first,message", [([0, 6], r"\[0, 6\), but got 6 at 1"), ([-1, 2], r"\[0, 6\), but got -1 at 0")])
def test_first_idxs_out_of_range_are_reported(first, message):
    first = torch.tensor(first)
    with pytest.raises(RuntimeError, match=f"packed_to_padded: expected first_idxs to lie in {message}"):
        torch.ops.bisque.packed_to_padded(torch.zeros(5, 2), first, 3)
    with pytest.raises(RuntimeError, match=f"_packed_to_padded_backward: expected first_idxs to lie in {message}"):
        torch.ops.bisque._packed_to_padded_backward(torch.zeros(2, 3, 2), torch.zeros(5, 2), first, 3)


@pytest.mark.cuda
def test_cuda_leaves_out_elements_out_of_range():
    got = torch.ops.bisque.packed_to_padded(torch.ones(5, 2).cuda(), torch.tensor([-1, 2, 1 << 40]).cuda(), 3).cpu()
    assert not got.any()
    got = torch.ops.bisque._packed_to_padded_backward(torch.ones(2, 3, 2).cuda(), torch.ones(5, 2).cuda(), torch.tensor([-5, 3]).cuda(), 3).cpu()
    assert got.tolist() == [[0, 0]] * 3 + [[1, 1]] * 2
