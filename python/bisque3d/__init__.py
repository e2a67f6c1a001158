"""3D deep learning on torch: differentiable ops and a renderer, as torch.ops.bisque and Python classes. `bisque3d.load_library(path)` loads any op
library in any torch from 2.10."""

from ._paths import cmake_prefix_path, version
from ._plugins import Plugin, load_library, plugins
from . import _ops  # loads the built-in libraries

__all__ = ["Plugin", "cmake_prefix_path", "load_library", "plugins"]


def __getattr__(name: str) -> str:
    if name == "__version__":
        return version()
    raise AttributeError(f"module 'bisque3d' has no attribute {name!r}")
