"""Packs the wheel `bisque3d` from a build: wheel.py [BUILD [FOLDER]], by default build and dist.

CMake installs the component `wheel` as the package's folder (cmake/BisqueWheel.cmake). auditwheel adds the shared libraries that Debian has no
static form of, under names of their own so that they meet no other copy, and fails if a library needs more than the tag promises."""

import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLATFORM = f"manylinux_2_34_{platform.machine()}"
OF_TORCH = ("libtorch*.so", "libc10*.so", "libcudart.so.*")
METADATA = """\
Metadata-Version: 2.4
Name: bisque3d
Version: {version}
Summary: 3D deep learning: differentiable ops, PyTorch3D's classes and a face renderer, in any torch from 2.10
License-File: LICENSE
{licenses}Requires-Python: >=3.10
Requires-Dist: torch>=2.10
Provides-Extra: vis
Requires-Dist: plotly; extra == "vis"
Provides-Extra: testing
Requires-Dist: pytest; extra == "testing"
Description-Content-Type: text/markdown

{description}"""
WHEEL = f"""\
Wheel-Version: 1.0
Generator: bisque scripts/wheel.py
Root-Is-Purelib: false
Tag: py3-none-linux_{platform.machine()}
"""
# Debian's packages of the libraries that the wheel contains, for their licenses.
CONTAINED = ("libdeflate-dev", "libdraco-dev", "libhwy-dev", "libmeshoptimizer-dev", "libspng-dev", "libtinygltf-dev", "libtinyobjloader-dev",
             "libturbojpeg0-dev", "nlohmann-json3-dev")  # fmt: skip


def version() -> str:
    return re.search(r'define BISQUE_VERSION "([^"]+)"', (ROOT / "core/version.h").read_text())[1]


def write_info(folder: pathlib.Path) -> None:
    licenses = folder / "licenses"
    licenses.mkdir(parents=True)
    (licenses / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    for package in CONTAINED:
        (licenses / f"{package}.txt").write_bytes(pathlib.Path(f"/usr/share/doc/{package}/copyright").read_bytes())
    names = "".join(f"License-File: {package}.txt\n" for package in CONTAINED)
    (folder / "METADATA").write_text(METADATA.format(version=version(), licenses=names, description=(ROOT / "docs/python.md").read_text()))
    (folder / "WHEEL").write_text(WHEEL)


def pack(stage: pathlib.Path, wheel: pathlib.Path) -> None:
    record = next(stage.glob("*.dist-info")) / "RECORD"
    files = sorted(path for path in stage.rglob("*") if path.is_file())
    record.write_text("".join(f"{file.relative_to(stage)},,\n" for file in [*files, record]))  # auditwheel adds the hashes
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in [*files, record]:
            archive.write(file, file.relative_to(stage))


def run(*command) -> None:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"wheel.py: {pathlib.Path(command[0]).name} failed:\n{result.stdout[-2000:]}{result.stderr[-4000:]}")


def main(build: str = "build", out: str = "dist") -> None:
    tools = pathlib.Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as temporary:
        stage = pathlib.Path(temporary) / "stage"
        run(tools / "cmake", "--install", ROOT / build, "--strip", "--component", "wheel", "--prefix", stage / "bisque3d")
        write_info(stage / f"bisque3d-{version()}.dist-info")
        wheel = pathlib.Path(temporary) / f"bisque3d-{version()}-py3-none-linux_{platform.machine()}.whl"
        pack(stage, wheel)
        excluded = [word for name in OF_TORCH for word in ("--exclude", name)]
        run(tools / "auditwheel", "repair", "--plat", PLATFORM, "--only-plat", *excluded, "-w", ROOT / out, wheel)
    for file in (ROOT / out).glob(f"bisque3d-{version()}-*.whl"):
        print(f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file} ({file.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main(*sys.argv[1:])
