"""Shapes by declaration, where sizes are symbols (torch.compile, torch.export): the stable ABI knows no symbolic sizes.

    p1 [N, P, D], p2 [N, Q, D] -> dists [N, P, K], idx int64 [N, P, K]

Left of the arrow stand arguments with their sizes, right of it all results: a name, a dtype where it is not that of the first tensor
argument, and sizes. A size is a number, a name (bound where it first stands, or an int argument of the op), or arithmetic of these with
+ - * //; `*NAME` is a size that only data can tell. `[...] if FLAG else [...]` chooses by a bool argument.
"""

import ast
import operator

import torch
from torch._subclasses.fake_tensor import FakeTensor

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv}


def twin_of(op: str) -> str:
    """The op that holds the Meta kernel of a library."""
    namespace, name = op.split("::")
    return f"{namespace}_meta::{name}"


def _split(text: str) -> list[str]:
    """The parts between commas that are in no brackets."""
    parts, depth = [""], 0
    for c in text:
        depth += (c == "[") - (c == "]")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts if part.strip()]


class _Shape:
    """`name [dtype] sizes`, parsed."""

    def __init__(self, op: str, text: str):
        head, bracket, _ = text.partition("[")
        words = head.split()
        if not bracket or not 1 <= len(words) <= 2:
            raise RuntimeError(f"{op}: the shape {text!r} is expected to be NAME [SIZES] or NAME DTYPE [SIZES].")
        self.name = words[0]
        self.dtype = getattr(torch, words[1]) if len(words) == 2 else None
        try:
            self.sizes = ast.parse(text[len(head) :], mode="eval").body
        except SyntaxError:
            raise RuntimeError(f"{op}: the sizes of {text!r} are expected to be a list.") from None


class _Sizes:
    """Evaluates sizes out of what names are bound to."""

    def __init__(self, op: str, values: dict):
        self.op, self.values, self.new = op, values, {}

    def list_of(self, node) -> list:
        if isinstance(node, ast.IfExp):
            return self.list_of(node.body if self.value(node.test) else node.orelse)
        return [self._data_dependent(size) if isinstance(size, ast.Starred) else self.value(size) for size in node.elts]

    def value(self, node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and node.id in self.values:
            return self.values[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.value(node.left), self.value(node.right))
        raise RuntimeError(f"{self.op}: the size {ast.unparse(node)} of its shape declaration is bound to nothing.")

    def _data_dependent(self, node):
        name = node.value.id
        if name not in self.new:
            self.new[name] = torch.library.get_ctx().new_dynamic_size()
        return self.new[name]

    def bind(self, shape: _Shape, tensor: torch.Tensor):
        sizes = shape.sizes.elts
        expected = f"{self.op}: expected {shape.name} to have shape {ast.unparse(shape.sizes)}, but got {list(tensor.shape)}"
        torch._check(tensor.dim() == len(sizes), lambda: expected)
        later = []
        for node, size in zip(sizes, tensor.shape):
            if isinstance(node, ast.Name) and node.id not in self.values:
                self.values[node.id] = size
            else:
                later.append((node, size))
        for node, size in later:
            torch._check(self.value(node) == size, lambda: expected)


def fake_of(op: str, declaration: str):
    """The function for torch.library.register_fake."""
    left, arrow, right = declaration.partition("->")
    if not arrow:
        raise RuntimeError(f"{op}: the shape declaration {declaration!r} is expected to have an arrow.")
    arguments = [_Shape(op, text) for text in _split(left)]
    results = [_Shape(op, text) for text in _split(right)]
    short = op.split("::")[1]
    needs_data = any(isinstance(size, ast.Starred) for shape in results for size in getattr(shape.sizes, "elts", []))

    def fake(*given, **named):
        schema = _op(op)._schema
        values = {argument.name: argument.default_value for argument in schema.arguments if argument.has_default_value()}
        values |= {argument.name: value for argument, value in zip(schema.arguments, given)} | named
        tensors = [value for value in values.values() if isinstance(value, torch.Tensor)]
        symbolic = any(isinstance(size, torch.SymInt) for tensor in tensors for size in (*tensor.shape, *values.values()))
        if not symbolic and not (needs_data and any(isinstance(tensor, FakeTensor) for tensor in tensors)):
            return _op(twin_of(op))(*given, **named)
        sizes = _Sizes(short, {name: value for name, value in values.items() if not isinstance(value, torch.Tensor)})
        for shape in arguments:
            if isinstance(values.get(shape.name), torch.Tensor):
                sizes.bind(shape, values[shape.name])
        made = [tensors[0].new_empty(sizes.list_of(shape.sizes), dtype=shape.dtype or tensors[0].dtype) for shape in results]
        return made[0] if len(made) == 1 else tuple(made)

    return fake


def _op(name: str):
    namespace, op = name.split("::")
    return getattr(getattr(torch.ops, namespace), op).default
