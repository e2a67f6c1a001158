"""A file bench/**/*_bench.py with @bench or @peer adds rows to the table of `make bench`.

Set-up functions return the call that is timed. They import their own dependencies, because both `.venv` and
`.venv-peers` read the files.
"""

import dataclasses
import importlib.util
import pathlib
from collections.abc import Callable

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
WORK = ROOT / "out/bench"  # files of the fixtures

Setup = Callable[[], Callable[[], object]]


@dataclasses.dataclass
class Contender:
    """The code that runs in a separate process: a Python set-up function, or a row of bisque_bench (no set-up)."""

    label: str
    setup: Setup | None = None
    file: pathlib.Path | None = None


@dataclasses.dataclass
class Row:
    name: str
    work: str
    ours: Contender
    note: str = ""
    needs: str = ""  # a fixture of fixtures.py
    recorded: tuple[str, float] | None = None  # name and milliseconds of a peer that cannot be installed


ROWS: dict[str, Row] = {}
PEERS: dict[str, Contender] = {}


def bench(name: str, *, work: str, note: str = "", needs: str = "", recorded: tuple[str, float] | None = None):
    """Declares a row whose own side is in Python."""

    def add(setup: Setup) -> Setup:
        if name in ROWS:
            raise ValueError(f"two rows are named {name}")
        ROWS[name] = Row(name, work, Contender("bisque", setup, _file_of(setup)), note, needs, recorded)
        return setup

    return add


def peer(name: str, label: str):
    """Declares the peer of a row in Python or C++, measured in the same run; it runs in `.venv-peers`."""

    def add(setup: Setup) -> Setup:
        if name in PEERS:
            raise ValueError(f"two peers are given for {name}")
        PEERS[name] = Contender(label, setup, _file_of(setup))
        return setup

    return add


def load(file: pathlib.Path) -> None:
    """Reads the declarations of a file."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def load_all() -> None:
    for file in sorted(BENCH.rglob("*_bench.py")):
        load(file)


def _file_of(setup: Setup) -> pathlib.Path:
    return pathlib.Path(setup.__code__.co_filename)
