"""What golden cases call in the Python package: each module here holds kinds of cases, functions that give the results of a case by name.
A second way to the same results is a function KIND__WAY."""

import importlib
import pkgutil
import re

KINDS = {}


def golden_kind(function):
    """Registers the function for the cases of its name."""
    KINDS.setdefault(function.__name__.partition("__")[0], []).append(function)
    return function


def kinds_of(path):
    """The functions for this file's case."""
    return KINDS.get(re.sub(r"_\d+$", "", path.stem), [])


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
