#!/bin/sh
# test_gpu.sh PYTHON: runs the CUDA tests with the torch (2.10 or later, CUDA 13) and pytest of PYTHON, on a GPU. Offline; builds nothing that
# is built: the op libraries and their CUDA parts in build/lib are enough. BISQUE_CUDA_RUNNER=build/softgpu/softgpu tries it without one.
set -eu
cd "$(dirname "$0")/.."
python=$1
[ -e build/lib/libbisque_ops_cuda.so ] || make build
if [ -z "${BISQUE_CUDA_RUNNER:-}" ]; then
  "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' || {
    echo "test-gpu: the torch of $python sees no GPU, expected one." >&2; exit 1; }
fi
code=0
${BISQUE_CUDA_RUNNER:-} "$python" -m pytest -q -rs -m cuda tests/core/ops tests/ops3d --junitxml=build/gpu.junit.xml || code=$?
"$python" scripts/run_tests.py --count build/gpu.junit.xml
exit $code
