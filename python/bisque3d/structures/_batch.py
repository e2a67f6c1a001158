"""What Meshes and Pointclouds share: elements of a batch, copies, devices."""

from typing import Callable, List, Optional, Sequence, TypeVar, Union

import torch

from ..common.datatypes import Device, make_device

Index = Union[int, slice, Sequence[int], torch.Tensor]
Self = TypeVar("Self", bound="Batch")


def positions_of(index: Index, size: int) -> List[int]:
    """The elements that an index names, in order. IndexError: a float, two dimensions, out of range."""
    if isinstance(index, torch.Tensor):
        if index.dim() != 1 or index.dtype.is_floating_point:
            raise IndexError(f"expected an index to be 1-dimensional, of integers or bool, but got {index.dtype} {list(index.shape)}")
        if index.dtype == torch.bool and len(index) != size:
            raise IndexError(f"expected a mask of {size} elements, but got {len(index)}")
        return index.nonzero().flatten().tolist() if index.dtype == torch.bool else index.tolist()
    if isinstance(index, slice):
        return list(range(size))[index]
    if isinstance(index, int):
        return [index]
    if isinstance(index, list):
        return index
    raise IndexError(f"expected an index to be an int, slice, list or tensor, but got {type(index).__name__}")


def bounding_boxes(items: List[torch.Tensor], device: torch.device) -> torch.Tensor:
    """[N, 3, 2] of the least and greatest coordinates; infinity and -infinity for an empty item."""
    if not items:
        return torch.zeros((0, 3, 2), device=device)
    boxes = [
        torch.stack([item.min(dim=0)[0], item.max(dim=0)[0]], 1)
        if item.shape[0] > 0
        else torch.tensor([torch.inf, -torch.inf], dtype=item.dtype, device=device).expand(3, 2)
        for item in items
    ]
    return torch.stack(boxes, 0)


class Batch:
    """N elements whose tensors are kept in the attributes _INTERNAL_TENSORS and _LISTS."""

    _INTERNAL_TENSORS: List[str] = []
    _LISTS: List[str] = []
    _N: int
    device: torch.device

    def __len__(self) -> int:
        return self._N

    def _shared(self: Self) -> Self:
        """The same elements, with the same tensors."""
        other = object.__new__(type(self))
        for name in self.__dict__:
            # torch.compile takes no sparse tensors, so that they are computed again.
            is_left_out = name == "_laplacian_packed" and torch.compiler.is_compiling()
            setattr(other, name, None if is_left_out else getattr(self, name))
        return other

    def _mapped(self: Self, function: Callable[[torch.Tensor], torch.Tensor]) -> Self:
        """The same elements with `function` applied to all tensors."""
        other = self._shared()
        for name in self._INTERNAL_TENSORS:
            value = getattr(self, name)
            if torch.is_tensor(value):
                setattr(other, name, function(value))
        for name in self._LISTS:
            values = getattr(self, name)
            if values is not None:
                setattr(other, name, [function(value) for value in values])
        return other

    def clone(self: Self) -> Self:
        """A copy of all tensors, to which gradients flow."""
        return self._mapped(torch.Tensor.clone)

    def detach(self: Self) -> Self:
        """The same tensors without gradients."""
        return self._mapped(torch.Tensor.detach)

    def to(self: Self, device: Device, copy: bool = False) -> Self:
        """On another device; itself if it is there already, unless `copy`."""
        device = make_device(device)
        if self.device == device:
            return self.clone() if copy else self
        other = self._mapped(lambda tensor: tensor.to(device))
        other.device = device
        return other

    def cpu(self: Self) -> Self:
        return self.to("cpu")

    def cuda(self: Self) -> Self:
        return self.to("cuda")

    def split(self: Self, split_sizes: List[int]) -> List[Self]:
        """Consecutive parts of these sizes. ValueError: sizes that are not ints."""
        if not all(isinstance(size, int) for size in split_sizes):
            raise ValueError("Value of split_sizes must be a list of integers.")
        starts = [sum(split_sizes[:i]) for i in range(len(split_sizes))]
        return [self[start : start + size] for start, size in zip(starts, split_sizes)]


def check_copies(N: int) -> None:
    if not isinstance(N, int):
        raise ValueError("N must be an integer.")
    if N <= 0:
        raise ValueError("N must be > 0.")


def check_new_values(values: torch.Tensor, shape: Sequence[Optional[int]], last: str) -> None:
    """ValueError: values of another shape than [N, longest, channels]; None is any number, `last` the name of the last size."""
    if values.dim() != 3:
        raise ValueError(f"new values must have 3 dimensions, but have {values.dim()}.")
    for size, expected, what in zip(values.shape, shape, ("batch dimension", "number of points", last)):
        if expected is not None and size != expected:
            raise ValueError(f"new values must have the same {what}: expected {expected}, but got {size}.")


def are_equal(counts: Sequence[int]) -> bool:
    """Whether there are sizes, all the same; they may be symbolic, which a set does not take."""
    return len(counts) > 0 and all(count == counts[0] for count in counts[1:])


def write_padded(padded: torch.Tensor, items: Sequence[torch.Tensor]) -> torch.Tensor:
    """`padded` with the items in place of the rows at the start of its elements; a new tensor, since autograd may have saved it."""
    rows = [torch.cat([item, padded[i, item.shape[0] :]]) for i, item in enumerate(items)]
    return torch.stack(rows) if rows else padded
