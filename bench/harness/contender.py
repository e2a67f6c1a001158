"""contender.py FILE ROW ours|peer: runs one side of a row in the protocol of harness/bench.cpp."""

import json
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402


def status_mib(key: str) -> float:
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def milliseconds(call) -> float:
    """The time of a call, or of a part of it that the call returns as a float."""
    start = time.perf_counter()
    part = call()
    return part if isinstance(part, float) else 1e3 * (time.perf_counter() - start)


def run_round(call, seconds: float) -> dict:
    """The first call of a round is a warm-up; it counts only if it fills the round."""
    first = total = milliseconds(call)
    times = []
    while total < 1e3 * seconds:
        times.append(milliseconds(call))
        total += times[-1]
    return {"ms": min(times, default=first), "calls": 1 + len(times)}


def children_mib() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    file, row, side = sys.argv[1:]
    harness.load(pathlib.Path(file))
    call = (harness.PEERS[row] if side == "peer" else harness.ROWS[row].ours).setup()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak is measured from here
    before, children_before = status_mib("VmRSS:"), children_mib()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(run_round(call, float(line.split()[1]))), flush=True)
    # The peak of a child program, if the calls ran one; else the growth of this process.
    children = children_mib()
    memory = children if children > children_before else status_mib("VmHWM:") - before
    print(json.dumps({"memory_mib": memory}), flush=True)


if __name__ == "__main__":
    main()
