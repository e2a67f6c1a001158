"""Files of checkpoints, read and written in C++."""

import os
from typing import Any

import torch

from ._binding import binding


def save(value: Any, path: str | os.PathLike) -> None:
    """Writes a value that torch.load(weights_only=True) reads: None, numbers, strings, tensors, and lists, tuples, dicts and sets of them, such as a
    state_dict. For a path that ends in .safetensors, a dict of tensors. The file is written completely or not at all."""
    binding.save(value, os.fspath(path))


def load(path: str | os.PathLike, map_location: torch.device | str | None = None, mmap: bool = False) -> Any:
    """The value of a file of torch.save, save() or .safetensors. No code of the file is run. With `mmap`, tensors on the CPU view the file."""
    device = None if map_location is None else torch.device(map_location)
    return binding.load(os.fspath(path), device, mmap)
