"""Files by path or as file objects, and pictures."""

import contextlib
import os
import pathlib
import warnings
from typing import IO, Any, ContextManager, Optional, Sequence, Union, cast

import numpy as np
import torch

from ..common.datatypes import Device

try:
    from iopath.common.file_io import PathManager
except ImportError:

    class PathManager:  # type: ignore[no-redef]
        """What is used of iopath's PathManager, for local files."""

        def open(self, path: str, mode: str = "r", **kwargs: Any) -> IO:
            """As the built-in open."""
            return open(path, mode, **kwargs)

        def exists(self, path: str) -> bool:
            """Whether there is a file or folder."""
            return os.path.exists(path)

        def isfile(self, path: str) -> bool:
            """Whether there is a file."""
            return os.path.isfile(path)

        def get_local_path(self, path: str, **kwargs: Any) -> str:
            """The path itself."""
            return str(path)


PathOrStr = Union[pathlib.Path, str]


def _open_file(f, path_manager: PathManager, mode: str = "r") -> ContextManager[IO]:
    """A file by its path, which is closed, or a file object, which is not."""
    if isinstance(f, str):
        return contextlib.closing(path_manager.open(f, mode))
    if isinstance(f, pathlib.Path):
        return contextlib.closing(f.open(mode))
    return contextlib.nullcontext(cast(IO, f))


def _make_tensor(data: Sequence, cols: int, dtype: torch.dtype, device: Device = "cpu") -> torch.Tensor:
    """[N, cols] of rows, also if there are none."""
    if not len(data):
        return torch.zeros((0, cols), dtype=dtype, device=device)
    return torch.tensor(data, dtype=dtype, device=device)


def _check_faces_indices(faces_indices: torch.Tensor, max_index: int, pad_value: Optional[int] = None) -> torch.Tensor:
    """Warns of indices outside [0, max_index), except rows of `pad_value`."""
    rows = faces_indices if pad_value is None else faces_indices[faces_indices.ne(pad_value).any(dim=-1)]
    if torch.any(rows >= max_index) or torch.any(rows < 0):
        warnings.warn("Faces have invalid indices", stacklevel=2)
    return faces_indices


def _read_image(file_name: str, path_manager: PathManager, format: Optional[str] = None) -> np.ndarray:
    """A picture [H, W, 3] float32 from 0 to 255, "RGB" or "BGR". ValueError: another format, a malformed file."""
    if format not in ("RGB", "BGR"):
        raise ValueError(f"format can only be one of [RGB, BGR]; got {format}")
    with path_manager.open(file_name, "rb") as f:
        image = _decoded(f, str(file_name)).astype(np.float32)
    return image[:, :, ::-1] if format == "BGR" else image


def _decoded(file: IO, name: str) -> np.ndarray:
    """A PNG or JPEG as [H, W, 3] uint8. ValueError: malformed."""
    from PIL import Image

    try:
        return np.array(Image.open(file).convert("RGB"))
    except Exception as error:  # Pillow has OSErrors, SyntaxErrors and its own
        raise ValueError(f"The picture {name} cannot be read: {error}") from error
