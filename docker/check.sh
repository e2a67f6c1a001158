#!/bin/bash
# check.sh [driver] [nvcc] [kernels] [build] [switches] [pictures]: checks a built tree, or an image that only runs Bisque: the GPU driver, the CUDA
# Toolkit, the compiled kernels, whether the build follows its CUDA switches, what these do and which CUB is taken, and the white model's pictures;
# without arguments all of them. Prints one line per check, which begins with ok, note (not checked, and why) or FAILED, and exits with 1 if one failed.
# Environment: BISQUE_BUILD is the build folder (default: build/), CUB_HOME and FORCE_CUDA are those of the build.
set -uo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
root=$(dirname "$here")
build=${BISQUE_BUILD:-$root/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
archs=""         # of the kernels that are here, "75-virtual 80-real"
capabilities=""  # of the visible GPUs, "8.0 9.0"

report() {  # report STATUS NAME TEXT
  printf '%-6s  %-12s  %s\n' "$@"
  if [ "$1" = FAILED ]; then failures=$((failures + 1)); fi
}
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
in_tree() { [ -f "$build/CMakeCache.txt" ]; }
first_version() { grep -oE '[0-9]+(\.[0-9]+)+' | sed -n 1p; }

program=$root/../bin/bisque  # PREFIX/share/bisque/check.sh
if in_tree; then program=$build/bin/bisque; PATH=$root/.venv/bin:$PATH; fi
if [ ! -x "$program" ]; then
  echo "check: $program does not exist; expected a built tree (make build) or an installed Bisque." >&2
  exit 2
fi

check_driver() {
  local gpus
  if ! command -v nvidia-smi >/dev/null; then
    if [ -r /proc/driver/nvidia/version ]; then
      report FAILED driver "$(sed -n 1p /proc/driver/nvidia/version | first_version), but nvidia-smi is missing; start the container with --gpus all"
    else
      report note driver "none: no GPU is visible"
    fi
  elif ! gpus=$(nvidia-smi --query-gpu=driver_version,compute_cap,name --format=csv,noheader 2>&1); then
    report FAILED driver "nvidia-smi fails: ${gpus%%$'\n'*}"
  else
    capabilities=$(cut -d , -f 2 <<<"$gpus" | sort -u | tr -d '\n')
    if [ "${gpus%%.*}" -lt 580 ]; then
      report FAILED driver "${gpus%%,*} is too old for CUDA 13; install 580 or later on the host"
    else
      report ok driver "${gpus//$'\n'/; }"
    fi
  fi
}

check_nvcc() {
  local nvcc
  if ! in_tree; then
    report note nvcc "none, because this image only runs Bisque"
  elif nvcc=$("$root/scripts/find_nvcc.sh"); then
    report ok toolkit "CUDA $("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p') ($(cd "$(dirname "$nvcc")/.." && pwd -P))"
    report ok nvcc "$("$nvcc" --version | sed -n 's/.*, V//p') ($nvcc)"
  elif [ "$(cached BISQUE_CUDA)" = OFF ]; then
    report note nvcc "none; BISQUE_CUDA is OFF"
  else
    report FAILED nvcc "no nvcc 13 on PATH, in CUDA_HOME or in .venv; run make setup"
  fi
}

# What cuobjdump finds in a library, as it is in the manifest: "75-virtual 80-real".
dumped_archs() {
  { cuobjdump --list-ptx "$1" | grep -oE 'sm_[0-9]+[a-z]*' | sed 's/sm_\(.*\)/\1-virtual/'
    cuobjdump --list-elf "$1" | grep -oE 'sm_[0-9]+[a-z]*' | sed 's/sm_\(.*\)/\1-real/'; } 2>/dev/null | sort -u
}

check_kernels() {
  local built libraries library dumped wanted source=manifest
  built=$("$program" doctor | sed -n 's/^CUDA kernels *compiled for //p')
  if [ -z "$built" ]; then report note kernels "built without CUDA"; return; fi
  libraries=$(ldd "$program" | sed -n 's|.* => \(.*\)/libbisque_core\.so.*|\1|p')
  for library in "$libraries"/libbisque_core_ops_cuda.so "$libraries"/libbisque_ops_cuda.so; do
    if [ ! -f "$library" ]; then
      if in_tree; then report FAILED kernels "$library is missing; run make build"; else report note kernels "this image renders on the CPU only"; fi
      return
    fi
    if command -v cuobjdump >/dev/null; then
      source=cuobjdump
      wanted=$(for arch in $built; do case $arch in *-*) echo "$arch" ;; *) printf '%s-real\n%s-virtual\n' "$arch" "$arch" ;; esac; done | sort -u)
      dumped=$(dumped_archs "$library")
      if [ "$dumped" != "$wanted" ]; then
        report FAILED kernels "$library holds ${dumped//$'\n'/ }, expected ${wanted//$'\n'/ }; run make build"
        return
      fi
    fi
  done
  archs=$built
  report ok kernels "for $archs ($source)"
  for capability in $capabilities; do require_kernel_for "${capability/./}"; done
}

# PTX runs on every later GPU, machine code on those of its major version from its minor version on.
require_kernel_for() {
  local arch number
  for arch in $archs; do
    number=${arch%%[!0-9]*}
    if [ "$number" -gt "$1" ]; then continue; fi
    if [ "${arch%-real}" = "$arch" ] || [ $((number / 10)) = $(($1 / 10)) ]; then return; fi
  done
  report FAILED kernels "none for the GPU's compute capability ${1%?}.${1: -1} (\"no kernel image\"); build with CUDAARCHS=all"
}

check_build() {
  local wanted built
  if ! in_tree; then return; fi
  wanted=$(cached BISQUE_CUDA) built=$(cached BISQUE_CUDA_BUILT)
  if [ "${FORCE_CUDA:-}" = 1 ]; then wanted=ON; fi
  case $wanted,$built in
    ON,TRUE | OFF,FALSE | AUTO,*) report ok build "BISQUE_CUDA is $wanted, CUDA is $([ "$built" = TRUE ] || echo "not ")built" ;;
    *) report FAILED build "BISQUE_CUDA is $wanted, but CUDA is $([ "$built" = TRUE ] || echo "not ")built; run make clean build" ;;
  esac
}

# configure FOLDER [VARIABLES OF ENV...]: configures docker/check with these, and no visible GPU.
configure() {
  local folder=$1; shift
  env "$@" CUDA_VISIBLE_DEVICES= cmake -S "$here/check" -B "$work/$folder" -G Ninja -DBISQUE_CUDA="${BISQUE_CUDA:-AUTO}" >"$work/$folder.log" 2>&1
}
# The sentence of an error of CMake, which is printed over several lines.
sentence_of() { sed -n '/^CMake Error/,/^Call Stack/{/^C/d;p}' "$work/$1.log" | tr -s ' \n' ' ' | sed 's/^ //;s/ $//'; }

check_switches() {
  if ! in_tree; then return; fi
  if [ "$(BISQUE_CUDA=OFF configure off -u FORCE_CUDA; grep -o 'with.* CUDA' "$work/off.log")" = "without CUDA" ]; then
    report ok BISQUE_CUDA "OFF: no CUDA"
  else
    report FAILED BISQUE_CUDA "OFF does not switch CUDA off: $(sentence_of off)"
  fi
  if ! "$root/scripts/find_nvcc.sh" >/dev/null; then
    if configure forced FORCE_CUDA=1; then
      report FAILED FORCE_CUDA "1 without nvcc is expected to be an error"
    else
      report ok FORCE_CUDA "1 without nvcc is an error: $(sentence_of forced)"
    fi
  elif ! configure forced FORCE_CUDA=1; then
    report FAILED FORCE_CUDA "1 does not configure: $(sentence_of forced)"
  elif ! cmake --build "$work/forced" >"$work/forced.log" 2>&1; then
    report FAILED FORCE_CUDA "1 does not compile: $(grep -m 1 -iE 'error|fatal|killed' "$work/forced.log")"
  else
    report ok FORCE_CUDA "1: CUDA is compiled without a visible GPU"
    report_cub
  fi
}

# Which CUB the kernel of docker/check was compiled with.
report_cub() {
  local file version home
  file=$(ninja -C "$work/forced" -t deps 2>/dev/null | grep -o '/.*/cub/version.cuh' | sed -n 1p)
  home=${file%/cub/version.cuh}
  version=$(sed -n 's/^#define CUB_VERSION \([0-9]*\).*/\1/p' "$file")
  version="$((version / 100000)).$((version / 100 % 1000)).$((version % 100))"
  if [ -z "${CUB_HOME:-}" ]; then
    report ok CUB "$version, of the toolkit ($home)"
  elif [ "$home" -ef "$CUB_HOME" ]; then
    report ok CUB "$version, of CUB_HOME ($CUB_HOME)"
  else
    report FAILED CUB "CUB_HOME is $CUB_HOME, but $home was used"
  fi
}

render() { "$program" render demo --coefficients "$here/check/arkit.csv" --size 256 --device "$1" --output "$work/$1.png" 2>"$work/$1.log"; }
pixels() { ffmpeg -v error -i "$1" -f rawvideo -pix_fmt rgb24 -; }
# difference A B: the largest difference of two pictures, and the number of values that differ by more than 2, of 255.
difference() {
  if ! pixels "$1" >"$work/a" || ! pixels "$2" >"$work/b" || [ "$(wc -c <"$work/a")" != "$(wc -c <"$work/b")" ]; then echo "256 196608"; return; fi
  cmp -l "$work/a" "$work/b" | awk '
    function octal(text) { return substr(text, length(text) - 2, 1) * 64 + substr(text, length(text) - 1, 1) * 8 + substr(text, length(text)) }
    { d = octal("00" $2) - octal("00" $3); if (d < 0) d = -d; if (d > most) most = d; if (d > 2) many++ }
    END { print most + 0, many + 0 }'
}

check_pictures() {
  local most many device
  if ! render cpu; then report FAILED "CPU picture" "$(sed -n '$p' "$work/cpu.log")"; return; fi
  read -r most _ < <(difference "$work/cpu.png" "$here/check/face.png")
  if [ "$most" -le 1 ]; then
    report ok "CPU picture" "equals face.png (largest difference $most of 255, at most 1)"
  else
    report FAILED "CPU picture" "differs from $here/check/face.png by up to $most of 255, expected at most 1"
  fi
  if ! render auto; then report FAILED "GPU picture" "$(sed -n '$p' "$work/auto.log")"; return; fi
  device=$(sed -n 's/.*device: //p' "$work/auto.log")
  case $device in
    cuda*) ;;
    *"no GPU is visible"*) report note "GPU picture" "no GPU is visible"; return ;;
    *) if [ -z "$archs" ]; then report note "GPU picture" "there are no CUDA kernels"; else report FAILED "GPU picture" "was rendered on the $device"; fi
       return ;;
  esac
  read -r most many < <(difference "$work/auto.png" "$work/cpu.png")
  if [ "$many" -le 196 ]; then
    report ok "GPU picture" "equals the CPU's (largest difference $most of 255; $many values differ by more than 2, at most 196 of 196608)"
  else
    report FAILED "GPU picture" "$many of 196608 values differ from the CPU's by more than 2 of 255, expected at most 196"
  fi
}

checks=("$@")
if [ $# = 0 ]; then checks=(driver nvcc kernels build switches pictures); fi
for name in "${checks[@]}"; do
  if ! declare -F "check_$name" >/dev/null; then
    echo "check: there is no check \"$name\", expected driver, nvcc, kernels, build, switches or pictures." >&2
    exit 2
  fi
  "check_$name"
done
if [ "$failures" != 0 ]; then echo "check: $failures failed"; exit 1; fi
echo "check: all passed"
