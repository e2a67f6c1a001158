"""Which of PyTorch3D's public names exist here: `python -m bisque3d.compat [--missing] [MODULE]`."""

import argparse
import importlib
from typing import Iterator, NamedTuple

from ._pytorch3d_names import NAMES
from .renderer.points.pulsar import _Absent

# Why names do not exist, by the module or name that they begin with.
_REASONS = {
    "datasets": "no datasets; load files with bisque3d.io",
    "implicitron": "no Implicitron",
    "ops.marching_cubes.Cube": "internal to PyTorch3D's marching cubes",
    "ops.marching_cubes.EPS": "internal to PyTorch3D's marching cubes",
    "ops.marching_cubes.polygonise": "internal to PyTorch3D's marching cubes",
    "ops.marching_cubes_data": "internal to PyTorch3D's marching cubes",
    "renderer.PulsarPointsRenderer": "no renderer of spheres; use PointsRenderer",
    "renderer.opengl": "no OpenGL; MeshRasterizer runs on the CPU and CUDA",
    "renderer.points.PulsarPointsRenderer": "no renderer of spheres; use PointsRenderer",
    "renderer.points.pulsar": "no renderer of spheres; use PointsRenderer",
}


class Name(NamedTuple):
    """A public name of PyTorch3D: its path without `pytorch3d.`, whether it exists here, and a note: why not, or the package that it needs."""

    path: str
    exists: bool
    note: str = ""


def names(module: str = "") -> Iterator[Name]:
    """PyTorch3D's public names, of all modules or of one and those in it.

    >>> [name.exists for name in names("loss.chamfer")]
    [True]
    """
    for owner, attributes in NAMES.items():
        if f"{owner}.".startswith(f"{module}." if module else ""):
            for attribute in attributes:
                yield _found(owner, attribute)


def _found(owner: str, attribute: str) -> Name:
    path = f"{owner}.{attribute}".lstrip(".")
    try:
        if owner == "":
            importlib.import_module(f"bisque3d.{attribute}")
        else:
            value = getattr(importlib.import_module(f"bisque3d.{owner}"), attribute)
            if isinstance(value, type) and issubclass(value, _Absent):
                raise AttributeError(path)
        return Name(path, True)
    except ImportError as error:
        if error.name == "plotly":
            return Name(path, True, "needs plotly")
    except AttributeError:
        pass
    reason = next((reason for start, reason in _REASONS.items() if f"{path}.".startswith(f"{start}.")), "")
    return Name(path, False, reason)


def main(arguments: list[str] | None = None) -> None:
    """Prints one line per name, `bisque3d.PATH yes` or `no`, and how many exist."""
    parser = argparse.ArgumentParser(prog="python -m bisque3d.compat", description="Lists PyTorch3D's public names, and whether each exists in bisque3d.")
    parser.add_argument("module", nargs="?", default="", metavar="MODULE", help="only the names of a module and of those in it, such as renderer.mesh")
    parser.add_argument("--missing", action="store_true", help="only names that do not exist")
    options = parser.parse_args(arguments)
    module = options.module.removeprefix("pytorch3d").removeprefix("bisque3d").lstrip(".")
    found = list(names(module))
    if not found:
        parser.error(f"PyTorch3D has no module {options.module}")
    shown = [name for name in found if not (options.missing and name.exists)]
    width = max((len(name.path) for name in shown), default=0)
    for name in shown:
        print(f"bisque3d.{name.path:{width}}  {'yes' if name.exists else 'no'}{f'  ({name.note})' if name.note else ''}")
    print(f"{sum(name.exists for name in found)} of {len(found)} names exist.")


if __name__ == "__main__":
    main()
