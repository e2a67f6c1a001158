"""The C++ blocks of docs/ compile as they are written, and name their CMake target."""

import pathlib
import re
import subprocess

import pytest
import torch

from tests.build import BUILD, ROOT
from tests.core.distributed.ranks import full, torchrun

PAGES = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
TORCH = pathlib.Path(torch.__file__).parent / "include"
INCLUDES = ["-I", BUILD / "include", "-isystem", TORCH, "-isystem", TORCH / "torch/csrc/api/include"]
FILES = ["plane_distance_kernels.h", "plane_distance.cpp", "plane_distance_cuda.cu", "plane_distance.h"]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def compile_only(source, *options):
    result = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", *options, *INCLUDES, source], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


# docs/ops.md has a separate test, below.
OTHER_TESTS = {"ops.md"}
CPP_BLOCKS = [
    pytest.param(page, block, id=f"{page}-{i}")
    for page, text in PAGES.items()
    if page not in OTHER_TESTS
    for i, block in enumerate(blocks(text, "cpp"))
]


@pytest.mark.parametrize("page, block", CPP_BLOCKS)
def test_cpp_block_compiles(page, block, tmp_path):
    assert "#include" in block
    (tmp_path / "block.cpp").write_text(block)
    compile_only(tmp_path / "block.cpp", "-I", ROOT / "bench")


def build_program(page: str, call: str, program: pathlib.Path) -> None:
    """Builds the block of a page that contains a call."""
    (block,) = [block for block in blocks(PAGES[page], "cpp") if call in block]
    source = program.with_suffix(".cpp")
    source.write_text(block)
    libraries = [f"-L{BUILD / 'lib'}", "-lbisque_renderer", "-lbisque_ops3d", "-lbisque_core", f"-L{TORCH.parent / 'lib'}", "-ltorch_cpu", "-lc10"]
    folders = f"-Wl,-rpath,{BUILD / 'lib'},-rpath,{TORCH.parent / 'lib'},--allow-shlib-undefined"
    subprocess.run(["g++", "-std=c++20", *INCLUDES, source, "-o", program, *libraries, folders], check=True)


def test_the_program_that_renders_a_take_runs(tmp_path):
    build_program("rendering.md", "render_take(", tmp_path / "take")
    (tmp_path / "take.json").write_text('{"names": ["jawOpen", "headYaw"], "rows": [[0, 0], [1, 0.3]], "fps": 30}')
    subprocess.run([tmp_path / "take", "demo", tmp_path / "take.json", tmp_path / "frames/%d.png"], check=True)
    frames = sorted((tmp_path / "frames").iterdir())
    assert [frame.name for frame in frames] == ["0.png", "1.png"]
    assert frames[0].read_bytes() != frames[1].read_bytes()


@full
def test_the_program_that_trains_on_ranks_runs(tmp_path):
    program = tmp_path / "train"
    build_program("distributed.md", "init_process_group(", program)
    subprocess.run([program], check=True)  # alone
    result = torchrun(2, program)
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(r"2 ranks, weight \d+\.\d{4}\n", result.stdout)


@pytest.mark.parametrize("page", sorted({block.values[0] for block in CPP_BLOCKS}))
def test_page_names_a_cmake_target_of_the_package(page):
    named = set(re.findall(r"bisque::(bisque_\w+)|build/bin/(bisque_bench)", PAGES[page]))
    exported = set(re.findall(r"bisque::(bisque_\w+)", (ROOT / "cmake/bisqueConfig.cmake.in").read_text()))
    assert named and {target or program for target, program in named} <= exported | {"bisque_bench"}


def test_python_blocks_parse():
    for page, text in PAGES.items():
        for block in blocks(text, "python"):
            compile(block, page, "exec")


def test_cmake_blocks_call_commands_of_the_package():
    defined = set(re.findall(r"function\((\w+)", (ROOT / "cmake/BisqueOps.cmake").read_text()))
    called = {command for text in PAGES.values() for block in blocks(text, "cmake") for command in re.findall(r"\b(bisque_\w+)\(", block)}
    assert called and called <= defined


PROGRAM_LINES = [
    pytest.param(command, option, id=f"{command} {option}")
    for command, option in sorted(
        {
            (command, option)
            for text in [*PAGES.values(), (ROOT / "README.md").read_text()]
            for command, rest in re.findall(r"\bbisque (render|info|convert|diff|doctor|plugins)\b([^`\n]*)", text)
            for option in re.findall(r"(?<!\S)--[a-z-]+", rest)
        }
    )
]


@pytest.mark.parametrize("command, option", PROGRAM_LINES)
def test_option_exists(command, option):
    result = subprocess.run([BUILD / "bin" / "bisque", command, "--help"], capture_output=True, text=True)
    assert result.returncode == 0 and re.search(rf"{option}\b", result.stdout)


MAKE_TARGETS = sorted(
    {
        target
        for text in [*PAGES.values(), (ROOT / "README.md").read_text(), (ROOT / "CONTRIBUTING.md").read_text()]
        for target in re.findall(r"(?:^|`)\s*(?:PRESET=\w+ )?make ([a-z-]+)", text, re.MULTILINE)
    }
)


def test_make_targets_exist():
    assert MAKE_TARGETS
    makefile = (ROOT / "Makefile").read_text()
    missing = [target for target in MAKE_TARGETS if not re.search(rf"^[a-z -]*\b{target}\b[a-z -]*:", makefile, re.MULTILINE)]
    assert missing == []


def test_the_op_of_the_tutorial_compiles(tmp_path):
    folder = tmp_path / "bisque_of_the_test/ops3d/plane_distance"
    folder.mkdir(parents=True)
    for name, block in zip(FILES, blocks(PAGES["ops.md"], "cpp")):
        (folder / name).write_text(block.replace("<bisque/ops3d/plane_distance/", "<bisque_of_the_test/ops3d/plane_distance/"))
    options = ["-fvisibility=hidden", "-DTORCH_TARGET_VERSION=0x020a000000000000", "-I", tmp_path]
    compile_only(folder / "plane_distance.cpp", *options)
    (tmp_path / "user.cpp").write_text('#include <bisque_of_the_test/ops3d/plane_distance/plane_distance.h>\n')
    compile_only(tmp_path / "user.cpp", "-I", tmp_path)
    assert "BISQUE_ON_CUDA(bisque::PlaneDistanceBackward)" in (folder / "plane_distance_cuda.cu").read_text()
