"""The extension module bisque3d_cpp: found, checked against the running torch and Python, and loaded."""

import importlib.machinery
import importlib.util
import pathlib
import platform
import types

import torch

from .._paths import libraries

_REBUILD = "run `pip install --no-build-isolation .` in Bisque's source tree again"


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
    """The file of the extension module, beside the op libraries. Raises ImportError: it is not there."""
    file = libraries() / "bisque3d_cpp.so"
    if not file.exists():
        raise ImportError(f"bisque3d.cpp is not built, since {file} does not exist; {_REBUILD.removesuffix(' again')}.")
    return file


def _load() -> types.ModuleType:
    file = find()
    _check(file)
    loader = importlib.machinery.ExtensionFileLoader("bisque3d_cpp", str(file))
    spec = importlib.util.spec_from_loader("bisque3d_cpp", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


binding = _load()
