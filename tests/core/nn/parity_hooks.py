"""The cases of tests/core/nn/parity/hooks.cpp with torch.nn."""

import torch
from parity_modules import Doubled, Failing, Traced
from torch import nn
from torch.nn.modules import module as global_hooks


def text(value):
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor | float):
        return str(int(value))
    return " ".join(text(item) for item in value)


def log_hooks(module, log, tag, prepend=False):
    module.register_forward_pre_hook(lambda m, args: log.append(f"{tag} pre: {text(args)}"), prepend=prepend)
    module.register_forward_hook(lambda m, args, output: log.append(f"{tag} forward: {text(args)} -> {text(output)}"), prepend=prepend)
    module.register_full_backward_pre_hook(lambda m, grads: log.append(f"{tag} backward pre: {text(grads)}"), prepend=prepend)
    module.register_full_backward_hook(
        lambda m, inputs, outputs: log.append(f"{tag} backward: {text(inputs)} <- {text(outputs)}"), prepend=prepend
    )


def number(value, requires_grad=True):
    return torch.full((1,), float(value), requires_grad=requires_grad)


def grad(tensor):
    return f"grad: {text(tensor.grad)}"


def order():
    module = Traced()
    log = []
    log_hooks(module, log, "first")
    log_hooks(module, log, "second")
    log_hooks(module, log, "prepended", True)
    handles = [
        global_hooks.register_module_forward_pre_hook(lambda m, args: log.append(f"global pre: {text(args)}")),
        global_hooks.register_module_forward_hook(
            lambda m, args, output: log.append(f"global forward: {text(args)} -> {text(output)}")
        ),
        global_hooks.register_module_full_backward_pre_hook(lambda m, grads: log.append(f"global backward pre: {text(grads)}")),
        global_hooks.register_module_full_backward_hook(
            lambda m, inputs, outputs: log.append(f"global backward: {text(inputs)} <- {text(outputs)}")
        ),
    ]
    x, y = number(3), number(5)
    a, b = module(x, y)
    (a * 7 + b * 11).sum().backward()
    log += [grad(x), grad(y), grad(module.w)]
    for handle in handles:
        handle.remove()
    module(x, y)
    return log


def gradients_that_are_none():
    results = {}
    for inputs in (0, 1, 2, 3):
        for outputs in (1, 2, 3):
            module = Traced()
            log = []
            log_hooks(module, log, "hook")
            x, y = number(3, bool(inputs & 1)), number(5, bool(inputs & 2))
            a, b = module(x, y)
            loss = torch.zeros(1)
            if outputs & 1:
                loss = loss + a * 7
            if outputs & 2:
                loss = loss + b * 11
            if loss.requires_grad:
                loss.sum().backward()
            log += [grad(x), grad(y), grad(module.w)]
            results[f"{inputs}{outputs}"] = log
    return results


def replaced():
    module = Traced()
    log = []
    module.register_forward_pre_hook(lambda m, args: (args[0] + 1, args[1]))
    log_hooks(module, log, "hook")
    module.register_forward_hook(lambda m, args, output: (output[0] * 2, output[1]))
    module.register_full_backward_pre_hook(lambda m, grads: (grads[0] + 100, grads[1]))
    module.register_full_backward_hook(lambda m, inputs, outputs: (inputs[0] + 1000, None))
    log_hooks(module, log, "after")
    x, y = number(3), number(5)
    a, b = module(x, y)
    log.append(f"result: {text(a)} {text(b)}")
    (a + b).sum().backward()
    log += [grad(x), grad(y), grad(module.w)]
    return log


def one_tensor_and_twice():
    module = Doubled()
    log = []
    log_hooks(module, log, "hook")
    x = number(3)
    y = module(x)
    loss = (y * y).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    log.append(grad(x))
    with torch.no_grad():
        module(x)
    return log


def keywords():
    class Scaled(nn.Module):
        def forward(self, x, scale):
            return x * scale

    module = Scaled()
    log = []

    def pre(m, args, kwargs):
        log.append(f"pre: {text(args)} scale={text(kwargs['scale'])}")
        return (args[0] + 1,), {"scale": 4.0}

    module.register_forward_pre_hook(pre, with_kwargs=True)
    module.register_forward_pre_hook(lambda m, args: log.append(f"pre without: {text(args)}"))
    module.register_forward_hook(
        lambda m, args, kwargs, output: log.append(f"forward: {text(args)} scale={text(kwargs['scale'])} -> {text(output)}"),
        with_kwargs=True,
    )
    log.append(f"result: {text(module(number(3), scale=2.0))}")
    return log


def always_called():
    module = Failing()
    log = []

    def on_forward(tag):
        return lambda m, args, output: log.append(f"{tag}: {text(output)}")

    def fails(m, args, output):
        raise RuntimeError("in a hook")

    module.register_forward_hook(on_forward("plain"))
    module.register_forward_hook(on_forward("always"), always_call=True)
    handle = global_hooks.register_module_forward_hook(on_forward("global always"), always_call=True)
    try:
        module(number(1))
    except RuntimeError as error:
        log.append(str(error))
    works = Doubled()
    works.register_forward_hook(on_forward("always"), always_call=True)
    works.register_forward_hook(fails)
    works.register_forward_hook(on_forward("late always"), always_call=True)
    try:
        works(number(1))
    except RuntimeError as error:
        log.append(str(error))
    handle.remove()
    return log


def hook_errors():
    def try_to(add, requires_grad):
        module = Traced()
        add(module)
        try:
            a, b = module(number(3, requires_grad), number(5, requires_grad))
            (a + b).sum().backward()
        except RuntimeError as error:
            return str(error)
        return None

    return {
        "grad_input count": try_to(lambda m: m.register_full_backward_hook(lambda *_: (torch.ones(1),)), True),
        "grad_output count": try_to(lambda m: m.register_full_backward_pre_hook(lambda *_: (None,) * 3), True),
        "no input requires gradients": try_to(lambda m: m.register_full_backward_hook(lambda *_: (torch.ones(1), None)), False),
    }


def nested():
    net = nn.Sequential(Doubled(), nn.Sequential(Doubled(), Doubled()), Doubled())
    log = []
    for name, module in net.named_modules():
        log_hooks(module, log, name)
    x = number(1)
    net(x).sum().backward()
    log.append(grad(x))
    return log
