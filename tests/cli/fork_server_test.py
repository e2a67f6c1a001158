"""A forked child of the server is as a program of its own."""

import os
import subprocess

import pytest

from tests.cli.fork_server import ForkServer
from tests.cli.program import BISQUE, run

COMMANDS = ["--version", "--help", "render --help", "info demo", "info --json demo", "info missing.glb", "rendr demo", "plugins", "render demo -o a.png --size 1x"]


@pytest.fixture(scope="module")
def server():
    server = ForkServer()
    yield server
    server.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_says_what_the_program_says(server, tmp_path, command):
    words = [str(BISQUE), *command.split()]
    options = dict(cwd=tmp_path, capture_output=True, text=True, errors="surrogateescape", timeout=60)
    ours, real = server.run(words, **options), subprocess.run(words, **options)
    assert (ours.returncode, ours.stdout, ours.stderr) == (real.returncode, real.stdout, real.stderr)


def test_a_run_leaves_no_trace_in_the_next(server, tmp_path):
    words = [str(BISQUE), "render", "demo", "-c", "demo", "--size", "64", "--start", "7", "-q", "-o"]
    pictures = []
    for i in range(3):
        (tmp_path / str(i)).mkdir()
        assert server.run([*words, "a.png"], cwd=tmp_path / str(i), text=True).returncode == 0
        pictures.append((tmp_path / str(i) / "a.png").read_bytes())
    subprocess.run([*words, tmp_path / "real.png"], check=True)
    assert pictures == [(tmp_path / "real.png").read_bytes()] * 3


def test_a_run_that_takes_too_long_is_ended(server, tmp_path):
    os.mkfifo(tmp_path / "a.glb")  # which nobody reads
    with pytest.raises(subprocess.TimeoutExpired):
        server.run([str(BISQUE), "convert", "demo", tmp_path / "a.glb"], capture_output=True, text=True, timeout=1)
    assert server.run([str(BISQUE), "--version"], capture_output=True, text=True).stdout.startswith("bisque ")


def test_arguments_and_streams_are_passed_on(server, tmp_path):
    name = os.fsdecode(b"caf\xe9 \n.glb")
    result = server.run([str(BISQUE), "info", name], cwd=tmp_path, capture_output=True, text=True, errors="surrogateescape")
    assert result.returncode == 1 and "caf" in result.stderr and result.stdout == ""
    with open(tmp_path / "out", "w") as out:
        result = server.run([str(BISQUE), "--version"], text=True, stdout=out, stderr=subprocess.PIPE)
    assert result.stdout is None and result.stderr == "" and (tmp_path / "out").read_text().startswith("bisque ")


def test_a_run_with_an_environment_of_its_own_gets_it(monkeypatch, tmp_path):
    assert "other.so" in run("plugins", env={"BISQUE_PLUGINS": str(tmp_path / "other.so")}).stderr
    before = run("plugins").stdout
    monkeypatch.setenv("BISQUE_PLUGINS", str(tmp_path / "none.so"))
    assert "none.so" in run("plugins").stderr
    monkeypatch.delenv("BISQUE_PLUGINS")
    assert run("plugins").stdout == before
