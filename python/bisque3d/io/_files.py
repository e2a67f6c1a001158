"""What readers and writers share: local copies of files, pictures as bytes, and errors of ops."""

import contextlib
import io
import os
import pathlib
import re
import tempfile
import warnings
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

import numpy as np
import torch

from .utils import PathManager, _decoded, _open_file


def picture_of_bytes(data: bytes, name: str) -> torch.Tensor:
    """A PNG or JPEG as [H, W, 3] float32 from 0 to 1. ValueError: malformed; the message has the name."""
    return torch.from_numpy(_decoded(io.BytesIO(data), name).astype(np.float32) / 255.0)


def png_of(picture: torch.Tensor) -> bytes:
    """A picture [H, W, 3] or [H, W, 4] from 0 to 1 as a PNG."""
    from PIL import Image

    values = (picture.detach().cpu().clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    data = io.BytesIO()
    Image.fromarray(values).save(data, format="PNG")
    return data.getvalue()


def read_bytes(f, path_manager: PathManager) -> bytes:
    """The content of a path or file object; text becomes UTF-8."""
    with _open_file(f, path_manager, "rb") as file:
        content = file.read()
    return content.encode() if isinstance(content, str) else content


def is_local(f) -> bool:
    """Whether it is a path of this machine, not a file object or a URL, which the path manager opens."""
    return isinstance(f, pathlib.Path) or (isinstance(f, str) and "://" not in f)


def write_content(f, path_manager: PathManager, content: bytes) -> None:
    """To a path, under which the file appears when it is complete, or to a file object, of text or bytes."""
    if is_local(f) and (os.path.isfile(f) or not os.path.exists(f)):
        partial = f"{f}.{os.getpid()}.part"
        try:
            with open(partial, "wb") as file:
                file.write(content)
            os.replace(partial, f)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.remove(partial)
        return
    with _open_file(f, path_manager, "wb") as file:
        file.write(content.decode() if isinstance(file, io.TextIOBase) else content)


def save_by(save: Callable[[str], None], f, path_manager: PathManager, suffix: str) -> None:
    """Writes by an op, `save(path)`, to a path or file object."""
    if is_local(f):
        save(str(f))
    else:
        write_content(f, path_manager, written_by(save, suffix))


@contextlib.contextmanager
def local_file(f, path_manager: PathManager, suffix: str) -> Iterator[str]:
    """The path of a file that an op can read: that of `f`, or of a copy of what a file object has."""
    if isinstance(f, (str, pathlib.Path)):
        path = path_manager.get_local_path(str(f))
        with open(path, "rb"):  # raises FileNotFoundError and the like
            pass
        yield path
    else:
        with copy_of(read_bytes(f, path_manager), f"data{suffix}") as path:
            yield path


@contextlib.contextmanager
def copy_of(content: bytes, name: str) -> Iterator[str]:
    """The path of a temporary file of this name and content."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        yield path


def written_by(save: Callable[[str], None], suffix: str) -> bytes:
    """What `save(path)` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"data{suffix}")
        save(path)
        with open(path, "rb") as file:
            return file.read()


@contextlib.contextmanager
def value_errors(words_of: Callable[[str], Optional[str]] = lambda text: None) -> Iterator[None]:
    """Turns the errors of an op into ValueErrors. PyTorch3D's words, `words_of` a message if not None, are put before it."""
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        words = words_of(text)
        raise ValueError(text if words is None else f"{words} ({text})") from None


def words_by(phrases: Sequence[Tuple[str, str]]) -> Callable[[str], Optional[str]]:
    """The words of the first pattern of `phrases` that is found in a message."""
    return lambda text: next((match.expand(words) for pattern, words in phrases if (match := re.search(pattern, text))), None)


def check_corners(messages: List[str]) -> None:
    """ValueError if an op warns of faces that it skips."""
    for message in messages:
        if "fewer than 3 corners" in message:
            raise ValueError(f"Faces must have at least 3 vertices. ({message})")


def warn_each(messages: List[str]) -> None:
    """One warning per message, for the caller of the caller."""
    for message in messages:
        warnings.warn(message, stacklevel=3)


def on_cpu(tensor: Optional[torch.Tensor], dtype: Optional[torch.dtype] = None) -> Optional[torch.Tensor]:
    """As the ops that save files take it; None if it is empty."""
    if tensor is None or tensor.numel() == 0:
        return None
    return tensor.detach().cpu().to(dtype) if dtype else tensor.detach().cpu()


def geometry_of(verts: torch.Tensor, faces: Optional[torch.Tensor]) -> Tuple[torch.Tensor, torch.Tensor]:
    """Verts [V, 3] and faces [F, 3] on the CPU, also if they are empty. ValueError: another shape."""
    if len(verts) and (verts.dim() != 2 or verts.shape[1] != 3):
        raise ValueError("Argument 'verts' should either be empty or of shape (num_verts, 3).")
    if faces is not None and len(faces) and (faces.dim() != 2 or faces.shape[1] != 3):
        raise ValueError("Argument 'faces' should either be empty or of shape (num_faces, 3).")
    faces = torch.zeros((0, 3), dtype=torch.int64) if faces is None else faces
    verts = verts.detach().cpu().reshape(-1, 3)
    verts = verts if verts.dtype in (torch.float32, torch.float64) else verts.float()
    return verts, faces.detach().cpu().to(torch.int64).reshape(-1, 3)
