"""Runs a program under limits, and measures its memory."""

import pathlib
import resource
import subprocess
import sys
import tempfile

from tests.build import BUILD

BISQUE = BUILD / "bin" / "bisque"
CHILD = pathlib.Path(__file__).with_name("limited_child.py")
ADDRESS_SPACE = 12 << 30  # libtorch with CUDA maps several GiB; this only saves the machine


def _limit_address_space():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_limited(*arguments, seconds, program=BISQUE, **options) -> tuple[subprocess.CompletedProcess, int]:
    """The result (of a program that was killed after `seconds` a return code of -9) and the peak of memory in bytes."""
    command = [str(program), *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile("r") as usage:
        child = [sys.executable, "-I", "-S", str(CHILD), usage.name, str(seconds), *command]
        subprocess.run(child, check=True, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=_limit_address_space, **options)
        code, peak = map(int, usage.read().split())
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "surrogateescape"))
    return subprocess.CompletedProcess(command, code, *texts), peak
