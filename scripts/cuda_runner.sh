#!/bin/sh
# cuda_runner.sh: prints the prefix command for programs that need CUDA: BISQUE_CUDA_RUNNER if it is set, nothing on a machine with a GPU, else the build's
# softgpu.
if [ -n "${BISQUE_CUDA_RUNNER+set}" ]; then
  echo "$BISQUE_CUDA_RUNNER"
elif [ ! -e /dev/nvidia0 ]; then
  echo "$(dirname "$0")/../build/softgpu/softgpu"
fi
