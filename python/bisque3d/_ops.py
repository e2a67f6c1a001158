"""The built-in op libraries: `ops` is torch.ops.bisque with all of them loaded."""

import torch

from ._paths import TREE, libraries, prefix
from ._plugins import load_library, plugins

_LIBRARIES = {"bisque_core_ops": "core", "bisque_ops": "ops3d"}  # and the folder of the tree that each is built from


def _load() -> None:
    loaded = {plugin.name for plugin in plugins()}
    for name, source in _LIBRARIES.items():
        file = libraries() / f"lib{name}.so"
        if name in loaded or (prefix() is None and not (TREE / source).is_dir()):  # a tree of core alone
            continue
        if not file.exists():
            raise ImportError(f"bisque3d: {file} does not exist; {'install the package again' if prefix() else 'run `make build`'}.")
        load_library(file)


_load()
ops = torch.ops.bisque
