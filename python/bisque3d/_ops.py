"""The built-in op libraries: `ops` is torch.ops.bisque with all of them loaded."""

import pathlib

import torch

from ._plugins import load_library, plugins

_PACKAGE = pathlib.Path(__file__).resolve().parent
# In a wheel, in an installed prefix (PREFIX/share/bisque/python/bisque3d) and in the tree.
_FOLDERS = (_PACKAGE / "lib", _PACKAGE.parents[3] / "lib", _PACKAGE.parents[1] / "build" / "lib")


def _load() -> None:
    loaded = {plugin.name for plugin in plugins()}
    for name in ("bisque_core_ops", "bisque_ops"):
        if name in loaded:
            continue
        files = [folder / f"lib{name}.so" for folder in _FOLDERS]
        file = next((file for file in files if file.exists()), None)
        if file is None:
            raise ImportError(f"bisque3d: lib{name}.so is in none of {', '.join(str(file.parent) for file in files)}; install the wheel or run `make build`.")
        load_library(file)


_load()
ops = torch.ops.bisque
