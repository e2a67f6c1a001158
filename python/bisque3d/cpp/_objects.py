"""Objects of C++ classes that Modules take and return: Meshes, textures, scenes, fragments, rays, and those of plugins."""

import inspect
from typing import Any

from ._binding import binding
from ._module import push_all
from ._names import Names

Object = binding.Object


class _Objects(Names):
    """The C++ classes of objects that all loaded plugins have described, by name: ops3d.Meshes, renderer.Fragments."""

    def make(self, name: str, /, *args: Any, **kwargs: Any) -> Object:
        """A new object. Arguments are tensors, lists of them, numbers, C++ Modules and other objects, as signature(name) lists them.

        Raises RuntimeError: an unknown name; an argument that is unknown, missing or of another type; the errors of the C++ class.
        """
        push_all((args, kwargs))
        return binding.make_object(name, args, kwargs)

    def names(self) -> list[str]:
        return binding.object_names()

    def signature(self, name: str) -> inspect.Signature:
        """The arguments of make(); those that may be left out are None."""
        kind, required = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
        parameters = [
            inspect.Parameter(parameter, kind, default=required if is_required else None)
            for parameter, is_required in binding.object_parameters(name)
        ]
        return inspect.Signature(parameters, return_annotation=Object)


objects = _Objects()
