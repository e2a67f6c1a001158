#!/bin/sh
# find_nvcc.sh [--system]: prints the path of an nvcc 13: CUDACXX, PATH, /usr/local/cuda, then (not with --system) the one in .venv.
cd "$(dirname "$0")/.." || exit 1
wheel=""
[ "${1:-}" = --system ] || wheel=$(echo "$PWD"/.venv/lib/python3*/site-packages/nvidia/cu13/bin/nvcc)
for nvcc in "${CUDACXX:-}" "$(command -v nvcc)" "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" "$wheel"; do
  [ -x "$nvcc" ] && "$nvcc" --version 2>/dev/null | grep -q 'release 13\.' && { echo "$nvcc"; exit 0; }
done
exit 1
