"""Declared gradients for Python, like core/plugin/gradient.cpp for C++. The names in the two schemas are the declaration; see
core/plugin/gradient.h for the rules."""

import functools

import torch

_PREFIX = "grad_"
_NEED = "need_grad_"


def _op(name: str):
    namespace, op = name.split("::")
    return getattr(getattr(torch.ops, namespace), op).default


def _schema(name: str):
    return torch._C._get_schema(name, "")


def _names(arguments) -> list[str]:
    return [argument.name for argument in arguments]


def _is_tensor(argument) -> bool:
    return str(argument.type) in ("Tensor", "Optional[Tensor]")


class _Plan:
    """The source of each argument of the backward op, and the argument whose gradient each result is."""

    def __init__(self, name: str, backward: str):
        self.name, self.backward = name, backward
        schema, backward_schema = _schema(name), _schema(backward)
        arguments, results = schema.arguments, schema.returns
        self.defaults = [argument.default_value for argument in arguments]
        if not all(_is_tensor(result) for result in results):
            raise RuntimeError(f"{name}: expected all results to be tensors, as its gradient is declared.")
        self.names = _names(arguments)
        self.results = _names(results)
        self.sources = [self._source(name, backward, argument.name) for argument in backward_schema.arguments]
        self.targets = []
        for result in _names(backward_schema.returns):
            target = (result or "").removeprefix(_PREFIX)
            if result == target or target not in self.names or not _is_tensor(arguments[self.names.index(target)]):
                raise RuntimeError(
                    f"{backward}: the result {result or 'without a name'} is not a gradient of {name}, expected grad_ARGUMENT of a tensor argument."
                )
            self.targets.append(self.names.index(target))
        self.constant = [i for i in range(len(results)) if ("gradient", i) not in self.sources]

    def _source(self, name, backward, argument):
        if argument.startswith(_PREFIX) and argument[len(_PREFIX) :] in self.results:
            return "gradient", self.results.index(argument[len(_PREFIX) :])
        if argument.startswith(_NEED) and argument[len(_NEED) :] in self.names:
            return "need", self.names.index(argument[len(_NEED) :])
        if argument in self.names:
            return "argument", self.names.index(argument)
        if argument in self.results:
            return "result", self.results.index(argument)
        raise RuntimeError(
            f"{backward}: the argument {argument} refers to nothing in {name}, expected an argument or a result of it, grad_RESULT or need_grad_ARGUMENT."
        )


def link(name: str, backward: str, library):
    """Gives the op a gradient. Double backward uses the gradient of the backward op."""
    plan = _Plan(name, backward)
    _register_autograd(name, functools.cache(lambda: _function_of(plan)), library)


def _register_autograd(name: str, function, library):
    """Like torch.library.register_autograd, which takes a millisecond per op: `function` makes the autograd.Function when a gradient is first required."""

    def kernel(keys, *arguments):
        if torch.is_grad_enabled() and any(_requires_grad(value) for value in arguments):
            return function().apply(keys, *arguments)
        return _below_autograd(name, keys, arguments)

    library.impl(name.split("::")[1], kernel, "Autograd", with_keyset=True)


def _requires_grad(value) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_requires_grad(part) for part in value)
    return isinstance(value, torch.Tensor) and value.requires_grad


def _below_autograd(name: str, keys, arguments):
    with torch._C._AutoDispatchBelowAutograd():
        return _op(name).redispatch(keys & torch._C._after_autograd_keyset, *arguments)


def _function_of(plan: _Plan) -> type[torch.autograd.Function]:
    def forward(ctx, keys, *inputs):
        output = _below_autograd(plan.name, keys, inputs)
        outputs = output if isinstance(output, tuple) else (output,)
        ctx.set_materialize_grads(False)  # else zeros are made for results that need none, such as indices
        inputs += tuple(plan.defaults[len(inputs) :])
        ctx.mark_non_differentiable(*(outputs[i] for i in plan.constant))
        values = {"argument": inputs, "result": outputs}
        saved = [values[kind][i] if kind in values else None for kind, i in plan.sources]
        ctx.save_for_backward(*(value if isinstance(value, torch.Tensor) else None for value in saved))
        ctx.others = [None if isinstance(value, torch.Tensor) else value for value in saved]
        ctx.shapes = [(value.shape, value.dtype, value.device) for value in outputs]
        return output

    def zeros(ctx, i):
        shape, dtype, device = ctx.shapes[i]
        return torch.zeros(shape, dtype=dtype, device=device)

    def backward(ctx, *gradients):
        needs = ctx.needs_input_grad[1:]  # for the given arguments: trailing defaults are not included
        arguments = []
        for tensor, other, (kind, i) in zip(ctx.saved_tensors, ctx.others, plan.sources):
            if kind == "gradient":
                arguments.append(gradients[i] if gradients[i] is not None else zeros(ctx, i))
            elif kind == "need":
                arguments.append(i < len(needs) and needs[i] and i in plan.targets)
            else:
                arguments.append(other if tensor is None else tensor)
        results = _op(plan.backward)(*arguments)
        results = results if isinstance(results, tuple) else (results,)
        at_inputs = [None] * len(needs)
        for target, result in zip(plan.targets, results):
            if target < len(needs) and needs[target]:
                at_inputs[target] = result
        return (None, *at_inputs)

    return _autograd_function(plan.name, forward, backward)


def _autograd_function(name: str, forward, backward) -> type[torch.autograd.Function]:
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(name.replace("::", "_"), (torch.autograd.Function,), methods)


def link_composition(name: str, composed: str, library):
    """Gives the op the gradient of `composed`, which calls differentiable operators and runs if a gradient is required."""

    def kernel(keys, *arguments):
        if torch.is_grad_enabled() and any(_requires_grad(value) for value in arguments):
            return _op(composed)(*arguments)
        return _below_autograd(name, keys, arguments)

    library.impl(name.split("::")[1], kernel, "Autograd", with_keyset=True)


def link_no_second(backward: str, library):
    """Declares that the backward op has no gradient: double backward is an error."""

    def forward(ctx, keys, *inputs):
        return _below_autograd(backward, keys, inputs)

    def no_second(ctx, *gradients):
        raise RuntimeError(f"{backward} has no gradient: double backward is not supported.")

    _register_autograd(backward, functools.cache(lambda: _autograd_function(backward, forward, no_second)), library)


def link_none(name: str, library):
    """Declares that the op is not differentiable: its results silently have no gradient."""
    library.impl(name.split("::")[1], torch.library.fallthrough_kernel, "Autograd")
