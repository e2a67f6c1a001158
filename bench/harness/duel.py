"""Times the two sides of a row alternately, each in a separate process that sleeps while the other runs."""

import json
import os
import subprocess
import time

from harness import BENCH, ROOT, Contender, Row

ROUND = 0.4  # seconds of a round
ROW = 7.0  # seconds after which no new round of a row starts
MIN_ROUNDS = 2

# malloc keeps freed memory, as in `bisque render` (core/keep_freed_memory.h): otherwise large results are paid for twice, and glibc returns them to the system
# at a different rate in each run.
ENVIRONMENT = {
    "GLIBC_TUNABLES": f"glibc.malloc.mmap_threshold={2**31 - 1}:glibc.malloc.trim_threshold={2**31 - 1}",
    "PYOPENGL_PLATFORM": "egl",
    "VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow",
}


class ContenderFailed(Exception):
    pass


class Process:
    """One side of a row, set up and waiting."""

    def __init__(self, row: Row, side: str, contender: Contender, threads: int):
        if contender.setup is None:
            command = [ROOT / "build/bin/bisque_bench", row.name] + (["peer"] if side == "peer" else [])
        else:
            python = ROOT / (".venv/bin/python" if side == "ours" else ".venv-peers/bin/python")
            command = [python, BENCH / "harness/contender.py", contender.file, row.name, side]
        env = os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(threads), "LP_NUM_THREADS": str(threads)}
        self.label = contender.label
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.best = float("inf")
        self._read()

    def _read(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise ContenderFailed(f"{self.label} ended with exit status {self.process.wait()}")
        return line

    def round(self) -> None:
        self.process.stdin.write(f"round {ROUND}\n")
        self.process.stdin.flush()
        self.best = min(self.best, json.loads(self._read())["ms"])

    def finish(self) -> float:
        """Ends the process and returns its memory in MiB."""
        self.process.stdin.close()
        memory = json.loads(self._read())["memory_mib"]
        self.process.wait()
        return memory

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def run(row: Row, peer: Contender | None, threads: int) -> tuple[float, float | None, float]:
    """Milliseconds of ours and of the peer, the minimum over all rounds, and our MiB."""
    sides = []
    try:
        sides.append(Process(row, "ours", row.ours, threads))
        if peer:
            sides.append(Process(row, "peer", peer, threads))
        start, rounds = time.monotonic(), 0
        while rounds < MIN_ROUNDS or time.monotonic() - start < ROW:
            for side in sides:
                side.round()
            rounds += 1
        memory = [side.finish() for side in sides][0]
        return sides[0].best, sides[1].best if peer else None, memory
    finally:
        for side in sides:
            side.kill()
