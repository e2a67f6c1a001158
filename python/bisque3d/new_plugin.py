"""Writes the project of a plugin: an op with its gradient, its tests, a benchmark and a Python package.

    python -m bisque3d.new_plugin my_op [--module] [--no-cuda]

`bisque new-plugin` does the same (cli/new_plugin.cpp), from the same templates.
"""

import argparse
import importlib.util
import pathlib
import re
import sys

import torch

SCAFFOLD = pathlib.Path(__file__).with_name("scaffold")


def write_plugin(name: str, module: bool = False, cuda: bool = True, folder: str | pathlib.Path | None = None) -> pathlib.Path:
    """Writes the project of the plugin and op `name`, and returns its folder.

    Args:
        name: a C identifier that nothing else uses.
        module: with a C++ Module.
        cuda: with CUDA kernels.
        folder: where it is written; default: NAME in the current folder.

    Raises ValueError: a name that cannot be used, or a folder that exists.
    """
    folder = pathlib.Path(folder or name)
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,99}", name, re.ASCII):
        raise ValueError(f'the name "{name}" cannot be used, expected at most 100 letters, digits and "_", beginning with a letter.')
    if folder.exists() or folder.is_symlink():
        raise ValueError(f"{folder}: exists, expected a name that is free.")
    if _is_taken(name):
        raise ValueError(f'the name "{name}" is taken by C++, Python, CMake, torch or a plugin, expected another.')
    for template in sorted(SCAFFOLD.rglob("*.in")):
        text = _rendered(template.read_text(), name, {"@if cuda@": cuda, "@if module@": module})
        if text:
            path = folder / _with_names(str(template.relative_to(SCAFFOLD).with_suffix("")), name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def _is_taken(name: str) -> bool:
    lines = (SCAFFOLD / "reserved_names.txt").read_text().splitlines()
    reserved = {word for line in lines if not line.startswith("#") for word in line.split()}
    namespaces = {op.split("::")[0] for op in torch._C._dispatch_get_all_op_names()}
    return name in reserved | namespaces or importlib.util.find_spec(name) is not None


def _rendered(text: str, name: str, parts: dict[str, bool]) -> str:
    """A template's lines between `@if cuda@` or `@if module@` and `@end@` are kept if the plugin has that part."""
    result, keeps = [], True
    for line in text.splitlines():
        if line in parts:
            keeps = parts[line]
        elif line == "@end@":
            keeps = True
        elif keeps:
            result.append(_with_names(line, name) + "\n")
    return "".join(result)


def _with_names(text: str, name: str) -> str:
    class_name = "".join(word[0].upper() + word[1:] for word in name.split("_") if word)
    return text.replace("@NAME@", name).replace("@CLASS@", class_name).replace("@UPPER@", name.upper())


def main(arguments: list[str] | None = None) -> int:
    """The command; `arguments` are those of the program by default. Returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m bisque3d.new_plugin", description="Writes a project with an op, its tests and a benchmark.")
    parser.add_argument("name", help="the name of the plugin and its op, a C identifier")
    parser.add_argument("--module", action="store_true", help="with a C++ Module")
    parser.add_argument("--no-cuda", action="store_true", help="without CUDA kernels")
    options = parser.parse_args(arguments)
    try:
        folder = write_plugin(options.name, options.module, not options.no_cuda)
    except ValueError as error:
        print(f"bisque3d.new_plugin: {error}", file=sys.stderr)
        return 1
    print(f"{folder} is a plugin now; build and test it there:")
    print("  cmake -B build -DCMAKE_PREFIX_PATH=PREFIX && cmake --build build\n  ctest --test-dir build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
