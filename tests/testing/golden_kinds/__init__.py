"""What golden cases call: each module here holds kinds of cases, functions that give the results of a case by name."""

import importlib
import pathlib
import pkgutil
import re

RTOL, ATOL = 1e-4, 1e-5
KINDS = {}
ON_CPU_ONLY = set()


class Mismatch(Exception):
    pass


def golden_kind(on_cpu_only: bool = False):
    """Registers the function for the cases of its name. `on_cpu_only`: it calls ATen's kernels, which softgpu cannot run."""

    def register(function):
        KINDS[function.__name__] = function
        if on_cpu_only:
            ON_CPU_ONLY.add(function.__name__)
        return function

    return register


def kind_of(path: pathlib.Path, device: str = "cpu"):
    """The function for this file's case; None for a kind that does not exist, or not on this device."""
    name = re.sub(r"_\d+$", "", path.stem)
    return None if device == "cuda" and name in ON_CPU_ONLY else KINDS.get(name)


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
