"""What golden cases call in the Python package: each module here holds kinds of cases, functions that give the results of a case by name."""

import importlib
import pkgutil
import re

KINDS = {}


def golden_kind(function):
    """Registers the function for the cases of its name."""
    KINDS[function.__name__] = function
    return function


def kind_of(path):
    """The function for this file's case, or None."""
    return KINDS.get(re.sub(r"_\d+$", "", path.stem))


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
