"""The ops that read and write files of faces, in a library of their own, which is loaded when it is first needed."""

import types
import warnings

import torch

from .._ops import load_built_in

load_built_in("bisque_face_ops", "renderer")
ops = torch.ops.bisque


def results_of(op, *arguments) -> types.SimpleNamespace:
    """The results of an op by their names."""
    return types.SimpleNamespace(**{result.name: value for result, value in zip(op.default._schema.returns, op(*arguments))})


def warn_of(path: str, sentences: list[str]) -> None:
    """What a reader repaired or left out, for the caller of a public function."""
    for sentence in sentences:
        warnings.warn(f"{path}: {sentence}", stacklevel=3)
