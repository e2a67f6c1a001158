"""The folder of the tested build, and its lock."""

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BISQUE_BUILD", ROOT / "build")).resolve()


@contextlib.contextmanager
def build_lock() -> Iterator[None]:
    """Tests run in parallel, but only one at a time may build, because two ninja processes in one folder conflict."""
    with open(BUILD / "tests.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
