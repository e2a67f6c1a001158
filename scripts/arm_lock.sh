#!/bin/sh
# arm_lock.sh [TORCH]: prints requirements/dev.lock for a 64-bit ARM machine without CUDA, or the same with another version of torch. Of CUDA's
# packages, which take 4 GB, the C++ libraries of torch need two.
set -eu
cd "$(dirname "$0")/.."
sed -E -e '/^(cuda-|triton|nvidia-)/{/^nvidia-cuda-(runtime|cupti)=/!d}' ${1:+-e "s/^torch==.*/torch==$1/"} requirements/dev.lock
