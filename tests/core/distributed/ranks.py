"""Starts the ranks of a test: by the environment that torchrun would give, or by torchrun."""

import os
import pathlib
import socket
import subprocess
import sys

import pytest

from tests.build import BUILD

PROBE = BUILD / "bin" / "distributed_probe"
TORCHRUN = pathlib.Path(sys.executable).parent / "torchrun"
# Longer tests: `make test-distributed` sets it.
full = pytest.mark.skipif("BISQUE_DISTRIBUTED" not in os.environ, reason="make test-distributed runs it")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ranks:
    """Processes by rank. `ranks` selects those that are started; `prefixes` are commands that start them."""

    def __init__(self, size, *command, ranks=None, address="127.0.0.1", prefixes=None, env=None, envs=None):
        self.port = free_port()
        self.processes = {}
        for rank in range(size) if ranks is None else ranks:
            launch = {"RANK": rank, "WORLD_SIZE": size, "MASTER_ADDR": address, "MASTER_PORT": self.port, "OMP_NUM_THREADS": 1}
            launch |= (env or {}) | ((envs or {}).get(rank, {}))
            words = [*(prefixes[rank] if prefixes else []), *command]
            self.processes[rank] = subprocess.Popen(
                [str(word) for word in words],
                env=os.environ | {name: str(value) for name, value in launch.items()},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )

    def wait(self, timeout=60) -> dict[int, subprocess.CompletedProcess]:
        results = {}
        try:
            for rank, process in self.processes.items():
                out, err = process.communicate(timeout=timeout)
                results[rank] = subprocess.CompletedProcess(process.args, process.returncode, out, err)
        finally:
            self.kill()
        return results

    def kill(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()


def probe(size, *arguments, timeout=60, **options) -> dict[int, subprocess.CompletedProcess]:
    return Ranks(size, PROBE, *arguments, **options).wait(timeout)


def succeed(size, *arguments, **options) -> dict[int, subprocess.CompletedProcess]:
    results = probe(size, *arguments, **options)
    for rank, result in results.items():
        assert result.returncode == 0, (rank, result.stderr)
    return results


def message_of(result) -> str:
    """The error. torch may print warnings after it."""
    assert result.returncode == 1, (result.returncode, result.stderr)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("probe: ")]
    return line.removeprefix("probe: ")


def torchrun(size, *command, restarts=0, env=None, **options) -> subprocess.CompletedProcess:
    # The name of a container's host may not resolve, which torchrun looks up without a local address.
    words = [TORCHRUN, "--no-python", "--standalone", "--local-addr=127.0.0.1", f"--nproc-per-node={size}", f"--max-restarts={restarts}", *command]
    options = {"capture_output": True, "text": True, "timeout": 120} | options
    return subprocess.run([str(word) for word in words], env=os.environ | {"OMP_NUM_THREADS": "1"} | (env or {}), **options)
