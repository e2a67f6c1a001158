"""Every public name of the Python package has a docstring, and a doctest or a test that mentions it. Every doctest runs."""

import doctest
import importlib
import inspect
import pathlib
import pkgutil
import re

import bisque3d
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTIONAL = {"bisque3d.vis.plotly_vis": "plotly"}


def is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def modules() -> list[str]:
    found = ["bisque3d", *(module.name for module in pkgutil.walk_packages(bisque3d.__path__, "bisque3d."))]
    return [name for name in found if is_public(name.removeprefix("bisque3d.")) and not name.startswith("bisque3d.testing")]


def imported(name: str):
    if name in OPTIONAL:
        pytest.importorskip(OPTIONAL[name])
    return importlib.import_module(name)


def public_objects(module) -> dict:
    """The functions and classes that a module defines, and the methods of these classes, by name."""
    found = {}
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__ or not (inspect.isclass(value) or inspect.isroutine(value)):
            continue
        found[name] = value
        if inspect.isclass(value) and not issubclass(value, Exception):
            methods = {key: member for key, member in vars(value).items() if not key.startswith("_")}
            found |= {f"{name}.{key}": member for key, member in methods.items() if inspect.isroutine(member) or isinstance(member, (property, staticmethod, classmethod))}
    return found


def has_docstring(owner, name: str, value) -> bool:
    """inspect.getdoc takes the docstring of an overridden method too."""
    cls, _, method = name.rpartition(".")
    documented = inspect.getdoc(getattr(getattr(owner, cls), method) if cls else value)
    return bool(documented) and not documented.startswith(name.split(".")[-1] + "(")  # what a NamedTuple or dataclass writes itself


TEXTS = {path: path.read_text() for path in [*(ROOT / "tests").rglob("*_test.py"), *(ROOT / "tests" / "testing").rglob("*.py")] if path != pathlib.Path(__file__)}
WORDS = {word for text in TEXTS.values() for word in re.findall(r"\w+", text)}


@pytest.mark.parametrize("name", modules())
def test_doctests(name):
    failed, _ = doctest.testmod(imported(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert failed == 0


@pytest.mark.parametrize("name", modules())
def test_public_names_are_documented(name):
    module = imported(name)
    assert module.__doc__
    assert [key for key, value in public_objects(module).items() if not has_docstring(module, key, value)] == []


@pytest.mark.parametrize("name", modules())
def test_public_names_are_tested(name):
    module = imported(name)
    missing = []
    for key, value in public_objects(module).items():
        word = key.split(".")[-1]
        has_doctest = any(line.strip().startswith(">>>") and word in line for line in (getattr(value, "__doc__", None) or "").splitlines())
        if word not in WORDS and not has_doctest:
            missing.append(key)
    assert missing == []


def test_version():
    assert f'"{bisque3d.__version__}"' in (ROOT / "core" / "version.h").read_text()


def test_a_name_without_docstring_is_found():
    class Module:
        @staticmethod
        def function():
            pass

    assert not has_docstring(Module, "function", Module.function)
