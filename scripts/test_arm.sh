#!/bin/sh
# test_arm.sh: cross builds for 64-bit ARM and tests under qemu, with the CPUs of a Raspberry Pi 4 and 5 and with one that has everything. .arm holds Debian's
# arm64 libraries and PyPI's arm64 torch. The program is also built with torch 2.10.0, which takes less space but not every CPU.
set -eu
cd "$(dirname "$0")/.."
scripts/apt_install.sh scripts/apt-arm.txt
scripts/arm_root.sh
scripts/arm_torch.sh .arm/torch
scripts/arm_torch.sh .arm/torch-2.10.0 2.10.0

# A second lib/ of torch, with OpenBLAS.
rm -rf .arm/openblas
mkdir -p .arm/openblas/torch
cp -al .arm/torch/torch/lib .arm/openblas/torch/lib
ln -s ../torch/nvidia .arm/openblas/nvidia
CC="aarch64-linux-gnu-gcc --sysroot=$PWD/.arm/root" scripts/arm_openblas_shim.sh .arm/openblas/torch/lib

[ -f build-arm/build.ninja ] || .venv/bin/cmake --preset arm
.venv/bin/cmake --build build-arm --target all tests/all
# Op libraries run in each torch; what is bound to torch 2.10 is built without optimisation, to save time.
old=build-arm-torch-2.10
[ -f $old/build.ninja ] || .venv/bin/cmake --preset arm -B $old -DBISQUE_TORCH_DIR="$PWD/.arm/torch-2.10.0/torch" -DBISQUE_TESTS=OFF \
  -DBISQUE_OPS_OF_OTHER_BUILD=ON -DCMAKE_BUILD_TYPE=None
.venv/bin/cmake --build $old --target bisque
cp build-arm/lib/libbisque_core_ops.so build-arm/lib/libbisque_ops.so $old/lib/
exec .venv/bin/python scripts/test_arm.py
