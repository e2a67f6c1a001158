#!/bin/sh
# test_compat.sh: the op library as it is built, in other torch versions (COMPAT_TORCH), each in a .venv-torch-VERSION of its own. One check
# a torch and op. The CUDA part runs, on a GPU or on softgpu, where that torch has CUDA 13 (2.10.0 has CUDA 12.8: there it cannot).
set -eu
cd "$(dirname "$0")/.."
cases=build/compat.pt
log=build/compat.log
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
  # Its exit code counts too: softgpu reports a bug by it after all ops have passed.
  code=0
  $runner $venv/bin/python scripts/compat.py check $cases > build/compat.part 2>&1 || code=$?
  tee -a $log < build/compat.part
  if [ $code != 0 ] || ! grep -q "^torch $version" build/compat.part; then
    echo "torch $version: FAILED to run (exit code $code)" | tee -a $log
  fi
done
passed=$(grep -c ' passed on ' $log || true)
failed=$(grep -c 'FAILED' $log || true)
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
