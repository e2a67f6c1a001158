"""The op padded_to_packed and its gradient, against plain loops."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestPaddedToPacked(OpTests):
    op = "bisque::padded_to_packed"
    gradients = ["inputs"]
    gradcheck_cases = ["small", "short"]

    def batch(self, counts, M, D, dtype, random):
        counts = torch.tensor(counts, dtype=torch.int64)
        return dict(inputs=random(len(counts), M, D, dtype=dtype), first_idxs=counts.cumsum(0) - counts, num_inputs=int(counts.sum()))

    def inputs_many(self, dtype, random):
        return self.batch([70, 0, 130, 1, 90], 130, 17, dtype, random)

    def inputs_small(self, dtype, random):
        return self.batch([2, 0, 3], 3, 2, dtype, random)

    def inputs_short(self, dtype, random):
        return self.batch([4, 1, 0], 2, 2, dtype, random)

    def inputs_no_rows(self, dtype, random):
        return self.batch([0, 0], 3, 2, dtype, random)

    def inputs_nothing(self, dtype, random):
        return self.batch([], 3, 2, dtype, random)

    def reference(self, inputs, first_idxs, num_inputs):
        packed = inputs.new_zeros(num_inputs, inputs.shape[2])
        ends = [*first_idxs.tolist()[1:], num_inputs]
        for n, (first, end) in enumerate(zip(first_idxs.tolist(), ends)):
            count = min(end - first, inputs.shape[1])
            packed[first : first + count] = inputs[n, :count]
        return packed

    errors = [
        (dict(inputs=torch.zeros(5, 130)), r"padded_to_packed: expected inputs to have shape \[N, M, D\]"),
        (dict(num_inputs=-1), "padded_to_packed: expected num_inputs to be at least 0, but got -1"),
        (dict(num_inputs=200), r"padded_to_packed: expected first_idxs to lie in \[0, 201\), but got 201 at 4"),
    ]


def test_the_round_trip_gives_the_rows_back():
    rows, first = torch.randn(11, 3), torch.tensor([0, 4, 4, 10])
    padded = torch.ops.bisque.packed_to_padded(rows, first, 6)
    assert torch.equal(torch.ops.bisque.padded_to_packed(padded, first, 11), rows)


def test_rows_before_the_first_element_are_zero():
    packed = torch.ops.bisque.padded_to_packed(torch.ones(1, 4, 2), torch.tensor([2]), 5)
    assert packed[:, 0].tolist() == [0, 0, 1, 1, 1]


@pytest.mark.cuda
def test_cuda_leaves_out_elements_out_of_range():
    packed = torch.ops.bisque.padded_to_packed(torch.ones(2, 4, 2).cuda(), torch.tensor([-2, 9]).cuda(), 5).cpu()
    assert not packed.any()
