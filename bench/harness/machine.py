"""The machine of the figures."""

import datetime
import os
import pathlib
import platform


def describe(build: dict, threads: int) -> dict:
    """`build` is what bisque_bench --list says of itself."""
    return {
        "cpu": _after_colon("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "memory_gib": round(int(_after_colon("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "kernel": platform.release(),
        "compiler": build["compiler"],
        "torch": build["torch"],
        "load_before": round(os.getloadavg()[0], 2),
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _after_colon(path: str, key: str) -> str:
    """The value of the first line that begins with the key; "unknown" if there is none (aarch64 has no model name)."""
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(key):
            return line.split(":", 1)[1].strip()
    return "unknown"
