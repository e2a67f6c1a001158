"""The built-in op libraries: `ops` is torch.ops.bisque with all of them loaded."""

import torch

from ._paths import TREE, libraries, prefix
from ._plugins import load_library, plugins

def load_built_in(name: str, source: str) -> None:
    """Loads a built-in library, whose sources are in the folder `source` of the tree. A tree of core alone has only that of core."""
    file = libraries() / f"lib{name}.so"
    if any(plugin.name == name for plugin in plugins()) or (prefix() is None and not (TREE / source).is_dir()):
        return
    if not file.exists():
        raise ImportError(f"bisque3d: {file} does not exist; {'install the package again' if prefix() else 'run `make build`'}.")
    load_library(file)


load_built_in("bisque_core_ops", "core")
load_built_in("bisque_ops", "ops3d")
ops = torch.ops.bisque
