#!/bin/sh
# setup.sh: installs missing build requirements: Debian packages, .venv, and nvcc from PyPI if there is no CUDA 13.
# BISQUE_SETUP=0 (`make SETUP=0`) installs nothing. Takes less than a second if nothing is missing.
set -eu
[ "${BISQUE_SETUP:-1}" != 0 ] || exit 0
cd "$(dirname "$0")/.."
scripts/check_system.sh
scripts/apt_install.sh scripts/apt-packages.txt
if scripts/find_nvcc.sh --system >/dev/null 2>&1; then
  scripts/venv.sh .venv requirements/dev.lock
elif [ "$(uname -m)" = aarch64 ]; then
  mkdir -p .tools
  scripts/arm_lock.sh > .tools/arm.lock
  scripts/venv.sh .venv .tools/arm.lock
  if ! grep -qw atomics /proc/cpuinfo; then
    scripts/apt_install.sh scripts/apt-openblas.txt
    scripts/arm_openblas_shim.sh >/dev/null
  fi
else
  scripts/venv.sh .venv requirements/dev.lock requirements/cuda.lock
  # The wheels search libraries in lib64 and have no libcudart.so; both need a link.
  toolkit=$(echo .venv/lib/python3*/site-packages/nvidia/cu13)
  ln -sfn lib "$toolkit/lib64"
  ln -sf libcudart.so.13 "$toolkit/lib/libcudart.so"
fi
