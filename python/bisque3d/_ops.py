"""The built-in op libraries: `ops` is torch.ops.bisque with all of them loaded."""

import os
import pathlib

import torch

from ._plugins import load_library, plugins

_PACKAGE = pathlib.Path(__file__).resolve().parent
_TREE = _PACKAGE.parents[1]
# In a wheel, in an installed prefix (PREFIX/share/bisque/python/bisque3d) and in the tree.
_FOLDERS = (_PACKAGE / "lib", _PACKAGE.parents[3] / "lib", pathlib.Path(os.environ.get("BISQUE_BUILD", _TREE / "build")) / "lib")
_LIBRARIES = {"bisque_core_ops": "core", "bisque_ops": "ops3d"}  # and the folder of the tree that each is built from


def _load() -> None:
    folder = next((folder for folder in _FOLDERS if (folder / "libbisque_core_ops.so").exists()), None)
    if folder is None:
        where = ", ".join(str(folder) for folder in _FOLDERS)
        raise ImportError(f"bisque3d: libbisque_core_ops.so is in none of {where}; install the wheel or run `make build`.")
    loaded = {plugin.name for plugin in plugins()}
    for name, source in _LIBRARIES.items():
        core_alone = folder == _FOLDERS[-1] and not (_TREE / source).is_dir()
        if name not in loaded and not core_alone:
            load_library(folder / f"lib{name}.so")


_load()
ops = torch.ops.bisque
