#!/bin/sh
# arm_openblas_shim.sh [LIB]: puts OpenBLAS in the place of NVPL in the lib/ of a torch package (default: .venv's), for CPUs without LSE atomics, as in a
# Raspberry Pi 4. From 2.11 on, PyPI's torch for ARM uses NVPL, which such a CPU ends with an illegal instruction as soon as it uses two threads. Each NVPL
# library is replaced by an empty one of its name that needs OpenBLAS (apt install libopenblas0-pthread). CC: the compiler.
set -eu
lib=${1:-$(echo "$(dirname "$0")"/../.venv/lib/python3*/site-packages/torch/lib)}
[ -e "$lib/libtorch_cpu.so" ] || { echo "arm_openblas_shim: $lib has no libtorch_cpu.so, expected the lib folder of a torch package." >&2; exit 1; }
[ -e "$lib/libnvpl_blas_core.so.0" ] || { echo "arm_openblas_shim: this torch has no NVPL, so there is nothing to replace."; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for part in blas lapack; do
  name=libnvpl_${part}_lp64_gomp.so.0
  echo "int bisque_openblas_shim_$part;" > "$work/shim.c"
  echo "$name { global: bisque_openblas_shim_$part; };" > "$work/versions"  # libtorch_cpu asks for this version
  ${CC:-cc} -shared -fPIC -nostdlib -Wl,-soname,$name -Wl,--version-script="$work/versions" -o "$work/$name" "$work/shim.c" \
    -L/usr/lib/aarch64-linux-gnu/openblas-pthread -Wl,--no-as-needed -l:libopenblas.so.0
done
# pip and uv share files of packages between environments: they are replaced, not overwritten.
mv -f "$work"/libnvpl_*.so.0 "$lib/"
rm -f "$lib"/libnvpl_blas_core.so.0 "$lib"/libnvpl_lapack_core.so.0
echo "arm_openblas_shim: $lib now uses OpenBLAS."
