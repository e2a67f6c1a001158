#!/bin/sh
# cuda_runner.sh: prints the command that goes before a program which needs CUDA: BISQUE_CUDA_RUNNER where it is set, nothing where a GPU
# is, else the build's softgpu.
if [ -n "${BISQUE_CUDA_RUNNER+set}" ]; then
  echo "$BISQUE_CUDA_RUNNER"
elif [ ! -e /dev/nvidia0 ]; then
  echo "$(dirname "$0")/../build/softgpu/softgpu"
fi
