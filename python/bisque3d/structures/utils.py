"""Lists of tensors, padded tensors [N, longest, ...] and packed tensors [sum of sizes, ...], and the ways between them."""

from typing import List, Optional, Sequence, Tuple, Union

import torch


def list_to_padded(
    x: Union[List[torch.Tensor], Tuple[torch.Tensor, ...]],
    pad_size: Optional[Sequence[int]] = None,
    pad_value: float = 0.0,
    equisized: bool = False,
) -> torch.Tensor:
    """One tensor [N, *pad_size] that holds each tensor of the list at its start and `pad_value` elsewhere. Without `pad_size` it is the
    largest size in each dimension. `equisized`: all tensors have one shape, so they are stacked. Empty tensors [0] fit any dimension.
    ValueError: items that are not tensors, or whose numbers of dimensions differ from each other or from `pad_size`."""
    if equisized:
        return torch.stack(x, 0)
    if not all(torch.is_tensor(item) for item in x):
        raise ValueError("All items have to be instances of a torch.Tensor.")
    dims = max(item.ndim for item in x)
    items = [item.new_zeros([0] * dims) if item.ndim == 1 and item.numel() == 0 else item for item in x]
    if any(item.ndim != dims for item in items):
        raise ValueError("All items have to have the same number of dimensions!")
    if pad_size is None:
        pad_size = [max((item.shape[dim] for item in items if item.shape[0] > 0), default=0) for dim in range(dims)]
    elif len(pad_size) != dims:
        raise ValueError(f"Pad size must contain target size for all dimensions: expected {dims}, but got {len(pad_size)}.")
    padded = [_pad(item, pad_size, pad_value) for item in items]
    return torch.stack(padded, 0)


def _pad(item: torch.Tensor, sizes: Sequence[int], value: float) -> torch.Tensor:
    if item.shape[0] == 0:
        return item.new_full(tuple(sizes), value)
    if tuple(item.shape) == tuple(sizes):
        return item
    if any(size < have for size, have in zip(sizes, item.shape)):
        raise ValueError(f"Pad size must hold all items, but {list(sizes)} does not hold {list(item.shape)}.")
    ends = [end for size, have in zip(reversed(sizes), reversed(item.shape)) for end in (0, size - have)]
    return torch.nn.functional.pad(item, ends, value=value)


def padded_to_list(
    x: torch.Tensor, split_size: Union[Sequence[int], Sequence[Sequence[int]], None] = None
) -> List[torch.Tensor]:
    """Views of the N elements of `x`; those with a size in `split_size` (a number for the first dimension, or one number per dimension)
    are cut to it. ValueError: `split_size` has another length than N."""
    items = list(x.unbind(0))
    if split_size is None:
        return items
    if len(split_size) != len(items):
        raise ValueError(f"Split size must be of same length as inputs first dimension: {len(split_size)} and {len(items)}.")
    return [item[_leading(size)] for item, size in zip(items, split_size)]


def _leading(size: Union[int, Sequence[int]]) -> Tuple[slice, ...]:
    sizes = (size,) if isinstance(size, (int, torch.SymInt)) else size
    return tuple(slice(0, s) for s in sizes)


def list_to_packed(x: List[torch.Tensor]) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The tensors of the list one after the other, their sizes [N], the index [N] of the first row of each, and for each row the
    index in the list. Indices are int64 on the device of the first tensor."""
    sizes, first_idx, to_list_idx = indices_of_sizes([item.shape[0] for item in x], x[0].device)
    return torch.cat(x, dim=0), sizes, first_idx, to_list_idx


def indices_of_sizes(sizes: Sequence[int], device: torch.device) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sizes [N], the first rows [N], and the element of each row [sum of sizes], int64."""
    counts = torch.tensor(sizes, dtype=torch.int64, device=device)
    elements = torch.arange(len(sizes), device=device)
    return counts, counts.cumsum(0) - counts, elements.repeat_interleave(counts, output_size=sum(sizes))


def padded_rows(sizes: Sequence[int], longest: int, device: torch.device) -> torch.Tensor:
    """The rows [sum of sizes] of a flattened padded tensor [N * longest, ...] that are not padding."""
    counts, first_idx, elements = indices_of_sizes(sizes, device)
    rows = torch.arange(sum(sizes), device=device)
    return rows - first_idx[elements] + elements * longest


def packed_to_list(x: torch.Tensor, split_size: Union[List[int], int]) -> Sequence[torch.Tensor]:
    """Views of consecutive rows of `x`, as torch.split."""
    return x.split(split_size, dim=0)


def padded_to_packed(
    x: torch.Tensor, split_size: Union[List[int], Tuple[int, ...], None] = None, pad_value: Union[float, int, None] = None
) -> torch.Tensor:
    """The rows of a padded tensor [N, M, K] without padding: the first `split_size[n]` rows of each element, or all rows that do not
    consist of `pad_value`, or all rows. ValueError: both are given, sizes that are not N numbers, a tensor of another dimension."""
    if x.ndim != 3:
        raise ValueError(f"Supports only 3-dimensional input tensors, but got {list(x.shape)}.")
    if split_size is not None and pad_value is not None:
        raise ValueError("Only one of split_size or pad_value should be provided.")
    rows = x.reshape(-1, x.shape[2])
    if pad_value is not None:
        return rows[rows.ne(pad_value).any(-1)]
    if split_size is None:
        return rows
    if len(split_size) != x.shape[0]:
        raise ValueError(f"Split size must be of same length as inputs first dimension: {len(split_size)} and {x.shape[0]}.")
    if not all(isinstance(size, (int, torch.SymInt)) for size in split_size):
        raise ValueError("Support only 1-dimensional unbinded tensor: split_size must have one number per element.")
    return rows[padded_rows(split_size, x.shape[1], x.device)]
