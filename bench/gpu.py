"""Times each op on a real GPU: `make bench-gpu PYTHON=python3`, with that Python's torch (2.10 or later).

A file bench/ops3d/NAME_gpu.py or bench/core/ops/NAME_gpu.py has cases(), which yields Case objects. A row is the median of many calls, timed with CUDA events after a warm-up, and its
spread (the middle half), next to torch's way to the same result and a device copy of as many bytes as the op reads and writes.
"""

import argparse
import dataclasses
import importlib.util
import pathlib
import re
import sys
from collections.abc import Callable

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "bench")]
CALLS, WARM_UP = 100, 10


@dataclasses.dataclass
class Case:
    name: str
    ours: Callable
    torch_way: Callable | None  # None: torch would need hundreds of calls
    bytes: int  # minimum read and written


def times(call) -> tuple[float, float]:
    """Median and spread in milliseconds."""
    for _ in range(WARM_UP):
        call()
    events = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(CALLS)]
    for begin, end in events:
        begin.record()
        call()
        end.record()
    torch.cuda.synchronize()
    taken = sorted(begin.elapsed_time(end) for begin, end in events)
    return taken[CALLS // 2], taken[3 * CALLS // 4] - taken[CALLS // 4]


def copy_of(size: int):
    source = torch.empty(size // 2, dtype=torch.uint8, device="cuda")  # a copy reads and writes
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def load(path: pathlib.Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filter", default=".")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print(f"bench-gpu: the torch of {sys.executable} sees no GPU, expected one.", file=sys.stderr)
        return 1
    import bisque3d

    for library in ("libbisque_core_ops.so", "libbisque_ops.so"):
        bisque3d.load_library(ROOT / "build/lib" / library)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}; milliseconds, median of {CALLS} and spread")
    print(f"{'op':32}{'ours':>10}{'spread':>9}{'torch':>10}{'ratio':>8}{'copy':>9}")
    for path in sorted([*(ROOT / "bench/core/ops").glob("*_gpu.py"), *(ROOT / "bench/ops3d").glob("*_gpu.py")]):
        for case in load(path).cases():
            if not re.search(options.filter, case.name):
                continue
            ours, spread = times(case.ours)
            theirs = times(case.torch_way)[0] if case.torch_way else None
            peer = f"{theirs:10.4f}{theirs / ours:8.2f}" if theirs else f"{'':18}"
            print(f"{case.name:32}{ours:10.4f}{spread:9.4f}{peer}{times(copy_of(case.bytes))[0]:9.4f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.modules["gpu"] = sys.modules["__main__"]  # for the cases' `from gpu import Case`
    sys.exit(main())
