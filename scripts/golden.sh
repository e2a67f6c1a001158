#!/bin/sh
# golden.sh FOLDER DEVICE: runs the golden cases of a folder on the CPU or on CUDA (softgpu on a machine without a GPU).
set -eu
cd "$(dirname "$0")/.."
runner=""
[ "$2" = cuda ] && runner=$(scripts/cuda_runner.sh)
.venv/bin/cmake --build build --target ops3d_functions renderer_functions
exec $runner .venv/bin/python scripts/golden.py "$1" --device "$2"
