"""bisque render on one and two ranks of one thread each: from the first frame's start to the last frame's file, and what comes before."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from harness import ROOT, WORK, bench, peer

BISQUE = ROOT / "build/bin/bisque"
TORCHRUN = [ROOT / ".venv/bin/torchrun", "--no-python", "--standalone", "--nproc-per-node=2"]
SCENE = "the ICT head with the take dao at 512 x 512, 4 samples per pixel, to PNG"
PLAIN = {name: value for name, value in os.environ.items() if name not in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, **variables) -> subprocess.Popen:
    words = [str(word) for word in command]
    return subprocess.Popen(words, env=PLAIN | {"OMP_NUM_THREADS": "1"} | variables, stderr=subprocess.PIPE, text=True)


def start_alone(command) -> list[subprocess.Popen]:
    return [start(command)]


def start_ranks(command) -> list[subprocess.Popen]:
    """Two ranks without torchrun. The first reports."""
    port = str(free_port())
    return [start(command, RANK=rank, WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port) for rank in "01"]


def start_torchrun(command) -> list[subprocess.Popen]:
    return [start([*TORCHRUN, *command])]


def run(starter, *options) -> tuple[float, float]:
    """Milliseconds until the first frame starts, and from then until the last file is written."""
    folder = pathlib.Path(WORK / "ranks")
    shutil.rmtree(folder, ignore_errors=True)
    take = f"{os.environ['BISQUE_SHARED']}/data/live_link/dao.csv"
    command = [BISQUE, "render", WORK / "ict.safetensors", "--coefficients", take, "--output", folder / "%05d.png", *options]
    began = time.time()
    processes = starter(command)
    first = None
    for line in processes[0].stderr:
        if re.search(r": 0 of \d+ frames", line):
            first = time.time()
    if any(process.wait() for process in processes) or first is None:
        raise RuntimeError(f"{command} failed")
    last = max(path.stat().st_mtime for path in folder.iterdir())
    return 1e3 * (first - began), 1e3 * (last - first)


def frames(starter):
    return lambda: run(starter)[1]


def start_up(starter):
    return lambda: run(starter, "--end", "2")[0]


@bench("render_2_ranks", work=f"{SCENE}, 187 frames, on two ranks of one thread", note="at least 1.8 times one rank", needs="ict")
def two_ranks():
    return frames(start_ranks)


@bench("render_2_ranks_torchrun", work=f"{SCENE}, 187 frames, on two ranks of one thread under torchrun", note="at least 1.8 times one rank", needs="ict")
def two_ranks_of_torchrun():
    return frames(start_torchrun)


@bench("render_2_ranks_start", work="from the start of two ranks to their first frame", needs="ict")
def start_of_two_ranks():
    return start_up(start_ranks)


@bench("render_2_ranks_torchrun_start", work="from the start of torchrun to the first frame of its two ranks", needs="ict")
def start_of_torchrun():
    return start_up(start_torchrun)


@peer("render_2_ranks", "one rank of one thread")
def one_rank():
    return frames(start_alone)


@peer("render_2_ranks_torchrun", "one rank of one thread")
def one_rank_for_torchrun():
    return frames(start_alone)


@peer("render_2_ranks_start", "one rank")
def start_of_one_rank():
    return start_up(start_alone)


@peer("render_2_ranks_torchrun_start", "one rank")
def start_of_one_rank_for_torchrun():
    return start_up(start_alone)
