"""Counts our CUDA kernels that ran on softgpu, and fails if one did not run.

Ends with `CUDA: N kernels compiled for ARCHS, M run on softgpu`. N counts kernels of namespace bisque in the libraries:
each template instance that was compiled; CUB's do not count. M counts those that SOFTGPU_LAUNCHES lists.
"""

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = "_ZN6bisque"  # names in namespace bisque, mangled


def lines_of(*command) -> list[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def kernels_in(build: pathlib.Path, libraries: list[pathlib.Path]) -> set[str]:
    return {name for name in lines_of(build / "softgpu" / "softgpu-kernels", *libraries) if name.startswith(OURS)}


def cuda_archs(build: pathlib.Path) -> str:
    for line in (build / "CMakeCache.txt").read_text().splitlines():
        if line.startswith("BISQUE_CUDA_ARCHS:"):
            return line.partition("=")[2].replace(";", " ")
    return "unknown architectures"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("libraries", type=pathlib.Path, nargs="+", help="shared libraries with CUDA kernels")
    parser.add_argument("--launches", type=pathlib.Path, required=True, help="the file that SOFTGPU_LAUNCHES named")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    args = parser.parse_args()

    try:
        compiled = kernels_in(args.build, args.libraries)
    except subprocess.CalledProcessError as error:
        return error.returncode  # it printed the reason
    ran = set(args.launches.read_text().split()) if args.launches.exists() else set()
    missing = sorted(compiled - ran)
    if missing:
        print("CUDA: these kernels did not run in any test:", *lines_of("c++filt", *missing), sep="\n  ")
    if not compiled:
        print("CUDA: the libraries hold no PTX of a kernel of ours; BISQUE_CUDA_ARCHS needs a -virtual one.")
    print(f"CUDA: {len(compiled)} kernels compiled for {cuda_archs(args.build)}, {len(compiled & ran)} run on softgpu")
    return 1 if missing or not compiled else 0


if __name__ == "__main__":
    sys.exit(main())
