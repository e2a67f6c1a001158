"""Where the package finds its libraries and headers: in a wheel, in an installed prefix (PREFIX/share/bisque/python/bisque3d) and in the tree."""

import functools
import os
import pathlib
import re

PACKAGE = pathlib.Path(__file__).resolve().parent
TREE = PACKAGE.parents[1]


@functools.cache
def prefix() -> pathlib.Path | None:
    """The folder that has lib/, include/ and the CMake package: a wheel's package, or an installed prefix; None in the tree."""
    installed = PACKAGE.parents[3] if PACKAGE.parts[-4:-1] == ("share", "bisque", "python") else PACKAGE
    return installed if (installed / "lib" / "cmake" / "bisque").is_dir() else None


def libraries() -> pathlib.Path:
    """The folder of the op libraries. In the tree it is that of the tested build."""
    return prefix() / "lib" if prefix() else pathlib.Path(os.environ.get("BISQUE_BUILD", TREE / "build")) / "lib"


def headers() -> pathlib.Path:
    """The folder that C++ includes as <bisque/...>."""
    return prefix() / "include" / "bisque" if prefix() else TREE


def version() -> str:
    """That of the headers, which are in a wheel, a prefix and the tree alike."""
    return re.search(r'define BISQUE_VERSION "([^"]+)"', (headers() / "core" / "version.h").read_text())[1]


def cmake_prefix_path() -> str:
    """The folder for CMAKE_PREFIX_PATH, with which find_package(bisque) finds this package.

    cmake -B build -DCMAKE_PREFIX_PATH=$(python -c "import bisque3d; print(bisque3d.cmake_prefix_path())")
    """
    if prefix() is None:
        raise RuntimeError(f"bisque3d: {TREE} is not installed; run `make install PREFIX=...` or install the wheel, and import that bisque3d.")
    return str(prefix())
