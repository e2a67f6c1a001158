"""The folder of the build that is tested, and the lock of who goes on with it."""

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BISQUE_BUILD", ROOT / "build")).resolve()


@contextlib.contextmanager
def build_lock() -> Iterator[None]:
    """Tests run side by side, but one at a time builds: two ninja in one folder would undo each other's work."""
    with open(BUILD / "tests.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
