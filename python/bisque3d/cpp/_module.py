"""A C++ Module as an nn.Module. Both hold the same tensors: what is assigned on one side is registered on the other before and after each call."""

import copy
import pickle
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import torch

from ._binding import binding

# Python's objects by the address of their C++ Module: hooks receive them.
_wrappers: "weakref.WeakValueDictionary[int, Module]" = weakref.WeakValueDictionary()
_OWN = ("_cpp", "_recipe", "_plugin", "_cpp_hooks", "_parameters", "_buffers", "_modules")


class HookHandle:
    """Removes its hook; also as a context manager."""

    def __init__(self, handle, hooks: dict, hook: tuple):
        self._handle, self._hooks, self.id = handle, hooks, id(handle)
        hooks[self.id] = hook

    def remove(self) -> None:
        self._handle.remove()
        self._hooks.pop(self.id, None)

    def __enter__(self) -> "HookHandle":
        return self

    def __exit__(self, *exception) -> None:
        self.remove()


class Module(torch.nn.Module):
    """A C++ Module. Its parameters, buffers and children are those of C++; forward runs there, without the GIL. Forward and backward hooks are
    registered in C++, so that they also run when a C++ parent calls its child."""

    def __init__(self, cpp, recipe: tuple[str, dict] | None):
        super().__init__()
        self._cpp = cpp
        self._recipe = recipe  # of make(); None for a child
        self._cpp_hooks: dict[int, tuple] = {}
        self._version = cpp.state_version
        self._plugin = cpp.plugin
        self.training = cpp.is_training
        _wrappers[cpp.address] = self
        self._pull()
        self._non_persistent_buffers_set.update(cpp.non_persistent())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        tree = push_all((self, args, kwargs))
        try:
            return self._cpp.call(args, kwargs)
        finally:
            for module in tree:
                module._pull()

    def _tree(self) -> "list[Module]":
        return [module for module in self.modules() if isinstance(module, Module)]

    def _push(self) -> None:
        """Registers in C++ what Python has assigned, deleted or set."""
        self._cpp.assign(self._parameters, self._buffers)
        for name, child in self._cpp.entries()[2].items():
            given = self._modules.get(name)
            if isinstance(given, Module) and given._cpp.address != (child and child.address):
                self._cpp.set_child(name, given._cpp)
        if self._cpp.is_training != self.training:
            self._cpp.train(self.training)  # of its children too, which follow in _tree()

    def _pull(self) -> None:
        """Takes over what C++ has registered."""
        parameters, buffers, children = self._cpp.entries()
        for name, tensor in parameters.items():
            if type(tensor) is torch.Tensor:
                tensor.__class__ = torch.nn.Parameter  # the object of this very tensor, so that C++ and Python share it
            if self._parameters.get(name) is not tensor or name not in self._parameters:
                self._parameters[name] = tensor
        for name, tensor in buffers.items():
            if self._buffers.get(name) is not tensor or name not in self._buffers:
                self._buffers[name] = tensor
        for name, child in children.items():
            known = self._modules.get(name)
            if not (isinstance(known, Module) and child is not None and known._cpp.address == child.address):
                self._modules[name] = child and wrap(child, None)

    def __setattr__(self, name: str, value: Any) -> None:
        """A tensor is registered in C++ at once, since an object that C++ holds, such as a scene, may contain this Module."""
        super().__setattr__(name, value)
        if "_cpp" in self.__dict__ and (name in self._parameters or name in self._buffers):
            self._cpp.assign(self._parameters, self._buffers)

    def _python_children(self) -> dict[str, torch.nn.Module]:
        return {name: child for name, child in self._modules.items() if child is not None and not isinstance(child, Module)}

    # Hooks

    def _add_hook(self, *hook: Any) -> HookHandle:
        return HookHandle(self._cpp.register_hook(*hook), self._cpp_hooks, hook)

    def register_forward_pre_hook(self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False) -> HookHandle:
        return self._add_hook("forward_pre", hook, with_kwargs, prepend, False)

    def register_forward_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> HookHandle:
        return self._add_hook("forward", hook, with_kwargs, prepend, always_call)

    def register_full_backward_pre_hook(self, hook: Callable, prepend: bool = False) -> HookHandle:
        return self._add_hook("full_backward_pre", hook, False, prepend, False)

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> HookHandle:
        return self._add_hook("full_backward", hook, False, prepend, False)

    # State

    def _save_to_state_dict(self, destination, prefix, keep_vars) -> None:
        """The metadata names the plugin, so that load() can report a missing one."""
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if self._plugin and hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]]["plugin"] = self._plugin

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest) -> None:
        version = local_metadata.get("version")
        if version != self._version:
            old = {key: value for key, value in state_dict.items() if key.startswith(prefix)}
            new = self._cpp.upgrade_state({key[len(prefix) :]: value for key, value in old.items()}, version)
            for key in old:
                del state_dict[key]
            state_dict.update({prefix + name: value for name, value in new.items()})
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def _apply(self, fn, recurse=True):
        """Tensors whose dtype C++ fixes only move to another device."""
        own = {name: tensor for tensors in (self._parameters, self._buffers) for name, tensor in tensors.items() if tensor is not None}
        fixed = {id(own[name]) for name in self._cpp.fixed_dtypes() if name in own} if any(t.is_floating_point() for t in own.values()) else set()

        def apply(tensor):
            return tensor.to(fn(tensor.new_empty(0)).device) if id(tensor) in fixed else fn(tensor)

        super()._apply(apply if fixed else fn, recurse)
        self._cpp.assign(self._parameters, self._buffers)
        return self

    # Copies

    def __deepcopy__(self, memo: dict) -> "Module":
        for module in self._tree():
            module._push()
        copied = wrap(self._cpp.clone(), copy.deepcopy(self._recipe, memo))
        for old, new in zip(self._tree(), copied._tree()):
            memo[id(old)] = new
            for tensors, copies in ((old._parameters, new._parameters), (old._buffers, new._buffers)):
                for name, tensor in tensors.items():
                    if tensor is None:
                        copies[name] = None
                    elif id(tensor) in memo or name not in copies:  # shared with what was copied before, or Python's own
                        copies[name] = copy.deepcopy(tensor, memo)
                    else:
                        memo[id(tensor)] = copies[name]
            new._modules.update({name: copy.deepcopy(child, memo) for name, child in old._python_children().items()})
            new._cpp_hooks.update(old._cpp_hooks)  # C++ has copied the hooks themselves
            new.__dict__.update({key: copy.deepcopy(value, memo) for key, value in old.__dict__.items() if key not in _OWN})
        return copied

    def __reduce_ex__(self, protocol):
        if self._recipe is None:
            raise pickle.PicklingError(f"{self._cpp.type_name}: is a child of another C++ Module, expected that one to be pickled.")
        states = {}
        for path, module in self.named_modules():
            if isinstance(module, Module):
                state = {key: value for key, value in module.__dict__.items() if key not in _OWN}
                extra = module._cpp.get_extra_state() if module._cpp.has_extra_state else None
                tensors = dict(module._parameters), dict(module._buffers), module._python_children()
                states[path] = (*tensors, list(module._cpp_hooks.values()), extra, state)
        return _make, self._recipe, states

    def __setstate__(self, states: dict) -> None:
        for path, (parameters, buffers, children, hooks, extra, state) in states.items():
            module = self.get_submodule(path)
            module.__dict__.update(state)
            module._parameters.update(parameters)
            module._buffers.update(buffers)
            module._modules.update(children)
            for hook in hooks:
                module._add_hook(*hook)
            if module._cpp.has_extra_state:
                module._cpp.set_extra_state(extra)

    # Text

    def _get_name(self) -> str:
        return self._cpp.type_name

    def extra_repr(self) -> str:
        return self._cpp.extra_repr()

    def __repr__(self) -> str:
        return self._cpp.repr()


class _ModuleWithState(Module):
    """nn.Module looks at the class for extra state."""

    def get_extra_state(self) -> Any:
        return self._cpp.get_extra_state()

    def set_extra_state(self, state: Any) -> None:
        self._cpp.set_extra_state(state)


def _modules_in(value: Any) -> "Iterator[Module]":
    """The C++ Modules of an argument, which may be in lists, tuples and dicts."""
    if isinstance(value, Module):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _modules_in(item)
    elif isinstance(value, dict):
        yield from _modules_in(list(value.values()))


def push_all(value: Any) -> list[Module]:
    """Registers in C++ what Python has assigned to the Modules of a value and their descendants, and returns these."""
    tree = list(dict.fromkeys(module for root in _modules_in(value) for module in root._tree()))
    for module in tree:
        module._push()
    return tree


def wrap(cpp, recipe: tuple[str, dict] | None = None) -> Module:
    """The Python object of a C++ Module; there is at most one."""
    known = _wrappers.get(cpp.address)
    if known is not None:
        return known
    return (_ModuleWithState if cpp.has_extra_state else Module)(cpp, recipe)


def _make(name: str, settings: dict) -> Module:
    from ._registry import modules

    return modules.make(name, **settings)


binding.set_wrapper_function(wrap)
