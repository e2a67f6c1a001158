"""C++ Modules in Python: `bisque3d.cpp.modules.make("acme.Blur", radius=3)` makes an nn.Module whose forward runs in C++.

Available where it was built: `pip install --no-build-isolation .` in Bisque's source tree, or `make build`. It is bound to that torch release.
"""

from ._files import load, save
from ._module import Module
from ._objects import Object, objects
from ._registry import Plugin, load_library, modules, plugins

__all__ = ["Module", "Object", "Plugin", "load", "load_library", "modules", "objects", "plugins", "save"]
