"""The installed tree serves a project of its own: find_package(bisque), headers as <bisque/...>, the program."""

import json
import os
import re
import subprocess
import sys

import pytest
import torch
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
