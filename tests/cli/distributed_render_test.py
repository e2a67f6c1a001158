"""bisque render on several processes: the same files as one process writes, whatever is killed."""

import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest

from tests.cli.program import BISQUE, fail, succeed, write_names_take, write_small_model
from tests.core.distributed.ranks import TORCHRUN, Ranks, full

needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg")
FRAMES = 40
SEQUENCE, VIDEO = "frames/%03d.png", "take.mp4"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_small_model(tmp_path_factory.mktemp("model"))


def write_take(folder, frames=FRAMES, high=1.0):
    return write_names_take(folder / "take.json", jawOpen=np.linspace(0, high, frames), eyeBlink_L=np.linspace(1, 0, frames))


@pytest.fixture(scope="module")
def take(tmp_path_factory):
    return write_take(tmp_path_factory.mktemp("take"))


def render_command(model, take, output, *options):
    return [BISQUE, "render", model, "-c", take, "-o", output, "--size", "64", *options]


def files_below(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def on_ranks(size, *command, **options):
    results = Ranks(size, *command, **options).wait()
    for rank, result in results.items():
        assert result.returncode == 0, (rank, result.stderr)
    return results


def message_of(result) -> str:
    assert result.returncode == 1, (result.returncode, result.stderr)
    lines = [line for line in result.stderr.splitlines() if line.startswith("bisque: ")]
    return lines[-1].removeprefix("bisque: ")  # after the one with the address


@pytest.fixture(scope="module")
def alone(model, take, tmp_path_factory):
    """The files of one process, by output."""
    made = {}

    def files(output):
        if output not in made:
            folder = tmp_path_factory.mktemp("alone")
            succeed(*render_command(model, take, folder / output, "-q")[1:])
            made[output] = files_below(folder)
        return made[output]

    return files


OUTPUTS = [SEQUENCE, pytest.param("frames/%d.jpg", marks=full), pytest.param(VIDEO, marks=needs_ffmpeg)]


@pytest.mark.parametrize("size", [2, pytest.param(4, marks=full)])
@pytest.mark.parametrize("output", OUTPUTS)
def test_ranks_write_the_files_of_one_process(size, output, model, take, alone, tmp_path):
    results = on_ranks(size, *render_command(model, take, tmp_path / output))
    assert files_below(tmp_path) == alone(output)
    lines = results[0].stderr.splitlines()
    assert lines[0] == f"bisque: rank 0 of {size} is bound to lo (127.0.0.1)"
    assert any(re.fullmatch(rf"rendering .*: {FRAMES} frames in \d+\.\d s \(.*/s\)", line) for line in lines)
    for rank in range(1, size):  # one rank reports
        assert results[rank].stderr.splitlines() == [f"bisque: rank {rank} of {size} is bound to lo (127.0.0.1)"]
        assert results[rank].stdout == ""


def test_quiet_ranks_print_nothing(model, take, tmp_path):
    results = on_ranks(2, *render_command(model, take, tmp_path / SEQUENCE, "-q"))
    assert [result.stderr + result.stdout for result in results.values()] == ["", ""]


def test_one_picture_is_rendered_by_one_rank(model, tmp_path):
    command = [BISQUE, "render", model, "--size", "64", "-q"]
    on_ranks(2, *command, "-o", tmp_path / "two.png")
    subprocess.run([str(word) for word in [*command, "-o", tmp_path / "one.png"]], check=True)
    assert (tmp_path / "two.png").read_bytes() == (tmp_path / "one.png").read_bytes()
    assert len(os.listdir(tmp_path)) == 2


def test_numbers_of_a_sequence_begin_at_start(model, take, tmp_path):
    on_ranks(2, *render_command(model, take, tmp_path / SEQUENCE, "-q", "--start", "7", "--end", "12"))
    assert sorted(os.listdir(tmp_path / "frames")) == [f"{number:03d}.png" for number in range(7, 12)]


def test_frames_of_another_render_are_replaced(model, take, alone, tmp_path):
    """Those of another take, and garbage with a frame's name."""
    other = write_take(tmp_path, high=0.5)
    folder = tmp_path / "out"
    on_ranks(2, *render_command(model, other, folder / SEQUENCE, "-q"))
    before = files_below(folder)
    (folder / "frames/005.png").write_text("garbage")
    on_ranks(2, *render_command(model, take, folder / SEQUENCE, "-q"))
    assert before != files_below(folder) == alone(SEQUENCE)


def stop_in_the_middle(model, take, folder, output, *options):
    """Kills both ranks when some frames are finished."""
    ranks = Ranks(2, *render_command(model, take, folder / output, "-q", *options), env={"BISQUE_TEST": "1"})
    pictures = folder / (".take.mp4.bisque-run" if output == VIDEO else "frames")
    try:
        while not list(pictures.glob("[0-9]*.png")):
            assert all(process.poll() is None for process in ranks.processes.values()), "the work was over too soon"
            time.sleep(0.005)
        for process in ranks.processes.values():
            process.kill()
    finally:
        ranks.kill()
    return {path: stat_of(path) for path in pictures.glob("[0-9]*.png")}


def stat_of(path):
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


@pytest.mark.parametrize("output", [SEQUENCE, pytest.param(VIDEO, marks=needs_ffmpeg)])
def test_a_render_is_continued(output, model, take, alone, tmp_path):
    """Also on another number of ranks. Finished frames are not written again."""
    finished = stop_in_the_middle(model, take, tmp_path, output)
    (tmp_path / "frames").mkdir(exist_ok=True)
    results = on_ranks(3, *render_command(model, take, tmp_path / output))
    if output == SEQUENCE:
        assert {path: stat_of(path) for path in finished} == finished
    else:
        (tmp_path / "frames").rmdir()
    assert files_below(tmp_path) == alone(output)
    assert f"({len(finished)} are finished): {FRAMES - len(finished)} frames in" in results[0].stderr


def test_an_unfinished_render_of_other_options_is_not_continued(model, take, alone, tmp_path):
    stop_in_the_middle(model, take, tmp_path, SEQUENCE, "--samples", "1")
    on_ranks(2, *render_command(model, take, tmp_path / SEQUENCE, "-q"))
    assert files_below(tmp_path) == alone(SEQUENCE)


def test_ranks_with_other_input(model, take, tmp_path):
    other = write_take(tmp_path, high=0.5)
    prefixes = [["env"], ["sh", "-c", f'exec "$@" -c {other}', "sh"]]
    command = [BISQUE, "render", model, "-o", tmp_path / SEQUENCE, "--size", "64"]
    prefixes[0] = ["sh", "-c", f'exec "$@" -c {take}', "sh"]
    for result in Ranks(2, *command, prefixes=prefixes).wait().values():
        assert message_of(result) == (
            "rank 1 renders something else than rank 0; expected the same command, model, take and version of bisque on all machines."
        )


@full
def test_ranks_without_a_shared_folder(model, take, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "yours").mkdir()
    prefixes = [["env", "-C", tmp_path / "mine"], ["env", "-C", tmp_path / "yours"]]
    results = Ranks(2, *render_command(model, take, SEQUENCE, "--timeout", "20"), prefixes=prefixes).wait()
    host = os.uname().nodename
    assert message_of(results[1]) == (
        f"{SEQUENCE}: is not in the same folder for all ranks: {host} does not see what rank 0 wrote; expected a folder that all machines share."
    )
    assert "barrier: rank 1 of 2 is missing (" in message_of(results[0]) or "broadcast: rank 1 of 2 is missing (" in message_of(results[0])


def test_a_rank_that_does_not_start(model, take, tmp_path):
    (result,) = Ranks(2, *render_command(model, take, tmp_path / SEQUENCE, "--timeout", "2"), ranks=[0]).wait().values()
    assert "init_process_group: no sign of rank 1 of 2 within 2 s; expected all to run, with the same MASTER_ADDR and " in message_of(result)
    assert os.listdir(tmp_path) == []


def test_the_timeout_has_a_range(model, tmp_path):
    assert fail("render", model, "-o", tmp_path / "a.png", "--timeout", "0") == "--timeout is 0; expected a number from 1 to 1e+06."


def test_a_bad_environment(model, tmp_path):
    message = fail("render", model, "-o", tmp_path / "a.png", env={"RANK": "0"})
    assert message == (
        "init_process_group: WORLD_SIZE is not set, but RANK is; expected RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun sets them."
    )


@needs_ffmpeg
@full
def test_a_video_does_not_depend_on_the_number_of_processors(model, take, alone, tmp_path):
    command = ["taskset", "-c", "0", *render_command(model, take, tmp_path / VIDEO, "-q")]
    subprocess.run([str(word) for word in command], check=True)
    assert files_below(tmp_path) == alone(VIDEO)


# Under torchrun, which restarts all ranks if one is killed.


def children_of(pid) -> list[int]:
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def start_torchrun(size, command, restarts):
    words = [TORCHRUN, "--no-python", "--standalone", "--local-addr=127.0.0.1", f"--nproc-per-node={size}", f"--max-restarts={restarts}", *command]
    return subprocess.Popen([str(word) for word in words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})


def ranks_of(process) -> list[int]:
    while process.poll() is None:
        ranks = [child for child in children_of(process.pid) if b"bisque" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes()[:300]]
        if len(ranks) == 2:
            return ranks
        time.sleep(0.02)
    raise AssertionError(process.communicate())


def render_and_kill(command, finished_now, delay, generator):
    """Kills a rank some time after the ranks appear, and returns what was finished then."""
    process = start_torchrun(2, command, restarts=2)
    try:
        ranks = ranks_of(process)
        delay()
        try:
            os.kill(generator.choice(ranks), signal.SIGKILL)
        except ProcessLookupError:
            pass  # the work was over
        finished = finished_now()
        _, err = process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    assert process.returncode == 0, err
    return finished


def finished_frames(folder):
    def now():
        found = {}
        for path in (folder / "frames").glob("*.png"):
            found[path] = stat_of(path)
        return found

    return now


def test_a_killed_rank_under_torchrun(model, take, alone, tmp_path):
    """Killed when there are some frames; the ranks start again and keep them."""

    def delay():
        while not list((tmp_path / "frames").glob("*.png")):
            time.sleep(0.002)

    command = render_command(model, take, tmp_path / SEQUENCE)
    finished = render_and_kill(command, finished_frames(tmp_path), delay, random.Random(1))
    assert {path: stat_of(path) for path in finished} == finished
    assert files_below(tmp_path) == alone(SEQUENCE)


KILLS = [pytest.param(SEQUENCE, seed, marks=full) for seed in range(7)] + [pytest.param(VIDEO, seed, marks=[full, needs_ffmpeg]) for seed in range(7, 10)]


@pytest.mark.parametrize("output, seed", KILLS)
def test_kills_at_random_moments(output, seed, model, take, alone, tmp_path):
    """From the start of the ranks until after the end of the work, which takes about two seconds."""
    generator = random.Random(seed)
    finished = render_and_kill(
        render_command(model, take, tmp_path / output), finished_frames(tmp_path), lambda: time.sleep(generator.uniform(0, 2.5)), generator
    )
    assert {path: stat_of(path) for path in finished} == finished
    assert files_below(tmp_path) == alone(output)
