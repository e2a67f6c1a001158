"""The folders depend downwards only, and core builds without the others."""

import graphlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from tests.build import BUILD, ROOT

ABOVE_CORE = ("ops3d", "renderer", "plugins", "cli", "examples", "python", "docker")
SOURCES = (".h", ".cuh", ".cpp", ".cu")


def included_folders(folder, depth):
    """Of each folder in `folder`, the first `depth` parts of the paths in its #include lines."""
    graph = {}
    for file in (ROOT / folder).rglob("*"):
        if file.suffix not in SOURCES:
            continue
        parts = [re.findall(r"[^/]+", path) for path in re.findall(r'#\s*include [<"](?:bisque/)?((?:core|ops3d|renderer|plugins|cli|tests)/[^>"]+)', file.read_text())]
        own = file.relative_to(ROOT).parts[:depth]
        graph.setdefault(own, set()).update({tuple(path[:depth]) for path in parts} - {own})
    return graph


def test_folders_depend_downwards_only():
    allowed = {"core": set(), "ops3d": {"core"}, "renderer": {"core", "ops3d"}, "cli": {"core", "ops3d", "renderer"}}
    allowed["plugins"] = {"core", "ops3d", "renderer"}
    for folder, below in allowed.items():
        if (ROOT / folder).exists():
            ((_, included),) = included_folders(folder, 1).items()
            assert {path[0] for path in included} <= below, folder


def test_the_folders_of_core_depend_on_each_other_in_one_order():
    graph = {
        folder[1]: {path[1] for path in included if not path[1].endswith(".h")}
        for folder, included in included_folders("core", 2).items()
        if not folder[1].endswith(SOURCES)
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
    places = [order.index(folder) for folder in ("plugin", "ops", "nn", "registry")]
    assert places == sorted(places)


def test_what_was_compiled_of_core_needs_no_other_folder():
    """By the compiler's own account of the files that it read."""
    ninja = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    of_core = r"(core|tests/core/\S+|tests)/CMakeFiles/(bisque_core|test_core|test_declaration|\w+_probe|module_parity|acme_ops|bad_)\w*\.dir/"
    objects = [block for block in ninja.split("\n\n") if re.match(of_core, block)]
    assert any(re.match("core/CMakeFiles/bisque_core.dir", block) for block in objects)
    assert any("test_core_objects.dir" in block.splitlines()[0] for block in objects)
    roots = (f"{BUILD}/include/bisque/", "include/bisque/", f"{ROOT}/")
    for block in objects:
        name, *files = [line.strip() for line in block.splitlines()]
        for file in files:
            root = next((root for root in roots if file.startswith(root)), None)
            top = file[len(root) :].split("/")[0] if root else ""
            assert top not in ABOVE_CORE, f"{name} reads {file}"


def test_a_tree_of_core_alone(tmp_path):
    """Configured; with BISQUE_CORE_ALONE=1 also built, in some ten minutes of CPU time, and tested."""
    tree, build = tmp_path / "tree", tmp_path / "tree/build"
    tree.mkdir()
    for name in ("CMakeLists.txt", "cmake", "core", "tests", "bench", "scripts", "python", "tools"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tree / name)

    def run(*command, **env):
        result = subprocess.run([str(word) for word in command], cwd=tree, capture_output=True, text=True, env=os.environ | env)
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
        return result.stdout

    options = ["-DCMAKE_BUILD_TYPE=Release", "-DBISQUE_UNITY=ON", "-DBISQUE_CUDA=OFF", f"-DBISQUE_PYTHON={sys.executable}"]
    run("cmake", "-S", tree, "-B", build, "-G", "Ninja", *options, FORCE_CUDA="0")
    names = {line.split(":")[0] for line in run("cmake", "--build", build, "--target", "help").splitlines()}
    assert {"bisque_core", "bisque_core_ops", "test_core"} <= names
    assert not [name for name in names if re.search("ops3d|renderer|bisque_cli", name)]
    if os.environ.get("BISQUE_CORE_ALONE"):
        run("cmake", "--build", build, "--target", "all", "tests/all")
        run(build / "bin" / "test_core")
        run(sys.executable, "-m", "pytest", "-q", "-x", "-m", "not cuda", "tests/core", BISQUE_BUILD=str(build))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this tree is not a git checkout")
def test_the_list_of_folders_above_core_is_complete():
    folders = {pathlib.Path(line).parts[0] for line in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()}
    with_sources = {name for name in folders if (ROOT / name).is_dir() and any(file.suffix in SOURCES for file in (ROOT / name).rglob("*"))}
    assert "core" in with_sources and with_sources - {"core", "bench", "tests", "tools"} <= set(ABOVE_CORE)
