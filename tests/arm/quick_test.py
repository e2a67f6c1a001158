"""The short part of `make test-arm`, within `make test` where the cross compiler and qemu are installed: SIMD kernels and the preflight, compiled for ARM
without libtorch."""

import pathlib
import shutil
import subprocess

import numpy as np
import pytest
import torch

from tests.build import ROOT

COMPILER, QEMU, LIBRARIES = "aarch64-linux-gnu-g++", "qemu-aarch64-static", "/usr/aarch64-linux-gnu"
pytestmark = pytest.mark.skipif(
    not (shutil.which(COMPILER) and shutil.which(QEMU)), reason=f"test-arm: {COMPILER} or {QEMU} is not installed (make test-arm installs them)"
)
TORCH = pathlib.Path(torch.__file__).parent / "include"
# As cmake/BisqueTree.cmake sets them, at -O1 to save time.
OPTIONS = ["-std=c++20", "-O1", "-ffp-contract=off", "-fno-math-errno", "-march=armv8-a", "-mno-outline-atomics", "-Wno-psabi"]
OPTIONS += ["-DTORCH_TARGET_VERSION=0x020a000000000000", "-DTOOLCHAIN_MISS_SYS_AUXV_H"]
OPTIONS += ["-DHWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128)"]
KERNELS = ["rasterize_meshes/rasterize_meshes_cpu.cpp", "rasterize_meshes/rasterize_meshes_big.cpp", "rasterize_meshes/rasterize_meshes_lists.cpp"]
KERNELS += ["rasterize_meshes/rasterize_meshes_scratch.cpp", "phong_shading/phong_shading_cpu.cpp"]


def build(program: pathlib.Path, sources, *includes) -> pathlib.Path:
    """The sources are compiled side by side. Headers of Highway are the same on all machines."""
    folder = program.parent / "include"
    folder.mkdir(exist_ok=True)
    for name, target in (("bisque", ROOT), ("hwy", "/usr/include/hwy")):
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(target)
    options = [*OPTIONS, *(f"-I{path}" for path in (*includes, folder, ROOT)), "-isystem", TORCH]
    objects = [program.parent / f"{program.name}_{i}.o" for i in range(len(sources))]
    jobs = [subprocess.Popen([COMPILER, *options, "-c", source, "-o", object_]) for source, object_ in zip(sources, objects)]
    assert [job.wait() for job in jobs] == [0] * len(jobs)
    subprocess.run([COMPILER, *objects, "-o", program], check=True)
    return program


def run(program, cpu: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([QEMU, "-cpu", cpu, "-L", LIBRARIES, program], capture_output=True, timeout=300, **options)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    sources = [ROOT / "tests/arm/kernels_probe.cpp", *(ROOT / "ops3d" / name for name in KERNELS)]
    return build(tmp_path_factory.mktemp("arm") / "kernels", sources)


def scene(K: int) -> dict:
    rng = np.random.default_rng(K)
    real = lambda low, high, *shape: rng.uniform(low, high, shape).astype(np.float32)
    V, F, L = 300, 500, 2
    verts = real(-1.2, 1.2, V, 3)
    verts[:, 2] += 3
    normals = real(-1, 1, V, 3)
    arrays = dict(verts=verts, normals=normals / np.linalg.norm(normals, axis=1, keepdims=True), faces=rng.integers(0, V, (F, 3)))
    lights = np.concatenate([real(-2, 2, 1, L, 3), np.array([0, 1], np.float32).reshape(1, L, 1)], 2)
    arrays |= dict(camera_position=real(-1, 1, 1, 3), lights=lights, light_diffuse=real(0, 1, 1, L, 3), light_specular=real(0, 1, 1, L, 3))
    return arrays | dict(ambient=real(0, 1, 1, 3), shininess=real(2, 30, 1), sizes=np.array([V, F, 70, 90, K, L]))


def on_this_machine(s: dict) -> list[np.ndarray]:
    tensors = {name: torch.from_numpy(array) for name, array in s.items()}
    H, W, K = s["sizes"][2:5].tolist()
    ops = torch.ops.bisque
    first, number = torch.tensor([0]), torch.tensor([len(s["faces"])])
    fragments = ops.rasterize_meshes(tensors["verts"], tensors["faces"], first, number, H, W, K)
    shaded = {name: tensors[name] for name in s if name != "sizes"}
    colors = ops.phong_shading(
        **shaded, pix_to_face=fragments[0], bary_coords=fragments[2], texels=None, wrap=0.0, reflection=False, samples=1, channels=4
    )
    return [array.numpy() for array in (*fragments, colors)]


def under_qemu(kernels, cpu: str, s: dict) -> bytes:
    names = "sizes verts normals faces camera_position lights light_diffuse light_specular ambient shininess".split()
    result = run(kernels, cpu, input=b"".join(s[name].tobytes() for name in names))
    assert result.returncode == 0 and not result.stderr
    return result.stdout


@pytest.mark.parametrize("cpu", ["max", "cortex-a72"])
@pytest.mark.parametrize("K", [1, 3])
def test_kernels_give_the_bits_of_this_machine(kernels, K, cpu):
    s = scene(K)
    expected = on_this_machine(s)
    assert (expected[0] >= 0).mean() > 0.3
    assert under_qemu(kernels, cpu, s) == b"".join(array.tobytes() for array in expected)


def test_nan_goes_where_it_goes_on_this_machine(kernels):
    """The sign of a NaN depends on the machine."""
    s = scene(1)
    s["verts"][0], s["normals"][1], s["shininess"][0] = np.nan, np.nan, np.nan
    colors = on_this_machine(s)[-1]
    assert np.isnan(colors).any() and not np.isnan(colors).all()
    found = np.frombuffer(under_qemu(kernels, "cortex-a72", s)[-colors.nbytes :], np.float32).reshape(colors.shape)
    assert np.array_equal(found, colors, equal_nan=True)


@pytest.fixture(scope="module", params=[10, 14])
def preflight(request, tmp_path_factory):
    """A program with the preflight of libtorch 2.10 or 2.14, whose first constructor would print."""
    folder = tmp_path_factory.mktemp(f"preflight{request.param}")
    (folder / "torch").mkdir()
    (folder / "torch/version.h").write_text(f"#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR {request.param}\n")
    main = (ROOT / "cli/main.cpp").read_text()
    assert "run_program(argc, argv)" in main
    (folder / "main.cpp").write_text(
        main.replace("bisque::cli::run_program(argc, argv)", "argc - 1 + (argv == nullptr)")
        + '#include <cstdio>\nstruct Loud {\n  Loud() { std::puts("constructor"); }\n} loud;\n'
    )
    return request.param, build(folder / "main", [folder / "main.cpp", ROOT / "cli/preflight.cpp"], folder)


@pytest.mark.parametrize("cpu", ["max", "cortex-a76", "cortex-a72"])
def test_preflight_comes_before_any_constructor(preflight, cpu):
    minor, program = preflight
    result = run(program, cpu, text=True)
    if minor == 10 and cpu == "cortex-a72":
        sentence = "this CPU lacks the LSE atomics (ARMv8.1) that libtorch 2.10 needs; build Bisque with torch 2.12 or later (docs/raspberry-pi.md)."
        assert (result.returncode, result.stdout, result.stderr) == (1, "", f"bisque: {sentence}\n")
    else:
        assert (result.returncode, result.stdout, result.stderr) == (0, "constructor\n", "")
