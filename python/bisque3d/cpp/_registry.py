"""The registry of C++ Modules, and the plugins that fill it."""

import inspect
import os
from typing import Any, NamedTuple

import torch

from .. import _plugins
from .._ops import ops as _ops  # noqa: F401: Python's host registers the built-in ops, C++ uses them
from ._binding import binding
from ._module import Module, wrap
from ._names import Names


class Plugin(NamedTuple):
    """A plugin that C++ has loaded. Ops of libraries with only ops are registered by bisque3d.load_library."""

    name: str
    version: str
    path: str
    ops: list[str]
    modules: list[str]
    formats: list[str]


def _load_ops(path: str, name: str) -> None:
    """Loads a library of ops for C++, unless it is loaded."""
    for plugin in _plugins.plugins():
        if plugin.name == name:
            if os.path.samefile(plugin.path, path) or name.startswith("bisque_"):
                return
            raise RuntimeError(f"{path}: a plugin {name} is loaded already ({plugin.path}), expected another name.")
    _plugins.load_library(path)


binding.set_op_loader(_load_ops)


def load_library(path: str | os.PathLike) -> Plugin:
    """Loads a plugin with Modules, file formats or ops. Its Modules are then in `modules`."""
    before = {plugin.name for plugin in plugins()}
    binding.load_plugin(os.fspath(path))
    (loaded,) = [plugin for plugin in plugins() if plugin.name not in before]
    return loaded


def plugins() -> list[Plugin]:
    """The loaded plugins, in order: the built-in ones, those of BISQUE_PLUGINS, then those of load_library()."""
    return [Plugin(*fields) for fields in binding.plugins()]


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    """rasterizer={"height": 8} is the setting "rasterizer.height"."""
    flat = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": setting for inner, setting in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _detached(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings that can be copied and pickled."""
    return {name: value.detach() if isinstance(value, torch.Tensor) else value for name, value in settings.items()}


class _Maker:
    """modules["acme.Blur"]: a function with the signature of the Module's options."""

    def __init__(self, name: str):
        self.__name__ = self.__qualname__ = name
        self.__signature__ = modules.signature(name)
        self.__doc__ = f"Makes the C++ Module {name}{self.__signature__}."

    def __call__(self, **settings: Any) -> Module:
        return modules.make(self.__name__, **settings)

    def __repr__(self) -> str:
        return f"<C++ Module {self.__name__}{self.__signature__}>"


class _Modules(Names):
    """The C++ Modules of all loaded plugins, by name: ops3d.GraphConv, acme.Blur; and any op as a Module: bisque::knn_points."""

    def make(self, name: str, /, **settings: Any) -> Module:
        """A new Module. Settings are the fields of its options: bools, numbers, strings, lists of numbers or tensors; those of a nested struct are a
        dict. None is an option's None, or else its default.

        Raises RuntimeError: an unknown name; a setting that the Module does not have, of another type, or missing. TypeError: any other value.
        """
        flat = _flat(settings)
        return wrap(binding.make(name, flat), (name, _detached(flat)))

    def names(self) -> list[str]:
        return binding.names()

    def signature(self, name: str) -> inspect.Signature:
        """The options of a Module as keyword arguments, with their types and defaults; **settings if its plugin does not describe them."""
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters: dict[str, inspect.Parameter] = {}
        options = binding.options(name)
        if options is None:
            return inspect.Signature([inspect.Parameter("settings", inspect.Parameter.VAR_KEYWORD)], return_annotation=Module)
        for option, kind, default, is_required in options:
            outer, _, inner = option.partition(".")
            if inner:  # of a nested struct, or of a Module that the option `outer` names
                parameters.setdefault(outer, inspect.Parameter(outer, keyword, default=None, annotation=dict | None))
                continue
            default = inspect.Parameter.empty if is_required else default
            annotation = kind | None if default is None else kind
            parameters[option] = inspect.Parameter(option, keyword, default=default, annotation=annotation)
        return inspect.Signature(list(parameters.values()), return_annotation=Module)

    def __getitem__(self, name: str) -> _Maker:
        return _Maker(name)


modules = _Modules()
