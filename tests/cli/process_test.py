"""The program as a process: what signals, limits and closed streams do to it. These tests start the program itself."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest

from tests.cli.program import (
    BISQUE, fail, message_of, succeed, write_names_take, write_obj, write_small_model,
)  # fmt: skip

SMALL = ("--size", "16", "-q")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_small_model(tmp_path_factory.mktemp("process"))


def interrupted(signal_, output, model, take):
    """Sends a signal to a long rendering as soon as it has begun, and gives its result."""
    command = [BISQUE, "render", model, "-c", take, "-o", output, "--size", "256"]
    # A test run in the background has SIGINT ignored, and the program would inherit that.
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal_, signal.SIG_DFL)
    )
    first = process.stderr.readline()
    while "0 of" not in first:
        first = process.stderr.readline()
        assert first, "the work was over too soon"
    time.sleep(0.1)
    process.send_signal(signal_)
    rest = process.communicate(timeout=60)[1]
    return process.returncode, rest


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_video_leaves_nothing(model, tmp_path, signal_):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    take = write_names_take(tmp_path / "take.json", jawOpen=np.linspace(0, 1, 3000))
    code, rest = interrupted(signal_, tmp_path / "a.mp4", model, take)
    assert code == -signal_  # as a shell expects it
    assert rest.splitlines()[-1] == "bisque: interrupted."
    assert os.listdir(tmp_path) == ["take.json"]


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE]


def start(*arguments, **options) -> subprocess.Popen:
    """The program with these arguments, which ignores none of SIGNALS, as a test run in the background does."""
    reset = {"preexec_fn": lambda: [signal.signal(each, signal.SIG_DFL) for each in SIGNALS]}
    return subprocess.Popen([BISQUE, *map(str, arguments)], text=True, **reset, **options)


@pytest.mark.parametrize("signal_", SIGNALS)
def test_an_interrupted_conversion_leaves_nothing(tmp_path, signal_):
    verts, faces = np.random.default_rng(0).random((60000, 3)), [(i, i + 1, i + 2) for i in range(0, 59990, 3)]
    source = tmp_path / "source"
    source.mkdir()
    for name in ("neutral", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight"):
        write_obj(source / f"{name}.obj", verts + len(name), faces)
    output = tmp_path / "output"
    output.mkdir()
    for attempt in range(50):  # it may be over before the signal arrives
        name = ["a.glb", "a.safetensors"][attempt % 2]
        (output / name).write_bytes(b"old")
        process = start("convert", source, output / name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(os.listdir(output)) == 1:
            pass
        process.send_signal(signal_)
        code = process.wait(timeout=60)
        assert os.listdir(output) == [name]
        (output / name).unlink()
        if code == -signal_:
            return
        assert code == 0
    pytest.fail("the signal never arrived in time")


@pytest.mark.parametrize("arguments", ["convert {model} {pipe}.glb", "render {model} --size 16 -o {pipe}.png"])
def test_an_interrupt_ends_the_wait_for_a_reader(model, tmp_path, arguments):
    for name in ("a.glb", "a.png"):
        os.mkfifo(tmp_path / name)
    for signal_ in SIGNALS:
        process = start(*arguments.format(model=model, pipe=tmp_path / "a").split(), stderr=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal_)
        assert process.wait(timeout=60) == -signal_
    assert sorted(os.listdir(tmp_path)) == ["a.glb", "a.png"]


def children_of(process, name) -> list[int]:
    """Those that run this program. (Before a child runs another program than its parent, the parent waits for it.)"""
    with open(f"/proc/{process}/task/{process}/children") as file:
        children = [int(child) for child in file.read().split()]
    return [child for child in children if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == name]


@pytest.mark.parametrize("signal_", SIGNALS)
def test_an_interrupt_ends_a_stopped_ffmpeg(model, tmp_path, signal_):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    take = write_names_take(tmp_path / "take.json", jawOpen=np.linspace(0, 1, 3000))
    process = start("render", model, "-c", take, "-o", tmp_path / "a.mp4", "--size", "256", stderr=subprocess.PIPE)
    while not (children := children_of(process.pid, "ffmpeg")):
        assert process.poll() is None
    os.kill(children[0], signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=2)  # it waits for ffmpeg, or still renders
    process.send_signal(signal_)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == -signal_
    assert signal_ == signal.SIGPIPE or said.splitlines()[-1] == "bisque: interrupted."
    assert os.listdir(tmp_path) == ["take.json"]
    assert not os.path.exists(f"/proc/{children[0]}")


def test_a_signal_that_is_ignored_stays_so(model, tmp_path):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    command = f"trap '' HUP; exec '{BISQUE}' render '{model}' --size 64 -o '{tmp_path}/a.mp4'"
    process = subprocess.Popen(["sh", "-c", command], stderr=subprocess.PIPE)
    process.stderr.readline()
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=60) == 0
    assert os.listdir(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("name", ["a.png", "a.mp4", "a.mkv", "a.glb"])
def test_a_file_over_the_size_limit_is_an_error_and_leaves_nothing(model, tmp_path, name):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    command = ["convert", model] if name == "a.glb" else ["render", model, "--size", 256, "-q", "-o"]
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))}
    message = fail(*command, tmp_path / name, **limit)
    assert f"{tmp_path / name}: " in message and "File" in message
    assert os.listdir(tmp_path) == []


def test_omp_num_threads_of_zero(model, tmp_path):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    succeed("render", model, *SMALL, "-o", tmp_path / "a.mp4", env={"OMP_NUM_THREADS": "0"})


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-"])
def test_a_video_with_closed_standard_streams(model, tmp_path, closed):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    command = f"'{BISQUE}' render '{model}' --size 16 -o '{tmp_path}/a.mp4' {closed}"
    assert subprocess.run(["sh", "-c", command], timeout=60).returncode == 0
    assert os.listdir(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("closed", ["1>&-", "0<&- 1>&-"])
def test_output_to_a_closed_stream_is_an_error(model, closed):
    result = subprocess.run(["sh", "-c", f"'{BISQUE}' info '{model}' {closed}"], stderr=subprocess.PIPE, text=True)
    assert message_of(subprocess.CompletedProcess([], result.returncode, "", result.stderr)) == (
        "the standard output cannot be written (Bad file descriptor)."
    )


def test_closed_standard_streams(model, tmp_path):
    command = f"'{BISQUE}' render '{model}' --size 16 -o '{tmp_path}/a.png' 0<&- 1>&- 2>&-"
    assert subprocess.run(["sh", "-c", command], timeout=60).returncode == 0
    succeed("render", model, *SMALL, "-o", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
