#!/bin/sh
# test_compat.sh: tests one build of the wheel in other torch versions (COMPAT_TORCH), each in its own .venv-torch-VERSION. There is one check per
# torch and op, and one per torch of a fit, of a render with its gradient, of a third-party plugin, and of a checkpoint that C++ wrote. The CUDA part
# runs, on a GPU or on softgpu, if that torch has CUDA 13 (2.10.0 has CUDA 12.8, so it cannot). Two more checks: the core, which is bound to
# one torch, is built against the oldest of them and passes its tests, and so do its process groups.
set -eu
cd "$(dirname "$0")/.."
cases=build/compat.pt
log=build/compat.log
.venv/bin/cmake --build build --target checkpoint_probe acme_ops
rm -rf build/wheel
.venv/bin/python scripts/wheel.py build build/wheel
.venv/bin/python scripts/compat.py record $cases
runner=$(scripts/cuda_runner.sh)
[ -e build/lib/libbisque_ops_cuda.so ] || runner=""
: > $log
for version in ${COMPAT_TORCH:-2.10.0 2.11.0 2.14.1 2.15.0}; do
  venv=.venv-torch-$version
  if [ ! -e $venv/.whole ]; then
    echo "setup: installing torch $version into $venv"
    .tools/uv/bin/uv venv -q --allow-existing --python .venv/bin/python $venv
    .tools/uv/bin/uv pip install -q -p $venv "torch==$version" numpy
    touch $venv/.whole
  fi
  .tools/uv/bin/uv pip install -q -p $venv --no-deps --reinstall build/wheel/*.whl
  # Its exit code counts too: softgpu uses it to report a bug after all ops have passed.
  code=0
  $runner $venv/bin/python scripts/compat.py check $cases > build/compat.part 2>&1 || code=$?
  tee -a $log < build/compat.part
  if [ $code != 0 ] || ! grep -q "^torch $version" build/compat.part; then
    echo "torch $version: FAILED to run (exit code $code)" | tee -a $log
  fi
done
set -- ${COMPAT_TORCH:-2.10.0}
core=build-torch-$1
torch=$(echo "$PWD"/.venv-torch-$1/lib/python3*/site-packages/torch)
.venv/bin/cmake --preset release -B $core -DBISQUE_TORCH_DIR="$torch" -DBISQUE_CUDA=OFF > build/compat.part
if .venv/bin/cmake --build $core --target test_core >> build/compat.part && $core/bin/test_core --gtest_brief=1 >> build/compat.part 2>&1; then
  echo "torch $1: core $(grep -o '[0-9]* tests' build/compat.part | tail -1) passed on the CPU" | tee -a $log
else
  tail -40 build/compat.part
  echo "torch $1: core FAILED" | tee -a $log
fi
# Its process group, of which torch's headers change most. Python's part of that test loads the op libraries, which run in each torch.
cp build/lib/libbisque_ops.so $core/lib/
if .venv/bin/cmake --build $core --target distributed_probe > build/compat.part 2>&1 &&
    BISQUE_BUILD=$core .venv/bin/python -m pytest -q tests/core/distributed/process_group_test.py -k "collectives or address" >> build/compat.part 2>&1; then
  echo "torch $1: process groups passed on the CPU" | tee -a $log
else
  tail -40 build/compat.part
  echo "torch $1: process groups FAILED" | tee -a $log
fi
passed=$(grep -c ' passed on ' $log || true)
failed=$(grep -c 'FAILED' $log || true)
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
