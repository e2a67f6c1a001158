"""The extension module bisque3d_cpp: found, checked against the running torch and Python, and loaded."""

import importlib.machinery
import importlib.util
import os
import pathlib
import platform
import types

import torch

_HERE = pathlib.Path(__file__).resolve().parent
_REBUILD = "run `pip install --no-build-isolation .` in Bisque's source tree again"


def _folders() -> list[pathlib.Path]:
    """In a wheel, in an installed prefix (PREFIX/share/bisque/python/bisque3d) and in the tree."""
    tree = _HERE.parents[2]
    return [_HERE.parent / "lib", _HERE.parents[4] / "lib", pathlib.Path(os.environ.get("BISQUE_BUILD", tree / "build")) / "lib"]


def _check(file: pathlib.Path) -> None:
    """Raises ImportError unless the file, which is bound to one torch and one Python, was built for these."""
    built = dict(line.split(" ", 1) for line in file.with_name("bisque3d_cpp.txt").read_text().splitlines())
    release = torch.__version__.split("+")[0]
    if built["torch"].split("+")[0] != release:
        raise ImportError(f"bisque3d.cpp was built for torch {built['torch']}, but this is torch {torch.__version__}; {_REBUILD}.")
    python = ".".join(platform.python_version_tuple()[:2])
    if built["python"] != python:
        raise ImportError(f"bisque3d.cpp was built for Python {built['python']}, but this is Python {python}; {_REBUILD}.")


def find() -> pathlib.Path:
    """The file of the extension module. Raises ImportError: it is nowhere."""
    for folder in _folders():
        if (folder / "bisque3d_cpp.so").exists():
            return folder / "bisque3d_cpp.so"
    searched = ", ".join(str(folder) for folder in _folders())
    raise ImportError(f"bisque3d.cpp is not built, since bisque3d_cpp.so is in none of {searched}; {_REBUILD.removesuffix(' again')}.")


def _load() -> types.ModuleType:
    file = find()
    _check(file)
    loader = importlib.machinery.ExtensionFileLoader("bisque3d_cpp", str(file))
    spec = importlib.util.spec_from_loader("bisque3d_cpp", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


binding = _load()
