#!/bin/bash
# collect_runtime.sh PREFIX CPU_ROOT CUDA_ROOT: collects the files that the bisque installed in PREFIX needs to run, at their paths: under CPU_ROOT PREFIX
# without its headers and Python's part, and the libraries of libtorch's wheel that it loads; under CUDA_ROOT what CUDA needs in addition.
# CPU_ROOT/PREFIX/debian-packages lists the packages of all other libraries: Debian and Ubuntu have different names for some.
set -euo pipefail
prefix=$1; cpu=$2; cuda=$3
tree=$(cd "$(dirname "$0")/.." && pwd)

# loaded_by FILE...: the paths of the libraries that the files load, without the driver's, which is the host's.
loaded_by() {
  if ldd "$@" | grep -v 'libcuda\.so' | grep 'not found' >&2; then echo "collect_runtime: libraries of $* are not found (above)." >&2; return 1; fi
  ldd "$@" | awk '$3 ~ "^/" { print $3 }' | sort -u
}
# collect ROOT: copies the listed libraries of wheels that CPU_ROOT lacks to ROOT, and prints the Debian packages of the others.
collect() {
  local library
  while read -r library; do
    case $library in
      "$prefix"/*) ;;
      */site-packages/*) library=$(realpath -s "$library"); if [ ! -e "$cpu$library" ]; then cp -L --parents "$library" "$1"; fi ;;
      # The loader may name /lib for what dpkg knows in /usr/lib.
      *) dpkg -S "*/$(basename "$(dirname "$library")")/$(basename "$library")" | cut -d : -f 1 ;;
    esac
  done
}

mkdir -p "$cpu$prefix/share/bisque" "$cuda$prefix/lib"
cp -a "$prefix/." "$cpu$prefix"
rm -rf "$cpu$prefix/include" "$cpu$prefix/lib/cmake" "$cpu$prefix"/lib/bisque3d_cpp.*
cp -a "$tree/docker/check.sh" "$tree/docker/check" "$cpu$prefix/share/bisque"
ln -s ../share/bisque/check.sh "$cpu$prefix/bin/bisque-check"
mv "$cpu$prefix"/lib/libbisque_*_cuda.so "$cuda$prefix/lib"

torch=$(dirname "$(ldd "$prefix/bin/bisque" | awk '/libtorch_cpu.so/ { print $3 }')")
# libtorch opens these by name when it needs them. cuDNN's parts are left out (1 GB): rendering has no convolution.
on_demand=("$torch/libtorch_cuda.so" "$torch/libtorch_cuda_linalg.so" "$torch/libcaffe2_nvrtc.so")
{ loaded_by "$prefix/bin/bisque" | collect "$cpu"
  { printf '%s\n' "${on_demand[@]}" "$torch"/../../nvidia/*/lib/libnvrtc-builtins.so*; loaded_by "${on_demand[@]}"; } | collect "$cuda"
} | sort -u >"$cpu$prefix/debian-packages"
