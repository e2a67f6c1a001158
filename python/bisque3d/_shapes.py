"""Declared shapes for symbolic sizes (torch.compile, torch.export), which the stable ABI does not support.

    p1 [N, P, D], p2 [N, Q, D] -> dists [N, P, K], idx int64 [N, P, K]

Arguments with their sizes appear to the left of the arrow, all results to the right: a name, a dtype unless it is that of the first of
these arguments, and sizes. A size is a number, a name (bound at its first use, or an int argument of the op), or arithmetic of these with
+ - * // and (); `*NAME` is a data-dependent size. `numel(x)` and `size(x, 1)` are sizes of an argument. `[a] if FLAG else [b]` selects by a
bool argument, for arguments and results. An argument `x [...]` has any sizes, and so has a result `y [...]`, which is contiguous; `y as x` has the sizes and the dtype of
x, and its memory format if that is contiguous or channels last.
"""

import ast
import functools
import operator
import re

import torch
from torch._subclasses.fake_tensor import FakeTensor

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv}


def twin_of(op: str) -> str:
    """The op that holds the Meta kernel of a library."""
    namespace, name = op.split("::")
    return f"{namespace}_meta::{name}"


def _split(text: str) -> list[str]:
    """The parts between commas outside brackets."""
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
        words = text.split()
        self.like = words[2] if words[1:2] == ["as"] and len(words) > 2 else None
        if self.like:  # "y as x if FLAG else [0]"
            self.name, self.dtype = words[0], None
            self.sizes = ast.parse(f"[...] {' '.join(words[3:])}", mode="eval").body
            return
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


def _is_any(node) -> bool:
    return isinstance(node, ast.List) and len(node.elts) == 1 and isinstance(node.elts[0], ast.Constant) and node.elts[0].value is ...


def _like(tensor: torch.Tensor) -> torch.Tensor:
    """Like new_dense of core/ops/norm/norm_glue.h, and unlike preserve_format, which keeps any permutation."""
    for dims, memory_format in ((4, torch.channels_last), (5, torch.channels_last_3d)):
        if tensor.dim() == dims and not tensor.is_contiguous() and tensor.is_contiguous(memory_format=memory_format):
            return torch.empty_like(tensor, memory_format=memory_format)
    return tensor.new_empty(tensor.shape)


class _Sizes:
    """Evaluates sizes from the values of names."""

    def __init__(self, op: str, values: dict):
        self.op, self.new = op, {}
        self.tensors = {name: value for name, value in values.items() if isinstance(value, torch.Tensor)}
        self.values = {name: value for name, value in values.items() if name not in self.tensors}

    def result_of(self, shape, first: torch.Tensor) -> torch.Tensor:
        node = self.chosen(shape.sizes)
        if shape.like and _is_any(node):
            return _like(self.tensors[shape.like])
        return first.new_empty(self.list_of(node), dtype=shape.dtype or first.dtype)

    def chosen(self, node):
        while isinstance(node, ast.IfExp):
            node = node.body if self.value(node.test) else node.orelse
        return node

    def list_of(self, node) -> list:
        if _is_any(node):
            return self.values[...]
        return [self._data_dependent(size) if isinstance(size, ast.Starred) else self.value(size) for size in node.elts]

    def value(self, node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and node.id in self.values:
            return self.values[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.value(node.left), self.value(node.right))
        if isinstance(node, ast.Call) and node.func.id in ("numel", "size") and node.args[0].id in self.tensors:
            tensor = self.tensors[node.args[0].id]
            return tensor.numel() if node.func.id == "numel" else tensor.shape[self.value(node.args[1])]
        raise RuntimeError(f"{self.op}: the size {ast.unparse(node)} of its shape declaration is bound to nothing.")

    def _data_dependent(self, node):
        name = node.value.id
        if name not in self.new:
            self.new[name] = torch.library.get_ctx().new_dynamic_size()
        return self.new[name]

    def bind(self, shape: _Shape, tensor: torch.Tensor):
        if _is_any(shape.sizes):
            self.values[...] = tensor.shape
            return
        chosen = self.chosen(shape.sizes)
        sizes = chosen.elts
        expected = f"{self.op}: expected {shape.name} to have shape {ast.unparse(chosen)}, but got {list(tensor.shape)}"
        torch._check(tensor.dim() == len(sizes), lambda: expected)
        later = []
        for node, size in zip(sizes, tensor.shape):
            if isinstance(node, ast.Name) and node.id not in self.values:
                self.values[node.id] = size
            else:
                later.append((node, size))
        for node, size in later:
            torch._check(self.value(node) == size, lambda: expected)


def is_data_dependent(declaration: str) -> bool:
    """Whether the size of a result depends on values: `[*V]`."""
    return bool(re.search(r"[\[,]\s*\*", declaration.partition("->")[2]))


def fake_of(op: str, declaration: str):
    """The Meta kernel, which also computes the sizes of fake tensors."""
    left, arrow, right = declaration.partition("->")
    if not arrow:
        raise RuntimeError(f"{op}: the shape declaration {declaration!r} is expected to have an arrow.")
    parsed = functools.cache(lambda: ([_Shape(op, text) for text in _split(left)], [_Shape(op, text) for text in _split(right)]))
    short = op.split("::")[1]
    needs_data = is_data_dependent(declaration)

    def fake(*given, **named):
        schema = _op(op)._schema
        values = {argument.name: argument.default_value for argument in schema.arguments if argument.has_default_value()}
        values |= {argument.name: value for argument, value in zip(schema.arguments, given)} | named
        tensors = [value for value in values.values() if isinstance(value, torch.Tensor)]
        symbolic = any(isinstance(size, torch.SymInt) for tensor in tensors for size in (*tensor.shape, *values.values()))
        if not symbolic and not (needs_data and any(isinstance(tensor, FakeTensor) for tensor in tensors)):
            return _op(twin_of(op))(*given, **named)
        arguments, results = parsed()
        sizes = _Sizes(short, values)
        for shape in arguments:
            if isinstance(values.get(shape.name), torch.Tensor):
                sizes.bind(shape, values[shape.name])
        given_tensors = (values.get(shape.name) for shape in arguments)
        first = next((value for value in given_tensors if isinstance(value, torch.Tensor)), tensors[0])
        made = [sizes.result_of(shape, first) for shape in results]
        return made[0] if len(made) == 1 else tuple(made) or None

    return fake


def _op(name: str):
    namespace, op = name.split("::")
    return getattr(getattr(torch.ops, namespace), op).default
