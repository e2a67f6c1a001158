"""Rows of a batch, one element after the other, and as a tensor with an equal number of rows for each element."""

import torch

from .._ops import ops


def _check(inputs: torch.Tensor, first_idxs: torch.Tensor, name: str, count: int) -> None:
    if not inputs.is_floating_point():
        raise ValueError(f"input has to be of type torch.float32 or torch.float64, but got {inputs.dtype}.")
    if first_idxs.dim() != 1:
        raise ValueError("first_idxs can only be 1-dimensional.")
    if first_idxs.dtype != torch.int64:
        raise ValueError("first_idxs has to be of type torch.int64.")
    if not isinstance(count, (int, torch.SymInt)):
        raise ValueError(f"{name} has to be int.")


def packed_to_padded(inputs: torch.Tensor, first_idxs: torch.Tensor, max_size: int) -> torch.Tensor:
    """[N, max_size, ...] of the rows [F, ...] of N elements, which begin at first_idxs [N]; 0 where an element has no more rows, and rows beyond
    max_size are left out. Differentiable. ValueError: integers, other indices, a max_size that is no int."""
    _check(inputs, first_idxs, "max_size", max_size)
    rows = inputs.reshape(inputs.shape[0], inputs.shape[1:].numel())
    padded = ops.packed_to_padded(rows, first_idxs, max_size)
    return padded.reshape(padded.shape[:2] + inputs.shape[1:])


def padded_to_packed(inputs: torch.Tensor, first_idxs: torch.Tensor, num_inputs: int, max_size_dim: int = 1) -> torch.Tensor:
    """The opposite of packed_to_padded: rows [num_inputs, ...] of a tensor [N, max_size, ...], whose rows are in dimension `max_size_dim`.
    Differentiable. ValueError: as packed_to_padded."""
    _check(inputs, first_idxs, "num_inputs", num_inputs)
    inputs = inputs.movedim(max_size_dim, 1)
    sizes = inputs.shape[2:]
    packed = ops.padded_to_packed(inputs.reshape(inputs.shape[:2] + (sizes.numel(),)), first_idxs, num_inputs)
    return packed.reshape(packed.shape[:1] + sizes)
