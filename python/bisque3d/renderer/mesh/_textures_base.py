"""What all textures have in common."""

import copy
import itertools
import math
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

import torch

from ...structures.utils import list_to_padded, padded_to_list


def _list_to_padded_wrapper(x: Sequence[torch.Tensor], pad_size: Optional[Sequence[int]] = None, pad_value: float = 0.0) -> torch.Tensor:
    """Tensors [M_i, ...] as one [N, longest, ...]. pad_size is (rows, values in a row)."""
    if any(each.shape[1:] != x[0].shape[1:] for each in x):
        raise ValueError("list_to_padded requires tensors to have the same number of dimensions")
    if len(x) == 1 and pad_size is None:
        return x[0][None]
    padded = list_to_padded([each.reshape(len(each), math.prod(each.shape[1:])) for each in x], pad_size=pad_size, pad_value=pad_value)
    return padded.reshape(*padded.shape[:2], *x[0].shape[1:])


def _padded_to_list_wrapper(x: torch.Tensor, split_size: Optional[Sequence[int]] = None) -> List[torch.Tensor]:
    """The first M_i rows of each element."""
    return padded_to_list(x, split_size)


def _is_tensor_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(torch.is_tensor(element) for element in value)


class TexturesBase:
    """The textures of N meshes. A class that derives from this one has sample_textures and the methods that it needs of the others.

    The number of verts and faces of each mesh, and which meshes are not empty (`valid`), are set by Meshes.
    """

    device: torch.device
    _N: int
    valid: torch.Tensor

    def isempty(self) -> bool:
        if self._N is None or self.valid is None:
            return False
        return self._N == 0 or not bool(self.valid.any())

    def to(self, device) -> "TexturesBase":
        """Moves all tensors, in place."""
        self._map_tensors(lambda tensor: tensor.to(device))
        self.device = torch.device(device)
        return self

    def clone(self) -> "TexturesBase":
        return self._copied()._map_tensors(torch.clone)

    def detach(self) -> "TexturesBase":
        return self._copied()._map_tensors(torch.detach)

    def _copied(self) -> "TexturesBase":
        other = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, list):
                setattr(other, name, list(value))
        return other

    def _map_tensors(self, convert: Callable[[torch.Tensor], torch.Tensor]) -> "TexturesBase":
        for name, value in list(vars(self).items()):
            if torch.is_tensor(value):
                setattr(self, name, convert(value))
            elif _is_tensor_list(value):
                setattr(self, name, [convert(element) for element in value])
        return self

    def _value_of(self, name: str):
        value = getattr(self, name)
        return value() if callable(value) else value

    def _extend(self, N: int, props: List[str]) -> Dict[str, Union[torch.Tensor, List, None]]:
        """The properties, attributes or methods without arguments, with each element repeated N times."""
        if not isinstance(N, int):
            raise ValueError("N must be an integer.")
        if N <= 0:
            raise ValueError("N must be > 0.")
        extended = {}
        for name in props:
            value = self._value_of(name)
            if torch.is_tensor(value):
                value = value.repeat_interleave(N, dim=0)
            elif isinstance(value, list):
                if not all(isinstance(element, (int, float)) for element in value):
                    raise ValueError("Extend only supports lists of scalars")
                value = list(itertools.chain.from_iterable([element] * N for element in value))
            elif value is not None:
                raise ValueError(f"Property {name} has unsupported type {type(value)}. Only tensors and lists are supported.")
            extended[name] = value
        return extended

    def _getitem(self, index, props: List[str]) -> Dict[str, Any]:
        """The elements of the properties at an int or slice; as lists for a list or tensor of ints or bools."""
        values = {name: self._value_of(name) for name in props}
        if isinstance(index, (int, slice)):
            return {name: None if value is None else value[index] for name, value in values.items()}
        index = torch.as_tensor(index) if isinstance(index, (list, tuple)) else index
        if not torch.is_tensor(index):
            raise ValueError(f"Invalid index type, expected int, slice, list or tensor; got {type(index)}.")
        chosen = (index.nonzero()[:, 0] if index.dtype == torch.bool else index).tolist()
        return {name: None if value is None else [value[i] for i in chosen] for name, value in values.items()}

    def _selected(self, index, props: List[str]) -> Dict[str, Any]:
        """Like _getitem, but always as lists."""
        selected = self._getitem(index, props)
        if isinstance(index, int):
            return {name: None if value is None else [value] for name, value in selected.items()}
        return {name: None if value is None else list(value) for name, value in selected.items()}

    def sample_textures(self, fragments, **kwargs) -> torch.Tensor:
        """The values [N, H, W, K, C] at the fragments of a rasterizer: pix_to_face and bary_coords."""
        raise NotImplementedError()

    def submeshes(self, vertex_ids_list: List[List[torch.Tensor]], faces_ids_list: List[List[torch.Tensor]]) -> "TexturesBase":
        """The textures of parts of the meshes, for Meshes.submeshes."""
        raise NotImplementedError(f"{type(self).__name__} does not support submeshes")

    def faces_verts_textures_packed(self, faces_packed=None) -> torch.Tensor:
        """The values [F, 3, C] at the corners of all faces."""
        raise NotImplementedError()

    def __getitem__(self, index) -> "TexturesBase":
        raise NotImplementedError()
