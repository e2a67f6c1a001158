"""The cases of tests/core/nn/parity/tree.cpp with torch.nn."""

import collections

import torch
from parity_modules import Act, Affine, Net
from torch import nn


def reprs():
    edited = nn.Sequential(Affine(1, 1), Act(), Affine(2, 2))
    edited.insert(1, Affine(5, 5))
    edited.pop(0)
    edited[-1] = Act()
    modules = nn.ModuleList([Act(), Affine(1, 1), Act()])
    modules.insert(1, Act())
    modules.pop(-1)
    modules.append(Act())
    nested = nn.ModuleList([nn.Sequential(Act(), Affine(1, n)) for n in (2, 2, 3)])
    named = nn.Sequential(collections.OrderedDict([("fc", Affine(1, 1)), ("act", Act()), ("none", None)]))
    return {
        "net": repr(Net()),
        "edited": repr(edited),
        "list": repr(modules),
        "nested": repr(nested),
        "named": repr(named),
        "empty list": repr(nn.ModuleList()),
        "empty sequential": repr(nn.Sequential()),
    }


def named():
    def names(entries):
        return [name for name, _ in entries]

    net = Net()
    twice = {"prefix": "p", "remove_duplicate": False}
    return {
        "parameters": names(net.named_parameters()),
        "parameters twice": names(net.named_parameters(**twice)),
        "parameters here": names(net.named_parameters(recurse=False)),
        "buffers": names(net.named_buffers()),
        "buffers twice": names(net.named_buffers(**twice)),
        "modules": names(net.named_modules()),
        "modules twice": names(net.named_modules(**twice)),
        "children": names(net.named_children()),
    }


def apply_order():
    order = []
    Net().apply(lambda module: order.append(type(module).__name__))
    return order


def errors():
    net = Net()
    t = nn.Parameter(torch.ones(1))
    meta = Net().to("meta")
    actions = {
        "parameter dot": lambda: net.register_parameter("a.b", t),
        "parameter empty": lambda: net.register_parameter("", t),
        "parameter over child": lambda: net.register_parameter("a", t),
        "parameter over parameter": lambda: net.register_parameter("w", t),
        "parameter of integers": lambda: nn.Parameter(torch.ones(1, dtype=torch.int64)),
        "buffer dot": lambda: net.register_buffer("a.b", t),
        "buffer empty": lambda: net.register_buffer("", t),
        "buffer over parameter": lambda: net.register_buffer("w", t),
        "module dot": lambda: net.register_module("a.b", Act()),
        "module empty": lambda: net.register_module("", Act()),
        "module over parameter": lambda: net.register_module("w", Act()),
        "submodule missing": lambda: net.get_submodule("a.nothing"),
        "submodule of a parameter": lambda: net.get_submodule("w"),
        "submodule that is None": lambda: net.get_submodule("a.shortcut"),
        "parameter missing": lambda: net.get_parameter("a.fc.nothing"),
        "parameter that is a buffer": lambda: net.get_parameter("a.scale"),
        "buffer missing": lambda: net.get_buffer("a.nothing"),
        "buffer that is a parameter": lambda: net.get_buffer("w"),
        "delete missing": lambda: delattr(net, "nothing"),
        "sequential index": lambda: nn.Sequential(Act())[1],
        "sequential insert": lambda: nn.Sequential(Act()).insert(3, Act()),
        "list index": lambda: nn.ModuleList([Act()])[-2],
        "parameter list index": lambda: nn.ParameterList([torch.ones(1)])[1],
        "to integers": lambda: net.to(torch.int64),
        "to from meta": lambda: meta.to("cpu"),
    }
    messages = {}
    for name, action in actions.items():
        try:
            action()
            messages[name] = None
        except (AttributeError, KeyError, IndexError, TypeError, RuntimeError, NotImplementedError) as error:
            messages[name] = str(error.args[0])
    return messages
