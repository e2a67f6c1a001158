"""What a plugin was built for, and why one cannot be loaded, like core/plugin/requirements.cpp and plugin_library.cpp."""

import ctypes
import os
import pathlib
import re
import stat

import torch

from ._shared_library import notes_of

ABI = 1
_REBUILD = "rebuild it with this bisque3d (cmake --fresh -B build -DCMAKE_PREFIX_PATH=PREFIX && cmake --build build)"


def torch_version() -> tuple[int, int]:
    major, minor = torch.__version__.split(".")[:2]
    return int(major), int(minor)


def read_note(path) -> dict[str, str] | None:
    """The pairs of a library's note (core/plugin/note.h); None if it has none."""
    for owner, kind, text in notes_of(path):
        if owner == b"bisque\0" and kind == 1:
            pairs = (pair.decode(errors="replace").partition("=") for pair in text.split(b"\0"))
            return {key: value for key, equals, value in pairs if equals}
    return None


def check_note(path) -> None:
    """Raises RuntimeError before the library's code runs, if it does not fit this program or holds only CUDA kernels."""
    note = read_note(path)
    if note is None:
        return
    try:
        abi = int(note["abi"])
        target = _parse_version(note["torch_target"]) if abi == ABI else (0, 0)
    except (KeyError, ValueError):
        raise RuntimeError(f"{path}: is damaged, its note has no ABI or no version of torch.") from None
    check_requirements(path, abi, target, note.get("core_abi"))


def check_is_no_cuda_part(path) -> None:
    if str(path).endswith("_cuda.so") and (read_note(path) or {}).get("cuda_archs"):
        whole = str(path).removesuffix("_cuda.so") + ".so"
        raise RuntimeError(f"{path}: holds the CUDA kernels of a plugin, expected {whole}, which loads it.")


def check_requirements(path, abi: int, target: tuple[int, int], core_abi: str | None) -> None:
    if abi != ABI:
        update = "update bisque3d, or " if abi > ABI else ""
        raise RuntimeError(f"{path}: is a plugin of ABI {abi}, expected ABI {ABI}: {update}{_REBUILD}.")
    if core_abi:
        raise RuntimeError(f"{path}: has Modules, which bisque3d.cpp.load_library loads; expected a library of ops.")
    if target > torch_version():
        raise RuntimeError(
            f"{path}: needs torch {target[0]}.{target[1]} or later, but this is torch {torch.__version__}: update torch, or {_REBUILD}."
        )


def loader_error(path, message: str) -> RuntimeError:
    """The loader's message as a sentence that names what is missing."""
    if missing := re.search(r"undefined symbol: ([^\s,(]+)", message):
        text = f"needs the symbol {_demangled(missing[1])}, which no library here defines: link the library that does, or {_REBUILD}."
    elif missing := re.match(r"(\S+): cannot open shared object file", message):
        text = f"needs the library {missing[1]}, which is not found: {_how_to_find(missing[1])}."
    else:
        text = f"cannot be loaded ({message})."
    return RuntimeError(f"{path}: {text}")


def world_writable_note(path: pathlib.Path) -> str:
    """Why other users could change the library; empty if they cannot."""
    full = path.resolve()
    for place in (full, full.parent):
        mode = os.stat(place).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:  # in a sticky folder, as /tmp, others cannot replace a file
            return f"{path}: every user can change this plugin, since {place} is writable for all, expected `chmod o-w` for it."
    return ""


def _parse_version(text: str) -> tuple[int, int]:
    if text.startswith("0x"):
        version = int(re.match("0x[0-9a-f]+", text, re.IGNORECASE)[0], 16)
        return version >> 56, version >> 48 & 0xFF
    major, minor = (text.split(".") + ["0"])[:2]
    return int(major), int(minor)


def _how_to_find(library: str) -> str:
    if library.startswith(("libcu", "libnv")) or library.endswith("_cuda.so"):
        return "expected a library that runs without CUDA, with its CUDA kernels in NAME_cuda.so beside it"
    return "install it, or add its folder to LD_LIBRARY_PATH"


def _demangled(symbol: str) -> str:
    cxx = ctypes.CDLL("libstdc++.so.6")
    cxx.__cxa_demangle.restype = ctypes.c_void_p
    text = cxx.__cxa_demangle(symbol.encode(), None, None, None)
    return ctypes.string_at(text).decode() if text else symbol
