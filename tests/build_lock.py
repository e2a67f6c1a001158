"""Tests run side by side, but one at a time goes on with the build: two ninja in one folder would undo each other's work."""

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Iterator

BUILD = pathlib.Path(os.environ.get("BISQUE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build")).resolve()


@contextlib.contextmanager
def build_lock() -> Iterator[None]:
    with open(BUILD / "tests.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
