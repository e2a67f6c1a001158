"""docker/check.sh, on the tested build: its report, and each fault that it finds."""

import os
import pathlib
import re
import subprocess

import pytest
from PIL import Image

from tests.build import BUILD, ROOT
from tests.tools.softgpu_programs import cmake_cache

HAS_CUDA = cmake_cache()["BISQUE_CUDA_BUILT"] == "TRUE"
needs_cuda = pytest.mark.skipif(not HAS_CUDA, reason="this build has no CUDA")
ARCHS = cmake_cache().get("BISQUE_CUDA_ARCHS", "").replace(";", " ")


def check(*names, script=ROOT / "docker/check.sh", fails=False, **env) -> dict[str, tuple[str, str]]:
    """The status and text of each check. FORCE_CUDA and CUB_HOME are unset unless given."""
    base = {name: value for name, value in os.environ.items() if name not in ("FORCE_CUDA", "CUB_HOME")}
    command = ["bash", script, *names]
    result = subprocess.run(command, capture_output=True, text=True, env=base | {"BISQUE_BUILD": str(BUILD)} | env, timeout=300)
    *lines, last = result.stdout.splitlines()
    report = {line[8:20].strip(): (line[:6].strip(), line[22:]) for line in lines}
    failed = sum(status == "FAILED" for status, _ in report.values())
    assert last == ("check: all passed" if failed == 0 else f"check: {failed} failed"), result.stdout + result.stderr
    assert (result.returncode, failed > 0) == ((1, True) if fails else (0, False)), result.stdout + result.stderr
    return report


def programs(folder: pathlib.Path, **scripts: str) -> str:
    """A PATH on which these programs come first."""
    for name, text in scripts.items():
        path = folder / name.replace("_", "-")
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def gpu(folder: pathlib.Path, driver: str, capability: str) -> str:
    return programs(folder, nvidia_smi=f"echo '{driver}, {capability}, NVIDIA H200'")


def test_the_build_tree_passes():
    report = check()
    assert report["CPU picture"] == ("ok", "equals face.png (largest difference 0 of 255, at most 1)")
    assert {"driver", "nvcc", "kernels", "build", "BISQUE_CUDA", "FORCE_CUDA", "GPU picture"} <= set(report)
    assert report["BISQUE_CUDA"] == ("ok", "OFF: no CUDA")
    if HAS_CUDA:
        assert re.fullmatch(r"CUDA 13\.\d+ \(/.*\)", report["toolkit"][1]) and re.match(r"13\.", report["nvcc"][1])
        assert report["kernels"][1].startswith(f"for {ARCHS} (")
        assert report["build"][1].endswith("CUDA is built")
        assert report["FORCE_CUDA"] == ("ok", "1: CUDA is compiled without a visible GPU")
        assert re.fullmatch(r"\d+\.\d+\.\d+, of the toolkit \(/.*\)", report["CUB"][1])


def test_the_picture_shows_the_coefficients(tmp_path):
    """A picture that is another by one value of 2/255 in one pixel, and another size, are found."""
    for folder in ("scripts", "cmake", "docker"):
        (tmp_path / folder).mkdir() if folder == "docker" else (tmp_path / folder).symlink_to(ROOT / folder)
    script = tmp_path / "docker/check.sh"
    script.write_bytes((ROOT / "docker/check.sh").read_bytes())
    (tmp_path / "docker/check").mkdir()
    (tmp_path / "docker/check/arkit.csv").write_bytes((ROOT / "docker/check/arkit.csv").read_bytes())
    face = Image.open(ROOT / "docker/check/face.png").convert("RGB")
    for change, difference in ((1, None), (2, 2), ("size", 256)):
        other = face.copy()
        if change == "size":
            other = other.resize((128, 128))
        else:
            red, green, blue = face.getpixel((128, 128))
            other.putpixel((128, 128), (red, green, blue - change))
        other.save(tmp_path / "docker/check/face.png")
        status, text = check("pictures", script=script, fails=difference is not None)["CPU picture"]
        expected = "equals face.png (largest difference 1 of 255, at most 1)"
        if difference:
            expected = f"differs from {tmp_path}/docker/check/face.png by up to {difference} of 255, expected at most 1"
        assert (status, text) == ("FAILED" if difference else "ok", expected)


def test_the_driver(tmp_path):
    good = check("driver", PATH=gpu(tmp_path, "580.65.06", "9.0"))
    assert good["driver"] == ("ok", "580.65.06, 9.0, NVIDIA H200")
    old = check("driver", fails=True, PATH=gpu(tmp_path, "570.124.06", "9.0"))
    assert old["driver"][1] == "570.124.06 is too old for CUDA 13; install 580 or later on the host"
    broken = check("driver", fails=True, PATH=programs(tmp_path, nvidia_smi="echo 'No devices were found'; echo more; exit 6"))
    assert broken["driver"][1] == "nvidia-smi fails: No devices were found"


@needs_cuda
def test_a_gpu_needs_a_kernel(tmp_path):
    assert check("driver", "kernels", PATH=gpu(tmp_path, "580.65.06", "12.1"))["kernels"][0] == "ok"
    missing = check("driver", "kernels", fails=True, PATH=gpu(tmp_path, "580.65.06", "7.0"))
    text = "none for the GPU's compute capability 7.0 (\"no kernel image\"); build with CUDAARCHS=all"
    assert missing["kernels"] == ("FAILED", text)


@needs_cuda
def test_cuobjdump_is_believed(tmp_path):
    def dump(archs):
        kinds = {"elf": "real", "ptx": "virtual"}
        held = {kind: [arch.split("-")[0] for arch in archs if "-" not in arch or arch.endswith(suffix)] for kind, suffix in kinds.items()}
        text = "".join(f"if [ $1 = --list-{kind} ]; then for a in {' '.join(held[kind])}; do echo file.sm_$a.{kind}; done; fi\n" for kind in kinds)
        return programs(tmp_path, cuobjdump=text)

    assert check("kernels", PATH=dump(ARCHS.split()))["kernels"] == ("ok", f"for {ARCHS} (cuobjdump)")
    status, text = check("kernels", fails=True, PATH=dump(["52-real"]))["kernels"]
    assert status == "FAILED" and "libbisque_core_ops_cuda.so holds 52-real, expected " in text


@needs_cuda
def test_cub_home_is_honoured(tmp_path):
    home = re.fullmatch(r".*, of the toolkit \((/.*)\)", check("switches")["CUB"][1])[1]
    (tmp_path / "cub").symlink_to(pathlib.Path(home) / "cub")
    assert check("switches", CUB_HOME=str(tmp_path))["CUB"][1].endswith(f", of CUB_HOME ({tmp_path})")
    status, text = check("switches", fails=True, CUB_HOME=str(tmp_path / "cub"))["FORCE_CUDA"]
    assert (status, text.split(";")[0]) == ("FAILED", f'1 does not configure: CUB_HOME is "{tmp_path}/cub", which has no cub/cub.cuh')


def fake_build(folder: pathlib.Path, cuda: str, built: str) -> str:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/bisque").symlink_to(BUILD / "bin/bisque")
    (folder / "CMakeCache.txt").write_text(f"BISQUE_CUDA:STRING={cuda}\nBISQUE_CUDA_BUILT:INTERNAL={built}\n")
    return str(folder)


def test_a_build_that_ignored_a_switch_fails(tmp_path):
    without = fake_build(tmp_path / "without", "AUTO", "FALSE")
    report = check("build", fails=True, BISQUE_BUILD=without, FORCE_CUDA="1")
    assert report["build"] == ("FAILED", "BISQUE_CUDA is ON, but CUDA is not built; run make clean build")
    report = check("build", BISQUE_BUILD=without)
    assert report["build"] == ("ok", "BISQUE_CUDA is AUTO, CUDA is not built")
    report = check("build", fails=True, BISQUE_BUILD=fake_build(tmp_path / "with", "OFF", "TRUE"))
    assert report["build"] == ("FAILED", "BISQUE_CUDA is OFF, but CUDA is built; run make clean build")


def test_without_nvcc(tmp_path):
    hidden = {"PATH": "/usr/bin:/bin", "CUDA_HOME": "/nonexistent", "CUDACXX": ""}
    if subprocess.run([ROOT / "scripts/find_nvcc.sh"], env=os.environ | hidden, capture_output=True).returncode == 0:
        pytest.skip("this tree has its nvcc in .venv or in /usr/bin")
    report = check("nvcc", "switches", fails=True, BISQUE_BUILD=fake_build(tmp_path, "AUTO", "FALSE"), **hidden)
    assert report["nvcc"] == ("FAILED", "no nvcc 13 on PATH, in CUDA_HOME or in .venv; run make setup")
    assert report["FORCE_CUDA"][0] == "ok" and report["FORCE_CUDA"][1].startswith("1 without nvcc is an error: BISQUE_CUDA=ON, but no nvcc 13 was found")
    report = check("nvcc", BISQUE_BUILD=fake_build(tmp_path / "off", "OFF", "FALSE"), **hidden)
    assert report["nvcc"] == ("note", "none; BISQUE_CUDA is OFF")


@needs_cuda
def test_a_gpu_without_a_kernel_image_fails():
    softgpu = BUILD / "softgpu/softgpu"
    command = [softgpu, "bash", ROOT / "docker/check.sh", "kernels", "pictures"]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"BISQUE_BUILD": str(BUILD), "SOFTGPU_EXIT": "0"}, timeout=300)
    line = next(line for line in result.stdout.splitlines() if "GPU picture" in line)
    assert line.startswith("FAILED  GPU picture   was rendered on the cpu (") and "no kernel image" in line
    assert result.returncode == 1 and "ok      CPU picture" in result.stdout


def test_other_names_and_folders_are_errors(tmp_path):
    result = subprocess.run(["bash", ROOT / "docker/check.sh", "gpu"], capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr == 'check: there is no check "gpu", expected driver, nvcc, kernels, build, switches or pictures.\n'
    script = tmp_path / "docker/check.sh"
    script.parent.mkdir()
    script.write_bytes((ROOT / "docker/check.sh").read_bytes())
    result = subprocess.run(["bash", script], capture_output=True, text=True, env=os.environ | {"BISQUE_BUILD": str(tmp_path)})
    assert result.returncode == 2
    assert result.stderr == f"check: {tmp_path}/../bin/bisque does not exist; expected a built tree (make build) or an installed Bisque.\n"


def test_compose_builds_stages_of_the_dockerfile():
    compose, dockerfile = (ROOT / "docker/compose.yaml").read_text(), (ROOT / "docker/Dockerfile").read_text()
    targets, stages = re.findall(r"target: (\S+)", compose), re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.M)
    assert sorted(targets) == ["runtime", "runtime-cpu"] and set(targets) <= set(stages) and stages[-1] == "runtime"
    for argument in re.findall(r"^      (\w+): \$\{", compose, re.M):
        assert re.search(rf"^ARG {argument}\b", dockerfile, re.M), argument
    assert "capabilities: [gpu]" in compose
