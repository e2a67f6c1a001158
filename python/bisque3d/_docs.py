"""Docstrings of ops, from the doc block in the op's C++ header: they are written once."""

import contextlib
import inspect
import pathlib
import re
from collections.abc import Callable

from ._paths import headers

_PARENTS = ("ops3d", "core/ops")
_FUNCTION = re.compile(r"((?:^///.*\n)+)inline [^;{(]*\b(\w+)\(", re.M)
_OPTIONS = re.compile(r"^struct \w+Options {\n(.*?)^};", re.M | re.S)
_FIELD = re.compile(r"\s*[\w:<>]+ (\w+)(?: = ([^;]+))?;\s*(?://\s*(.*))?$")
_VALUES = {"true": "True", "false": "False", "std::nullopt": "None", "{}": "None", "": "None"}


def op_doc(name: str) -> Callable[[Callable], Callable]:
    """A decorator that gives a function the doc block of the op `bisque::NAME` that computes it, after the function's own docstring if it has one.

    >>> @op_doc("mesh_edges")
    ... def mesh_edges(verts, faces): ...
    >>> "returns" in mesh_edges.__doc__
    True
    """

    def document(function):
        own = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = (f"{own}\n\nThe op bisque::{name}:\n\n" if own else "") + doc_block(name)
        return function

    return document


def document(namespace: dict[str, object], **ops: str) -> None:
    """op_doc for the functions of a package, `globals()`: those that are called like an op, and those in `ops`, function="op"."""
    for name, function in namespace.items():
        if inspect.isfunction(function) and (name in ops or any(_path(parent, name).exists() for parent in _PARENTS)):
            op_doc(ops.get(name, name))(function)


def doc_block(name: str) -> str:
    """The doc block of an op in Python's terms: the text, then the options with their defaults. Raises ImportError if there is none."""
    header = _header_of(name)
    block = next((match[1] for match in _FUNCTION.finditer(header) if match[2] == name), None)
    if block is None:
        raise ImportError(f"bisque3d: the header of {name} has no doc block before its function; install the package again.")
    text = "\n".join(line.removeprefix("///").removeprefix(" ") for line in block.splitlines())
    return _in_python(text) + _options(header)


def _header_of(name: str) -> str:
    for parent in _PARENTS:
        with contextlib.suppress(FileNotFoundError):
            return _path(parent, name).read_text(encoding="utf-8")
    raise ImportError(f"bisque3d: {headers()} has no header of the op {name}; install the package again.")


def _path(parent: str, name: str) -> pathlib.Path:
    return headers() / parent / name / f"{name}.h"


def _in_python(text: str) -> str:
    text = re.sub(r"\bnone:", "None:", text)
    if "::" in text:
        text = re.sub(r"\w+::(?=k[A-Z])|\b(?:bisque|data)::", "", text)
        text = re.sub(r"\bat::", "torch.", text)
        text = re.sub(r"(?<=\w)::(?=\w)", ".", text)
    return re.sub(r"\bk([A-Z]\w+)", lambda match: f'"{match[1].lower()}"', text)  # enumerators are strings


def _options(header: str) -> str:
    """The fields of the struct of options as lines `name = default  comment`."""
    struct = _OPTIONS.search(header)
    if not struct:
        return ""
    rows, comment = [], []
    for line in struct[1].splitlines():
        field = _FIELD.match(line)
        if field:
            value = field[2] or ""
            rows.append([f"{field[1]} = {_in_python(_VALUES.get(value, value))}", [*comment, *filter(None, [field[3]])]])
            comment = []
        elif line.startswith("  //"):  # the comment of the next field
            comment.append(line.lstrip(" /"))
        elif line.lstrip().startswith("//"):  # continues that of the last one
            rows[-1][1].append(line.lstrip(" /"))
    width = max(len(row[0]) for row in rows)
    lines = [f"  {head:{width}}  {_in_python(' '.join(words))}".rstrip() for head, words in rows]
    return "\n\nOptions and their defaults:\n\n" + "\n".join(lines)
