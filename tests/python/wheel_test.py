"""The wheel `bisque3d`: what it holds, what it needs, and that users of pip alone can use it and write plugins."""

import base64
import csv
import hashlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import zipfile

import pytest
import torch

import bisque3d
from tests.build import BUILD, ROOT, build_lock

PACKAGES = pathlib.Path(torch.__file__).parents[1]
PLATFORM = f"manylinux_2_34_{platform.machine()}"
OPS = ("libbisque_core_ops", "libbisque_ops", "libbisque_face_ops")
HIGHEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (12, 0)}
OF_SYSTEM = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
OF_TORCH = {"libtorch_cpu.so", "libtorch_cuda.so", "libcudart.so.13"}


def run(*command, **options) -> str:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("dist")
    with build_lock():
        run(sys.executable, ROOT / "scripts/wheel.py", BUILD, folder)
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> pathlib.Path:
    """The Python of a virtual environment with the wheel, and links to the packages of the tree's one."""
    venv = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", "--symlinks", venv)
    (site,) = venv.glob("lib/python3*/site-packages")
    for package in PACKAGES.iterdir():
        if "bisque" not in package.name and not (site / package.name).exists():
            (site / package.name).symlink_to(package)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return venv / "bin" / "python"


@pytest.fixture(scope="module")
def package(python) -> pathlib.Path:
    return next(python.parents[1].glob("lib/python3*/site-packages/bisque3d"))


@pytest.fixture(scope="module")
def libraries(package) -> list[pathlib.Path]:
    return [file for file in [*package.rglob("*"), *(package.parent / "bisque3d.libs").iterdir()] if file.is_file() and file.read_bytes()[:4] == b"\x7fELF"]


def run_python(python, program: str, folder, **env) -> str:
    """In a folder from which the tree is not found."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BISQUE"))}
    return run(python, "-c", program, cwd=folder, env=clean | env)


def test_tag_and_metadata(wheel):
    assert wheel.name == f"bisque3d-0.1.0-py3-none-{PLATFORM}.whl"
    with zipfile.ZipFile(wheel) as archive:
        read = lambda name: archive.read(f"bisque3d-0.1.0.dist-info/{name}").decode()
        assert {f"Tag: py3-none-{PLATFORM}", "Root-Is-Purelib: false"} <= set(read("WHEEL").splitlines())
        metadata = read("METADATA").split("\n\n")[0].splitlines()
        assert {"Name: bisque3d", "Version: 0.1.0", "Requires-Dist: torch>=2.10", "Requires-Python: >=3.10"} <= set(metadata)
        licenses = [line.split(": ")[1] for line in metadata if line.startswith("License-File")]
        assert "LICENSE" in licenses and "libdraco-dev.txt" in licenses
        assert all(len(read(f"licenses/{name}")) > 500 for name in licenses)


def test_record_has_each_file_with_its_hash(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        rows = {path: hashed for path, hashed, _ in csv.reader(archive.read("bisque3d-0.1.0.dist-info/RECORD").decode().splitlines())}
        assert set(rows) == names
        for name in names - {"bisque3d-0.1.0.dist-info/RECORD"}:
            digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
            assert rows[name] == f"sha256={digest}", name


def test_the_package_is_that_of_the_tree(package):
    files = lambda folder: {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    of_tree = files(ROOT / "python/bisque3d")
    added = {name for name in files(package) - of_tree if not name.startswith(("lib/", "include/"))}
    assert of_tree <= files(package) and not added


def test_libraries_and_what_authors_of_ops_need(package):
    with_cuda = [f"{name}_cuda" for name in OPS if (BUILD / "lib" / f"{name}_cuda.so").exists()]
    assert sorted(path.name for path in package.glob("lib/*.so*")) == sorted(f"{name}.so" for name in [*OPS, *with_cuda])
    assert {"bisqueConfig.cmake", "BisqueOps.cmake", "BisqueLibtorch.cmake", "op_library"} <= {path.name for path in package.glob("lib/cmake/bisque/*")}
    headers = {str(path.relative_to(package / "include/bisque")) for path in package.glob("include/bisque/**/*.*")}
    public = [path for path in ROOT.glob("core/ops/*.*h") if not path.read_text().startswith("// Internal")]
    kit = {str(path.relative_to(ROOT)) for path in public if path.suffix in (".h", ".cuh")}
    assert kit | {"core/plugin/abi.h", "core/error.h", "ops3d/knn_points/knn_points.h", "core/ops/row_norm/row_norm.h"} <= headers
    assert not [name for name in headers if re.search("_kernels|-inl|renderer/|core/nn/", name)]


def test_symbol_versions_are_those_of_the_tag(libraries):
    assert len(libraries) >= 6
    for library in libraries:
        for name, version in re.findall(r"\b(GLIBC|GLIBCXX|CXXABI|GCC)_(\d[\d.]*)", run("objdump", "-T", library)):
            assert tuple(map(int, version.split("."))) <= HIGHEST[name], f"{library.name} needs {name}_{version}"


def test_libraries_need_only_torch_the_system_and_each_other(libraries):
    for library in libraries:
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", library)))
        assert needed <= OF_SYSTEM | OF_TORCH | {path.name for path in libraries}, library.name
        assert not re.search(r"\bPy[A-Z_]", run("nm", "-D", "--undefined-only", library)), f"{library.name} uses the C API of Python"


def test_op_libraries_export_their_entry_alone(package):
    for library in package.glob("lib/*.so"):
        exported = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
        assert exported == {"bisque_plugin", "bisque_limit_grain"}, library.name


def test_it_runs_without_the_tree(python, package, tmp_path):
    program = (
        "import bisque3d, torch\n"
        "points = torch.rand(1, 50, 3, requires_grad=True)\n"
        "torch.ops.bisque.knn_points(points, torch.rand(1, 60, 3), None, None, 2)[0].sum().backward()\n"
        "open('face.obj', 'w').write('v 0 0 0\\nv 1 0 0\\nv 0 1 0\\nf 1 2 3\\n')\n"
        "from bisque3d._docs import doc_block\n"
        "from bisque3d.blendshapes import read_model\n"
        "print(bisque3d.__file__, points.grad.abs().sum() > 0, torch.ops.bisque.load_obj('face.obj')[1].tolist())\n"
        "print('nearest' in doc_block('knn_points'), read_model('demo').num_shapes, bisque3d.cmake_prefix_path())\n"
    )
    assert run_python(python, program, tmp_path).split() == [
        *(str(package / "__init__.py"), "tensor(True)", "[[0,", "1,", "2]]"),
        *("True", "52", str(package)),
    ]


def built(python, package, project) -> pathlib.Path:
    """The build folder of a plugin's project, built as the docs say, with the Python and the wheel of the virtual environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BISQUE"))}
    build = project / "build"
    run("cmake", "-S", project, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={package}", env=clean)
    assert f"BISQUE_TORCH_DIR:PATH={package.parent / 'torch'}" in (build / "CMakeCache.txt").read_text()
    run("cmake", "--build", build, env=clean)
    return build


def test_a_user_of_pip_builds_the_op_of_the_docs(python, package, tmp_path):
    folder = tmp_path / "ops/plane_distance"
    folder.mkdir(parents=True)
    blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs/ops.md").read_text(), re.S)
    for name, block in zip(("plane_distance_kernels.h", "plane_distance.cpp"), blocks):
        (folder / name).write_text(block.replace("<bisque/ops3d/plane_distance/plane_distance_kernels.h>", '"plane_distance_kernels.h"'))
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(plane VERSION 3.1 LANGUAGES CXX)\nfind_package(bisque REQUIRED)\n"
        "bisque_op_library(plane_ops ${CMAKE_CURRENT_SOURCE_DIR}/ops)\n"
    )
    library = built(python, package, tmp_path) / "libplane_ops.so"
    program = (
        f"import bisque3d, torch\nplugin = bisque3d.load_library({str(library)!r})\n"
        "points = torch.tensor([[1.0, 2, 3]], requires_grad=True)\n"
        "dists = torch.ops.bisque.plane_distance(points, torch.tensor([0.0, 0, 1, -1]))\ndists.sum().backward()\n"
        "print(plugin.name, plugin.version, dists.tolist(), points.grad.tolist())"
    )
    assert run_python(python, program, tmp_path).strip() == "plane_ops 3.1 [2.0] [[0.0, 0.0, 1.0]]"


@pytest.mark.skipif(not (ROOT / "python/bisque3d/new_plugin.py").exists(), reason="the tree has no scaffold")
def test_a_user_of_pip_writes_a_plugin(python, package, tmp_path):
    run_python(python, "from bisque3d.new_plugin import main; main(['my_op', '--no-cuda'])", tmp_path)
    run("ctest", "--test-dir", built(python, package, tmp_path / "my_op"), "--output-on-failure")


def test_the_tree_has_no_cmake_package():
    with pytest.raises(RuntimeError, match="is not installed; run `make install PREFIX=...` or install the wheel"):
        bisque3d.cmake_prefix_path()


def test_a_missing_library_is_named(package, python, tmp_path):
    library, hidden = package / "lib/libbisque_ops.so", package / "lib/hidden"
    library.rename(hidden)
    try:
        result = subprocess.run([python, "-c", "import bisque3d"], cwd=tmp_path, capture_output=True, text=True)
    finally:
        hidden.rename(library)
    assert result.returncode != 0 and f"ImportError: bisque3d: {library} does not exist; install the package again." in result.stderr
