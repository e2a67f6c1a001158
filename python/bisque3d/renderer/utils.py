"""Batches of tensors as properties of an object, and coordinates of pictures."""

import copy
import functools
import warnings
from typing import Any, List, Optional, Sequence, Tuple, Union

import numpy as np
import torch
from torch import nn

from ..common.datatypes import Device, make_device

BROADCAST_TYPES = (float, int, list, tuple, torch.Tensor, np.ndarray, np.number)


class TensorAccessor:
    """One element, or a slice, of the batched properties of an object: `accessor.name` reads and writes them."""

    def __init__(self, class_object, index: Union[int, slice]) -> None:
        self.__dict__["class_object"] = class_object
        self.__dict__["index"] = index

    def _property(self, name: str) -> torch.Tensor:
        if not hasattr(self.class_object, name):
            raise AttributeError(f"Attribute {name} not found on {type(self.class_object).__name__}.")
        return getattr(self.class_object, name)

    def __setattr__(self, name: str, value: Any) -> None:
        whole = self._property(name)
        if not torch.is_tensor(whole):
            raise AttributeError(f"Can only set values on attributes which are tensors; {name} is of type {type(whole).__name__}.")
        if not torch.is_tensor(value):
            value = torch.tensor(value, device=whole.device, dtype=whole.dtype, requires_grad=whole.requires_grad)
        if whole.dim() > 1 and value.dim() > 1 and value.shape[1:] != whole.shape[1:]:
            raise ValueError(f"Expected value to have shape {tuple(whole.shape)}; got {tuple(value.shape)}.")
        if 0 in whole.stride():  # a broadcast value: elements share their memory
            whole = whole.clone()
            setattr(self.class_object, name, whole)
        whole[self.index] = value

    def __getattr__(self, name: str):
        return self._property(name)[self.index]


class TensorProperties(nn.Module):
    """An object whose properties are batches of tensors, as cameras and lights are.

    Numbers, sequences, arrays and tensors among the keyword arguments become tensors of one batch size; those of size 1 are
    expanded. None, strings and bools are set as they are. Numbers become `dtype`, or float64 beside tensors of float64.
    """

    def __init__(self, dtype: torch.dtype = torch.float32, device: Device = "cpu", **kwargs) -> None:
        super().__init__()
        self.device = make_device(device)
        self._N = 0
        batched = {}
        for name, value in kwargs.items():
            if value is None or isinstance(value, (str, bool)):
                setattr(self, name, value)
            elif isinstance(value, BROADCAST_TYPES):
                batched[name] = value
            else:
                warnings.warn(f"Arg {name} with type {type(value)} is not broadcastable")
        if batched:
            dtype = torch.promote_types(dtype, common_float_dtype(*batched.values()))
            tensors = convert_to_tensors_and_broadcast(*batched.values(), dtype=dtype, device=device)
            for name, tensor in zip(batched, tensors):
                setattr(self, name, tensor)
            self._N = tensors[0].shape[0]

    def __len__(self) -> int:
        return self._N

    def isempty(self) -> bool:
        """Whether the batch has no elements."""
        return self._N == 0

    def __getitem__(self, index: Union[int, slice]) -> TensorAccessor:
        if isinstance(index, (int, slice)):
            return TensorAccessor(class_object=self, index=index)
        raise ValueError(f"Expected index of type int or slice; got {type(index)}.")

    def _apply(self, fn, recurse: bool = True):
        # All conversions of a Module come here: to(), cuda(), double(), also those of a Module that contains this one.
        super()._apply(fn, recurse)
        for name, value in list(vars(self).items()):
            if torch.is_tensor(value):
                setattr(self, name, fn(value))
        self.device = fn(torch.empty(0, device=self.device)).device
        return self

    def to(self, device: Device = "cpu", dtype: Optional[torch.dtype] = None) -> "TensorProperties":
        """Moves all tensors, in place."""
        return super().to(make_device(device), dtype)

    def clone(self, other: "TensorProperties") -> "TensorProperties":
        """Gives `other` copies of all properties, and returns it."""
        for name, value in vars(self).items():
            if name not in _MODULE_STATE:
                setattr(other, name, value.clone() if torch.is_tensor(value) else copy.deepcopy(value))
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            setattr(other, name, None if tensor is None else tensor.clone())
        for name, module in self._modules.items():
            setattr(other, name, copy.deepcopy(module))
        return other

    def gather_props(self, batch_idx: torch.Tensor) -> "TensorProperties":
        """Replaces each tensor [N, ...] with N > 1 by its elements `batch_idx` [B], as [B, ...], in place.

        With verts_packed_to_mesh_idx() of N meshes, properties become those of each vertex.
        """
        for name, value in (*list(vars(self).items()), *self._parameters.items(), *self._buffers.items()):
            if not torch.is_tensor(value) or value.dim() == 0 or value.shape[0] <= 1:
                continue
            if batch_idx.dim() > value.dim():
                shapes = f"got shape {tuple(batch_idx.shape)}, and {name} has shape {tuple(value.shape)}"
                raise ValueError(f"batch_idx cannot have more dimensions than {name}: {shapes}.")
            if batch_idx.dim() == 1:
                gathered = value.index_select(0, batch_idx)
            else:
                index = batch_idx.reshape(*batch_idx.shape, *(1,) * (value.dim() - batch_idx.dim()))
                gathered = value.gather(0, index.expand(-1, *value.shape[1:]))
            if name in self._parameters:  # a Module refuses a tensor in the place of a parameter
                del self._parameters[name]
            setattr(self, name, gathered)
        return self


_MODULE_STATE = frozenset(vars(nn.Module())) | {"_nearest_plane"}  # what clone() leaves to the copy


def common_float_dtype(*values) -> torch.dtype:
    """The dtype to which the floating-point tensors among the values are promoted; float32 if there are none.

    >>> common_float_dtype(torch.zeros(2, dtype=torch.float64), 3)
    torch.float64
    """
    dtypes = [value.dtype for value in values if torch.is_tensor(value) and value.is_floating_point()]
    return functools.reduce(torch.promote_types, dtypes, torch.float32)


def format_tensor(input, dtype: torch.dtype = torch.float32, device: Device = "cpu") -> torch.Tensor:
    """The value as a tensor with a batch dimension on the device. A tensor keeps its dtype."""
    device = make_device(device)
    if not torch.is_tensor(input):
        input = torch.tensor(input, dtype=dtype, device=device)
    if input.dim() == 0:
        input = input.view(1)
    return input.to(device)


def convert_to_tensors_and_broadcast(*args, dtype: torch.dtype = torch.float32, device: Device = "cpu") -> List[torch.Tensor]:
    """The values as tensors [N, ...] of one batch size N; those of size 1 are expanded. Error (ValueError): other sizes."""
    tensors = [format_tensor(value, dtype, device) for value in args]
    sizes = [tensor.shape[0] for tensor in tensors]
    largest = max(sizes)
    if any(size not in (1, largest) for size in sizes):
        raise ValueError(f"Got non-broadcastable sizes {sizes}.")
    return [tensor.expand(largest, *(-1,) * (tensor.dim() - 1)) for tensor in tensors]


def per_picture(name: str, values: torch.Tensor, num_pictures: int) -> torch.Tensor:
    """Rows for all pictures (1), for each mesh that several cameras see, or for each picture, as [num_pictures, ...]."""
    rows = values.shape[0]
    if rows == num_pictures:
        return values
    if rows == 1:
        return values.expand(num_pictures, *values.shape[1:])
    if rows == 0 or num_pictures % rows != 0:
        raise ValueError(f"Expected {name} of 1, of each mesh or of each of the {num_pictures} pictures, but got a batch of {rows}.")
    return values.repeat_interleave(num_pictures // rows, 0)


def ndc_grid_sample(input: torch.Tensor, grid_ndc: torch.Tensor, *, align_corners: bool = False, **grid_sample_kwargs) -> torch.Tensor:
    """Samples `input` [B, C, H, W] at the points `grid_ndc` [B, ..., 2] in NDC, by torch's grid_sample. Returns [B, C, ...]."""
    batch, *spatial_size, size = grid_ndc.shape
    if batch != input.shape[0]:
        raise ValueError("'input' and 'grid_ndc' have to have the same batch size.")
    if input.ndim != 4:
        raise ValueError("'input' has to be a 4-dimensional Tensor.")
    if size != 2:
        raise ValueError("The last dimension of 'grid_ndc' has to be == 2.")
    grid = ndc_to_grid_sample_coords(grid_ndc.reshape(batch, -1, 1, 2), input.shape[2:])
    sampled = torch.nn.functional.grid_sample(input, grid, align_corners=align_corners, **grid_sample_kwargs)
    return sampled.reshape(batch, input.shape[1], *spatial_size)


def ndc_to_grid_sample_coords(xy_ndc: torch.Tensor, image_size_hw: Sequence[int]) -> torch.Tensor:
    """Points [..., 2] in NDC, in the coordinates of torch's grid_sample: +X right, +Y down, [-1, 1] along both sides."""
    if len(image_size_hw) != 2 or any(side <= 0 for side in image_size_hw):
        raise ValueError("'image_size_hw' has to be a 2-tuple of positive integers")
    height, width = image_size_hw
    shorter = min(height, width)
    x, y = xy_ndc.unbind(-1)
    return torch.stack((-x * (shorter / width), -y * (shorter / height)), -1)


def parse_image_size(image_size: Union[List[int], Tuple[int, int], int]) -> Tuple[int, int]:
    """(height, width) of a side or two. Errors (ValueError): not two sides, a side that is not a positive integer."""
    if not isinstance(image_size, (tuple, list)):
        return image_size, image_size
    if len(image_size) != 2:
        raise ValueError("Image size can only be a tuple/list of (H, W)")
    if not all(side > 0 for side in image_size):
        raise ValueError(f"Image sizes must be greater than 0; got {image_size[0]}, {image_size[1]}")
    if not all(hasattr(side, "__index__") for side in image_size):  # NumPy's integers too
        raise ValueError(f"Image sizes must be integers; got {image_size[0]}, {image_size[1]}")
    return tuple(image_size)
