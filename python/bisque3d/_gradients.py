"""Declared gradients for Python, like core/plugin/gradient.cpp for C++. The names in the two schemas are the declaration; see
core/plugin/gradient.h for the rules."""

import functools

import torch

_PREFIX = "grad_"
_NEED = "need_grad_"


def _op(name: str):
    namespace, op = name.split("::")
    return getattr(getattr(torch.ops, namespace), op).default


def _names(arguments) -> list[str]:
    return [argument.name for argument in arguments]


def _is_tensor(argument) -> bool:
    return str(argument.type) in ("Tensor", "Optional[Tensor]")


class _Plan:
    """The source of each argument of the backward op, and the argument whose gradient each result is."""

    def __init__(self, name: str, backward: str):
        self.forward, self.backward = _op(name), _op(backward)
        arguments, results = self.forward._schema.arguments, self.forward._schema.returns
        if not all(_is_tensor(result) for result in results):
            raise RuntimeError(f"{name}: expected all results to be tensors, as its gradient is declared.")
        self.names = _names(arguments)
        self.results = _names(results)
        self.sources = [self._source(name, backward, argument.name) for argument in self.backward._schema.arguments]
        self.targets = []
        for result in _names(self.backward._schema.returns):
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


class _Node(torch.autograd.Function):
    """An op in the graph. torch.library.register_autograd does the same, and takes most of the time of loading a library."""

    @staticmethod
    def forward(ctx, link, keys, named, *arguments):
        output = link.run(keys, arguments, named)
        ctx.link = link
        link.save(ctx, [*arguments, *(named.get(a.name, a.default_value) for a in link.op._schema.arguments[len(arguments) :])], output)
        return output

    @staticmethod
    def backward(ctx, *gradients):
        return None, None, None, *ctx.link.backward(ctx, ctx.needs_input_grad[3:], gradients)


class _Link:
    """The Autograd kernel of an op."""

    def __init__(self, name: str):
        self.op = _op(name)

    @functools.cached_property
    def node(self) -> type:
        """Named after the op, as grad_fn shows it."""
        return type("".join(word.capitalize() for word in self.op._schema.name.split("::")[1].split("_")), (_Node,), {})

    def run(self, keys, arguments, named):
        with torch._C._AutoDispatchBelowAutograd():
            return self.op.redispatch(keys & torch._C._after_autograd_keyset, *arguments, **named)

    def __call__(self, keys, *arguments, **named):
        if torch.is_grad_enabled() and torch._C._any_requires_grad(*arguments, **named):
            return self.node.apply(self, keys, named, *arguments)
        return self.run(keys, arguments, named)

    def register(self, library) -> None:
        library.impl(self.op._schema.name.split("::")[1], self, "Autograd", with_keyset=True)


class _ByOp(_Link):
    """The gradient is the backward op. Double backward uses the gradient of that op."""

    def __init__(self, name: str, backward: str):
        super().__init__(name)
        self.plan = _Plan(name, backward)

    def save(self, ctx, inputs, output):
        outputs = output if isinstance(output, tuple) else (output,)
        ctx.set_materialize_grads(False)  # else zeros are made for results that need none, such as indices
        ctx.mark_non_differentiable(*(outputs[i] for i in self.plan.constant))
        values = {"argument": inputs, "result": outputs}
        saved = [values[kind][i] if kind in values else None for kind, i in self.plan.sources]
        ctx.save_for_backward(*(value if isinstance(value, torch.Tensor) else None for value in saved))
        ctx.others = [None if isinstance(value, torch.Tensor) else value for value in saved]
        ctx.shapes = [(value.shape, value.dtype, value.device) for value in outputs]

    def backward(self, ctx, needs, gradients):
        plan = self.plan
        arguments = []
        for tensor, other, (kind, i) in zip(ctx.saved_tensors, ctx.others, plan.sources):
            if kind == "gradient":
                arguments.append(gradients[i] if gradients[i] is not None else self.zeros(ctx, i))
            elif kind == "need":  # trailing arguments that were not given have no need
                arguments.append(i < len(needs) and needs[i] and i in plan.targets)
            else:
                arguments.append(other if tensor is None else tensor)
        results = plan.backward(*arguments)
        results = results if isinstance(results, tuple) else (results,)
        at_inputs = [None] * len(needs)
        for target, result in zip(plan.targets, results):
            if target < len(needs) and needs[target]:
                at_inputs[target] = result
        return at_inputs

    @staticmethod
    def zeros(ctx, i):
        shape, dtype, device = ctx.shapes[i]
        return torch.zeros(shape, dtype=dtype, device=device)


class _NoSecond(_Link):
    """A backward op without a gradient."""

    def save(self, ctx, inputs, output):
        pass

    def backward(self, ctx, needs, gradients):
        raise RuntimeError(f"{self.op._schema.name} has no gradient: double backward is not supported.")


def link(name: str, backward: str, library):
    """Gives the op a gradient."""
    _ByOp(name, backward).register(library)


def link_composition(name: str, composed: str, library):
    """Gives the op the gradient of `composed`, which calls differentiable operators and runs if a gradient is required."""
    op, composed = _Link(name), _op(composed)

    def kernel(keys, *arguments):
        if torch.is_grad_enabled() and any(isinstance(value, torch.Tensor) and value.requires_grad for value in arguments):
            return composed(*arguments)
        return op.run(keys, arguments, {})

    library.impl(name.split("::")[1], kernel, "Autograd", with_keyset=True)


def link_no_second(backward: str, library):
    """Declares that the backward op has no gradient: double backward is an error."""
    _NoSecond(backward).register(library)


def link_none(name: str, library):
    """Declares that the op is not differentiable: its results silently have no gradient."""
    library.impl(name.split("::")[1], torch.library.fallthrough_kernel, "Autograd")
