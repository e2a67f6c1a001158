"""A sweep over the kinds of files: mutates well-formed ones by their structure, and runs the program on each.

    python -m tests.fuzz.sweep [--mutations 5000] [--seed 1] [--only NUMBER] [--keep FOLDER]

No run may crash, take more than 1 GiB or 20 s, or print anything but one clean sentence. A file that breaks this is kept in the
folder with the command; `--seed S --only N` makes it again. A run takes some 0.5 s, of which libtorch takes 0.4 s to load, so
5,000 take about 20 minutes on two cores. Ends with `N passed, M failed, K skipped`.
"""

import argparse
import concurrent.futures
import functools
import os
import pathlib
import random
import re
import shlex
import shutil
import sys
import tempfile

from tests.fuzz.sweep_mutations import MUTATIONS
from tests.fuzz.sweep_seeds import write_seeds
from tests.testing.limited import run_limited

MAX_BYTES = 1 << 30
MAX_SECONDS = 20
KINDS = ("torch",) * 5 + ("legacy",) * 2 + ("safetensors", "model", "take", "gltf", "gltf", "glb", "glb", "obj", "obj", "csv", "json", "npy", "packets", "wav")  # fmt: skip


def command_for(kind: str, path: pathlib.Path, good: pathlib.Path, work: pathlib.Path, rng: random.Random) -> list:
    """A command that reads the file."""
    render = ["render", "-q", "--size", "16", "-o", work / "out.png"]
    if kind in ("torch", "legacy", "safetensors"):
        choices = [["info", path], ["info", "--json", path], ["diff", path, good], ["diff", path, path],
                   ["convert", path, work / "out.safetensors"], ["convert", path, work / "out.pt"]]  # fmt: skip
    elif kind in ("model", "gltf", "glb", "obj"):
        choices = [["info", path], ["convert", path, work / "out.glb"], ["convert", path, work / "out.safetensors"], [*render, path]]
    elif kind == "wav":
        choices = [["info", path]]
    else:
        choices = [["info", path], [*render, work.parent / "seeds" / "model.safetensors", "-c", path]]
    return rng.choice(choices)


def fault_of(result, peak: int, seconds: float) -> str:
    """The fault of a run, or ""."""
    if result.returncode == -9:
        return f"was killed after {seconds} s"
    if result.returncode not in (0, 1, 2, 3):
        return f"ended with {result.returncode}"
    if peak > MAX_BYTES:
        return f"took {peak >> 20} MiB"
    for text in (result.stdout, result.stderr):
        if found := re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\udc80-\udc9f]", text):
            return f"wrote {ascii(found.group())}"
    lines = result.stderr.splitlines()
    if len(result.stderr) > 20_000 or any(len(line) > 2500 for line in lines):
        return f"wrote {len(result.stderr)} bytes to stderr"
    errors = [line for line in lines if not line.startswith("note: ")]
    if result.returncode in (1, 2) and (len(errors) != 1 or not errors[0].startswith("bisque: ")):
        return f"wrote {len(errors)} lines of an error"
    if re.search(r"json\.exception|frame #\d|c10::|Exception raised from", result.stderr):
        return "wrote what a library says"
    return ""


def spoil_and_run(number: int, seed: int, seeds: dict, folder: pathlib.Path) -> tuple[str, pathlib.Path, list]:
    rng = random.Random(f"{seed}:{number}")
    kind = rng.choice([kind for kind in KINDS if kind in seeds])
    good = rng.choice(seeds[kind])
    work = folder / str(number)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    path = work / good.name
    path.write_bytes(MUTATIONS[kind](good.read_bytes(), rng))
    for beside in (good.with_suffix(".bin"), good.with_suffix(".names.json")):
        if beside.exists():
            shutil.copy(beside, work)
    command = command_for(kind, path, good, work, rng)
    result, peak = run_limited(*command, seconds=MAX_SECONDS, cwd=work)
    fault = fault_of(result, peak, MAX_SECONDS)
    if fault:
        (work / "stderr").write_text(result.stderr, errors="surrogateescape")
    else:
        shutil.rmtree(work)
    return fault, work, command


def sweep(mutations: int, seed: int, folder: pathlib.Path, only: int | None = None, report=print) -> list[str]:
    """The faults of a sweep, each with the input that reproduces it."""
    shutil.rmtree(folder / "seeds", ignore_errors=True)
    seeds = write_seeds(folder / "seeds")
    numbers = range(mutations) if only is None else [only]
    faults = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(spoil_and_run, number, seed, seeds, folder): number for number in numbers}
        for done, run in enumerate(concurrent.futures.as_completed(runs), 1):
            number = runs[run]
            try:
                fault, work, command = run.result()
            except Exception as error:  # one run that could not be judged is a fault of its own, not the end of the sweep
                fault, work, command = f"could not run: {error!r}", folder / str(number), []
            if fault:
                faults.append(f"--seed {seed} --only {number}: {fault}; {work}: bisque {shlex.join(map(str, command))}")
                report(f"sweep: FAILED {faults[-1]}")
            if done % 500 == 0:
                report(f"sweep: {done} of {len(numbers)}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description="Spoils files of every kind and runs the program on each.")
    parser.add_argument("--mutations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one mutation")
    parser.add_argument("--keep", type=pathlib.Path, help="where what fails is left (default: a new folder in /tmp)")
    options = parser.parse_args()
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="bisque-sweep-"))
    folder.mkdir(parents=True, exist_ok=True)
    report = functools.partial(print, flush=True)
    faults = sweep(options.mutations, options.seed, folder.resolve(), options.only, report)
    number = 1 if options.only is not None else options.mutations
    print(f"{number - len(faults)} passed, {len(faults)} failed, 0 skipped")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
