"""The installed tree works for a user's project: find_package(bisque), headers as <bisque/...>, the program. It can be moved."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
import torch
from PIL import Image, ImageChops

from tests.build import BUILD, ROOT, build_lock
from tests.tools.softgpu_programs import compiled, skip_without_softgpu

TORCH = pathlib.Path(torch.__file__).parent


def run(*command, cwd=None, **env):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, env=os.environ | env)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefix")
    with build_lock():  # installing builds softgpu for other machines
        run("cmake", "--install", BUILD, "--prefix", folder / "installed")
    return (folder / "installed").rename(folder / "moved")


def test_program_runs_from_the_prefix(prefix, tmp_path):
    run(prefix / "bin" / "bisque", "render", "demo", "--size", "64", "-o", tmp_path / "face.png", "-q")
    assert Image.open(tmp_path / "face.png").size == (64, 64)


def test_softgpu_runs_from_the_prefix(prefix):
    skip_without_softgpu()
    program = compiled("basic", "compute_75")
    assert "0 failed" in run(prefix / "bin" / "bisque", "softgpu", program, "75")
    kernels = run(prefix / "lib" / "bisque" / "softgpu" / "softgpu-kernels", program).split()
    assert kernels and all(name.startswith("_Z") for name in kernels)


def test_the_package_names_no_path_of_the_build(prefix):
    files = [*(prefix / "lib" / "cmake").rglob("*.cmake")]
    assert len(files) >= 6
    for file in files:
        text = file.read_text()
        for path in (ROOT, BUILD, TORCH, prefix.parent):
            assert not re.search(rf"(?<![\w}}/.-]){re.escape(str(path))}(?![\w-])", text), f"{file} names {path}"


def test_the_docs_are_installed(prefix):
    docs = prefix / "share" / "doc" / "bisque"
    assert (docs / "README.md").read_text() == (ROOT / "README.md").read_text()
    assert {page.name for page in (ROOT / "docs").glob("*.md")} == {page.name for page in (docs / "docs").glob("*.md")}


def installed_headers(prefix):
    return sorted(path.relative_to(prefix / "include") for path in (prefix / "include" / "bisque").rglob("*.h"))


def test_public_headers_alone_are_installed(prefix):
    names = {str(header) for header in installed_headers(prefix)}
    assert {"bisque/core/nn/module.h", "bisque/core/plugin/abi.h", "bisque/ops3d/knn_points/knn_points.h", "bisque/renderer/takes/take.h"} <= names
    internal = [name for name in names if re.search(r"(-inl|_kernels|_params)\.h$|/demo_head/", name)]
    internal += [name for name in names if (prefix / "include" / name).read_text().startswith("// Internal")]
    assert not internal


def compile_headers(prefix, headers, *options):
    source = "".join(f"#include <{header}>\n" for header in headers)
    includes = [option for folder in ("", "torch/csrc/api/include") for option in ("-isystem", TORCH / "include" / folder)]
    command = ["g++", "-std=c++20", "-fsyntax-only", *options, "-I", prefix / "include", *includes, "-x", "c++", "-"]
    result = subprocess.run([str(word) for word in command], input=source, capture_output=True, text=True)
    assert result.returncode == 0, f"{headers if len(headers) == 1 else ''}{result.stderr[:2000]}"


@pytest.mark.parametrize("order", [1, -1], ids=["forward", "backward"])
def test_installed_headers_compile(prefix, order):
    """In both orders, so that a header that lacks an include of a later one is found; with BISQUE_HEADERS_ALONE=1 each by itself."""
    headers = [header for header in installed_headers(prefix) if header.name != "cuda_glue.h"]  # which needs the CUDA Toolkit
    kit = [header for header in headers if header.parent.name == "ops"]  # of the stable ABI
    groups = [(kit[::order], ["-DTORCH_TARGET_VERSION=0x020a000000000000"]), ([h for h in headers if h not in kit][::order], [])]
    for group, options in groups:
        for part in [[header] for header in group] if os.environ.get("BISQUE_HEADERS_ALONE") and order == 1 else [group]:
            compile_headers(prefix, part, *options)


def configure_with_torch(prefix, source, build, torch_dir):
    command = ["cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DBISQUE_TORCH_DIR={torch_dir}"]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def test_another_torch_serves_ops_but_not_the_core(prefix, tmp_path):
    other = tmp_path / "torch"
    (other / "include/torch/csrc/api/include").mkdir(parents=True)
    for path in ("include/ATen/ATen.h", "lib/libtorch_cpu.so", "lib/libc10.so"):
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).touch()
    (other / "version.py").write_text("__version__ = '2.10.0+cpu'\n")
    (tmp_path / "main.cpp").write_text("int main() {}\n")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(other LANGUAGES CXX)\nfind_package(bisque REQUIRED)\n"
        "add_executable(main main.cpp)\ntarget_link_libraries(main bisque::bisque_core)\n"
    )
    core = configure_with_torch(prefix, tmp_path, tmp_path / "core", other)
    assert core.returncode != 0 and "BISQUE_TORCH" in core.stderr
    acme = configure_with_torch(prefix, ROOT / "tests/installed/acme", tmp_path / "acme", other)
    assert "BISQUE_TORCH" in acme.stderr and "acme_ops" not in acme.stderr, "its formats are bound to the core, its ops are not"


def build_against(prefix, source, build):
    run("cmake", "-S", ROOT / source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    return build


def test_example_builds_with_find_package_and_renders(prefix, tmp_path):
    build = build_against(prefix, "examples/render_face", tmp_path / "build")
    run(build / "render_face", "demo", "jawOpen", "0.7", tmp_path / "face.png")
    picture = Image.open(tmp_path / "face.png").convert("L")
    assert picture.size == (512, 512) and picture.getpixel((256, 200)) > 120 > picture.getpixel((5, 5))


def test_example_fits_a_picture(prefix, tmp_path):
    build = build_against(prefix, "examples/fit_picture", tmp_path / "build")
    run(build / "fit_picture", tmp_path)  # which exits with 1 unless coefficients and angles are found
    pictures = {name: Image.open(tmp_path / f"{name}.png").convert("L") for name in ("target", "start", "fitted")}
    difference = lambda name: sum(ImageChops.difference(pictures[name], pictures["target"]).histogram()[32:])  # pixels that differ
    assert difference("fitted") * 10 < difference("start")


def test_gallery_renders_each_picture_of_the_docs(prefix, tmp_path):
    build = build_against(prefix, "examples/gallery", tmp_path / "build")
    written = [pathlib.Path(line).name for line in run(build / "gallery", tmp_path).splitlines()]
    shown = re.findall(r"pictures/(\w+\.png)", (ROOT / "docs/mesh_rendering.md").read_text())
    assert sorted([*written, "fit_picture.png"]) == sorted(shown)
    for name in written:
        colors = Image.open(tmp_path / name).convert("RGB").getcolors(1 << 24)
        assert len(colors) > 100, name


def test_example_trains_to_its_stated_error(prefix, tmp_path):
    build = build_against(prefix, "examples/train_coefficients", tmp_path / "build")
    lines = run(build / "train_coefficients").splitlines()  # which exits with 1 above that error
    epochs = [line for line in lines if line.startswith("epoch")]
    assert epochs and all(re.search(r"gradients activation \S+ hidden \S+ norm \S+ out \S+$", line) for line in epochs)
    assert float(re.search(r"error on 512 faces: (\S+) ", lines[-1])[1]) < 0.04


class Critic(torch.nn.Module):
    """The network of tests/installed/critic."""

    def __init__(self):
        super().__init__()
        setattr(self, "in", torch.nn.Linear(4, 16))
        self.norm, self.scale, self.out = torch.nn.LayerNorm(16), torch.nn.RMSNorm(16), torch.nn.Linear(16, 1)
        self.block0, self.block1 = torch.nn.Linear(16, 16), torch.nn.Linear(16, 16)
        self.gain = torch.nn.Parameter(torch.ones(1))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        hidden = torch.nn.functional.silu(self.norm(getattr(self, "in")(x)))
        for block in (self.block0, self.block1):
            hidden = hidden + torch.nn.functional.silu(self.scale(block(hidden)))
        return self.out(hidden) * self.gain


@pytest.fixture(scope="module")
def critic(prefix, tmp_path_factory):
    return build_against(prefix, "tests/installed/critic", tmp_path_factory.mktemp("critic")) / "critic"


def test_a_program_as_users_write_it_trains_resumes_and_saves(critic, tmp_path):
    generator = torch.Generator().manual_seed(1)
    lines = [" ".join(f"{value:.6f}" for value in row) for row in torch.randn(61, 4, generator=generator).tolist()]
    lines[22] = "1 2 three 4"
    (tmp_path / "records.txt").write_text("\n".join(lines) + "\n")
    summary, *rest = run(critic, "train", tmp_path).splitlines()
    first, last, calls, epochs, records = map(float, re.fullmatch(r"penalty (\S+) -> (\S+), calls (\d+), epochs (\d+), records (\d+)", summary).groups())
    assert last < first / 2 and calls == 3 * 60 and epochs >= 4
    errors = [line for line in rest if line.startswith("error")]
    assert epochs <= len(errors) <= epochs + 1, "the bad record arrives once in each epoch"
    assert all('expected 4 numbers, but got "1 2 three 4".' in error for error in errors)
    assert records >= 60 * 5 - 4 * (len(errors) + epochs), "and costs its batch alone"
    gradients = dict(line.split()[1:] for line in rest if line.startswith("gradient"))
    assert set(gradients) == {"in", "norm", "block0", "block1", "scale", "out"} and all(float(size) > 0 for size in gradients.values())

    saved = torch.load(tmp_path / "net.pt", weights_only=True)
    net = Critic()
    net.load_state_dict(saved["model"])
    assert net.steps.item() == 60
    torch.testing.assert_close(net(saved["x"]), saved["y"])


def test_a_program_as_users_write_it_reads_what_python_saved(critic, tmp_path):
    torch.manual_seed(2)
    net, x = Critic(), torch.randn(5, 4, requires_grad=True)
    torch.save({"model": net.state_dict(), "x": x}, tmp_path / "from_python.pt")
    run(critic, "evaluate", tmp_path)
    y = net(x)
    by_x, = torch.autograd.grad(y.sum(), x, create_graph=True)
    by_x.square().sum().backward()
    found = torch.load(tmp_path / "evaluated.pt", weights_only=True)
    for name, expected in (("y", y), ("penalty_by_x", x.grad), ("penalty_by_in", getattr(net, "in").weight.grad)):
        torch.testing.assert_close(found[name], expected)


@pytest.fixture(scope="module")
def new_plugin(prefix, tmp_path_factory):
    """A plugin as `bisque new-plugin` writes it, built from the prefix by the commands that it prints."""
    folder = tmp_path_factory.mktemp("new_plugin")
    printed = run(prefix / "bin" / "bisque", "new-plugin", "soft_clip", "--module", cwd=folder)
    configure, build, test = re.findall(r"(?:cmake|ctest) [^&\n]+", printed)
    plugin = folder / "soft_clip"
    run(*configure.replace("=PREFIX", f"={prefix}").split(), f"-DBISQUE_PYTHON={sys.executable}", cwd=plugin)
    run(*build.split(), cwd=plugin)
    run(*test.split(), "--output-on-failure", cwd=plugin)
    return plugin


def test_a_new_plugin_builds_and_passes_its_tests(new_plugin):
    tests = (new_plugin / "build/Testing/Temporary/LastTest.log").read_text()
    expected = {"soft_clip", "soft_clip_module"} | ({"soft_clip_softgpu"} if (new_plugin / "build/libsoft_clip_cuda.so").exists() else set())
    assert set(re.findall(r"^\d+/\d+ Test: (\w+)$", tests, re.MULTILINE)) == expected
    assert "skipped" in tests and not re.search("no tests ran|0 passed", tests)


def test_the_benchmark_of_a_new_plugin_runs(prefix, new_plugin):
    lines = run(sys.executable, new_plugin / "bench/soft_clip_bench.py", PYTHONPATH=str(prefix / "share/bisque/python")).splitlines()
    assert [line.split()[0] for line in lines] == ["soft_clip", "torch"] and all(line.endswith(" ms") for line in lines)


def test_an_installed_plugin_is_found(prefix, new_plugin, tmp_path):
    """In a copy of the prefix: other tests list its plugins."""
    own = tmp_path / "prefix"
    shutil.copytree(prefix, own, symlinks=True)
    run("cmake", "--install", new_plugin / "build", "--prefix", own)
    text = run(own / "bin" / "bisque", "plugins", XDG_CACHE_HOME=str(tmp_path / "cache"))
    for name in ("soft_clip", "soft_clip_module"):
        assert re.search(rf"^{name} 0.1.0, .*\n  file     {own}/lib/bisque/plugins/lib{name}.so\n  from     installed$", text, re.MULTILINE)
    shown = run(own / "bin" / "bisque", "plugins", "show", "soft_clip_module", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert "  module   soft_clip.SoftClip\n           scale: a number = 1.0\n" in shown


def test_a_new_plugin_is_built_as_a_wheel(prefix, new_plugin, tmp_path):
    """By the backend that pip calls."""
    pytest.importorskip("scikit_build_core")
    program = "import sys; from scikit_build_core.build import build_wheel; print(build_wheel(sys.argv[1]))"
    run(sys.executable, "-c", program, tmp_path, cwd=new_plugin, CMAKE_PREFIX_PATH=str(prefix))
    (wheel,) = tmp_path.glob("soft_clip-0.1.0-py3-none-*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    program = "import torch, soft_clip; print(soft_clip.soft_clip(torch.tensor([[1.0]]), scale=3.0).item())"
    assert run(sys.executable, "-c", program, PYTHONPATH=f"{tmp_path}/site:{prefix}/share/bisque/python").strip() == "0.25"


@pytest.fixture(scope="module")
def acme(prefix, tmp_path_factory):
    return build_against(prefix, "tests/installed/acme", tmp_path_factory.mktemp("acme"))


def test_a_third_party_op_library_runs_from_the_prefix(prefix, acme):
    program = (
        f"import sys; sys.path.insert(0, {str(prefix / 'share/bisque/python')!r}); import torch, bisque3d, bisque3d.testing\n"
        f"plugin = bisque3d.load_library({str(acme / 'libacme_ops.so')!r})\n"
        "x = torch.ones(3, dtype=torch.float64, requires_grad=True)\n"
        "torch.ops.acme.affine(x)[0].sum().backward()\n"
        "print(plugin.name, plugin.version, x.grad.tolist())"
    )
    assert run(sys.executable, "-c", program).strip() == "acme_ops 2.1 [2.0, 2.0, 2.0]"


def test_a_third_party_format_is_rendered_from_the_prefix(prefix, acme, tmp_path):
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
    take = tmp_path / "lift.keys"
    take.write_text("0 lift 0\n0.1 lift 1\n0.04 lift 0.4\n0.02 lift 0.2\n")
    info = json.loads(run(bisque, "info", take, "--json", **plugins))
    assert (info["source"], info["rate"], info["frames"], info["filled"]) == (".keys", "50", 6, 2)
    picture = tmp_path / "take.png"
    run(bisque, "render", model, "-c", take, "--start", 5, "--size", "64", "-o", picture, "-q", **plugins)
    assert picture.read_bytes() == pictures[1].read_bytes()
    model.write_text("3\n 0 0 0")
    broken = subprocess.run([bisque, "info", model], capture_output=True, text=True, env=os.environ | plugins)
    assert broken.returncode == 1 and broken.stderr == f"bisque: {model}: expected 9 heights, but got 3.\n"
