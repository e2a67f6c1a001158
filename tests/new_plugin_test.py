"""Both programs that write the project of a plugin, by their files and messages. tests/install_test.py builds one."""

import ast
import contextlib
import io
import os
import re
import subprocess
import sys

import pytest

from bisque3d import new_plugin
from tests.build import ROOT
from tests.cli.program import run


def by_python(folder, *words):
    """main() of the module, as `python -m` calls it."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = new_plugin.main(list(words))
    return subprocess.CompletedProcess(words, code, output.getvalue(), errors.getvalue())


def by_program(folder, *words):
    return run("new-plugin", *words, cwd=folder)


def test_the_module_is_a_program(tmp_path):
    command = [sys.executable, "-m", "bisque3d.new_plugin", "blur", "--no-cuda"]
    result = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT / "python")}, capture_output=True, text=True)
    assert result.returncode == 0 and result.stdout.startswith("blur is a plugin now;") and (tmp_path / "blur/ops/blur/blur.cpp").exists()


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [(), ("--module",), ("--no-cuda",), ("--module", "--no-cuda")], ids=" ".join)
def test_both_programs_write_the_same_files(options, tmp_path):
    written = []
    for write in (by_python, by_program):
        folder = tmp_path / write.__name__
        folder.mkdir()
        result = write(folder, "soft_clip2", *options)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("soft_clip2 is a plugin now;") and "ctest --test-dir build" in result.stdout
        written.append(files_of(folder / "soft_clip2"))
    assert written[0] == written[1]
    names = set(written[0])
    assert {"CMakeLists.txt", "README.md", "pyproject.toml", "tests/soft_clip2_test.py", "ops/soft_clip2/soft_clip2.cpp"} <= names
    assert ("module/soft_clip2_module.cpp" in names) == ("--module" in options)
    assert ("ops/soft_clip2/soft_clip2_cuda.cu" in names) == ("--no-cuda" not in options)
    for name, text in written[0].items():
        assert "@" not in re.sub(r"^@pytest.*|\w+@\w+", "", text, flags=re.MULTILINE), name
        if name.endswith(".py"):
            ast.parse(text)
    assert "class TestSoftClip2(OpTests)" in written[0]["tests/soft_clip2_test.py"]


@pytest.mark.parametrize("write", [by_python, by_program])
@pytest.mark.parametrize("name", ["my-op", "2d_op", "_op", "my.op", "my op", "a/b", "été", "", "x" * 101, "../x"])
def test_a_name_that_is_no_identifier_is_rejected(write, name, tmp_path):
    result = write(tmp_path, name)
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1
    assert 'cannot be used, expected at most 100 letters, digits and "_", beginning with a letter.' in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [by_python, by_program])
@pytest.mark.parametrize("name", ["bisque", "aten", "torch", "class", "lambda", "test", "template", "None"])
def test_a_taken_name_is_rejected(write, name, tmp_path):
    result = write(tmp_path, name)
    assert result.returncode == 1
    assert result.stderr.endswith(f'the name "{name}" is taken by C++, Python, CMake, torch or a plugin, expected another.\n')


def test_a_python_package_of_the_name_is_rejected(tmp_path):
    with pytest.raises(ValueError, match='the name "json" is taken'):
        new_plugin.write_plugin("json", folder=tmp_path / "json")


@pytest.mark.parametrize("write", [by_python, by_program])
@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_a_folder_that_exists_is_rejected(write, kind, tmp_path):
    path = tmp_path / "blur"
    path.mkdir() if kind == "folder" else path.touch() if kind == "file" else path.symlink_to("nowhere")
    result = write(tmp_path, "blur")
    assert result.returncode == 1 and result.stderr.endswith("blur: exists, expected a name that is free.\n")
