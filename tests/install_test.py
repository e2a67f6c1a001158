"""The installed tree serves a project of its own: find_package(bisque), headers as <bisque/...>, the program."""

import json
import os
import re
import subprocess
import sys

import pytest
from PIL import Image

from tests.build import BUILD, ROOT, build_lock
from tests.tools.softgpu_programs import compiled, skip_without_softgpu


def run(*command, **env):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=os.environ | env)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    with build_lock():  # installing builds softgpu for other machines
        run("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix


def test_program_runs_from_the_prefix(prefix, tmp_path):
    run(prefix / "bin" / "bisque", "render", "demo", "--size", "64", "-o", tmp_path / "face.png", "-q")
    assert Image.open(tmp_path / "face.png").size == (64, 64)


def test_softgpu_runs_from_the_prefix(prefix):
    skip_without_softgpu()
    program = compiled("basic", "compute_75")
    assert "0 failed" in run(prefix / "bin" / "bisque", "softgpu", program, "75")
    kernels = run(prefix / "lib" / "bisque" / "softgpu" / "softgpu-kernels", program).split()
    assert kernels and all(name.startswith("_Z") for name in kernels)


def test_no_header_is_missing(prefix):
    installed = {p.relative_to(prefix / "include" / "bisque") for p in (prefix / "include" / "bisque").rglob("*.h")}
    for folder in ("core", "ops3d", "renderer"):
        for header in (ROOT / folder).rglob("*.h"):
            assert header.relative_to(ROOT) in installed


def build_against(prefix, source, build):
    run("cmake", "-S", ROOT / source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    return build


def test_example_builds_with_find_package_and_renders(prefix, tmp_path):
    build = build_against(prefix, "examples/render_face", tmp_path / "build")
    run(build / "render_face", "demo", "jawOpen", "0.7", tmp_path / "face.png")
    picture = Image.open(tmp_path / "face.png").convert("L")
    assert picture.size == (512, 512) and picture.getpixel((256, 200)) > 120 > picture.getpixel((5, 5))


def test_example_trains_to_its_stated_error(prefix, tmp_path):
    build = build_against(prefix, "examples/train_coefficients", tmp_path / "build")
    lines = run(build / "train_coefficients").splitlines()  # which exits with 1 above that error
    epochs = [line for line in lines if line.startswith("epoch")]
    assert epochs and all(re.search(r"gradients activation \S+ hidden \S+ norm \S+ out \S+$", line) for line in epochs)
    assert float(re.search(r"error on 512 faces: (\S+) ", lines[-1])[1]) < 0.04


@pytest.fixture(scope="module")
def acme(prefix, tmp_path_factory):
    return build_against(prefix, "plugins/acme", tmp_path_factory.mktemp("acme"))


def test_a_strangers_op_library_runs_from_the_prefix(prefix, acme):
    program = (
        f"import sys; sys.path.insert(0, {str(prefix / 'share/bisque/python')!r}); import torch, bisque3d, bisque3d.testing\n"
        f"plugin = bisque3d.load_library({str(acme / 'libacme_ops.so')!r})\n"
        "x = torch.ones(3, dtype=torch.float64, requires_grad=True)\n"
        "torch.ops.acme.affine(x)[0].sum().backward()\n"
        "print(plugin.name, plugin.version, x.grad.tolist())"
    )
    assert run(sys.executable, "-c", program).strip() == "acme_ops 2.1 [2.0, 2.0, 2.0]"


def test_a_strangers_format_is_rendered_from_the_prefix(prefix, acme, tmp_path):
    model, plugins = tmp_path / "step.heights", dict(BISQUE_PLUGINS=str(acme / "libacme_formats.so"))
    model.write_text("3\n 0 0 0  0 1 0  0 0 0\n")
    bisque = prefix / "bin" / "bisque"
    assert "acme_formats 1.0" in run(bisque, "plugins", **plugins)
    info = json.loads(run(bisque, "info", model, "--json", **plugins))
    assert (info["verts"], info["shape_names"]) == (9, ["lift"])
    pictures = [tmp_path / f"{lift}.png" for lift in (0, 1)]
    for lift, picture in enumerate(pictures):
        run(bisque, "render", model, "--set", f"lift={lift}", "--size", "64", "-o", picture, "-q", **plugins)
    assert pictures[0].read_bytes() != pictures[1].read_bytes()
    model.write_text("3\n 0 0 0")
    broken = subprocess.run([bisque, "info", model], capture_output=True, text=True, env=os.environ | plugins)
    assert broken.returncode == 1 and broken.stderr == f"bisque: {model}: expected 9 heights, but got 3.\n"
