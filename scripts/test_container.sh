#!/bin/bash
# test_container.sh: builds docker/Dockerfile from a clean clone of HEAD. Its test stage runs `make test`; then docker/check.sh runs in the build stage and in
# both runtime stages, which must have no compiler and not run as root, and each entry point renders a picture. The last line adds these checks to the
# container's `make test`.
# CUDAARCHS (default: all) are the architectures; JOBS limits compilers that run at once; CONTAINER_TEST_STAGE=0 skips the test stage; CONTAINER_OUT=DIR keeps pictures and reports.
# With a Docker engine, it uses the Dockerfile's base image. Without one, it runs (as root) Debian's buildah on a bare Debian (CONTAINER_SUITE: bookworm or
# trixie), with this machine's CUDA toolkit as a read-only volume.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bare_debian.sh

work=$(mktemp -d /var/tmp/bisque-container.XXXXXX)
cleanup() {
  if [ -d "$work/storage" ]; then
    engine rm --all >/dev/null || true
    umount "$work/storage/overlay" 2>/dev/null || true
  fi
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
clone=$work/bisque
clean_clone "$clone"
install -d -m 777 "$work/out"
arguments=(--build-arg "CUDAARCHS=${CUDAARCHS:-all}" --build-arg "JOBS=${JOBS:-}")

# stage TARGET: builds the image bisque-TARGET. in_image TARGET COMMAND...: runs a command there as the image's user, with $work/out as /out.
if docker info >/dev/null 2>&1; then
  stage() { docker build --progress plain --file "$clone/docker/Dockerfile" --target "$1" "${arguments[@]}" --tag "bisque-$1" "$clone" 2>&1; }
  entry_point() { docker image inspect --format '{{join .Config.Entrypoint " "}} {{join .Config.Cmd " "}}' "bisque-$1"; }
  gpus=()
  if docker info --format '{{json .Runtimes}}' | grep -q nvidia; then gpus=(--gpus all); fi
  in_image() { docker run --rm "${gpus[@]}" --volume "$work/out:/out" --entrypoint "$2" "bisque-$1" "${@:3}"; }
else
  [ "$(id -u)" = 0 ] || { echo "test-container: needs a Docker engine, or root (debootstrap, buildah)." >&2; exit 1; }
  scripts/apt_install.sh scripts/apt-container.txt
  # overlay shares the layers of an image. vfs works everywhere, but copies them: 55 GB of disk.
  driver=vfs
  mkdir "$work/lower" "$work/upper" "$work/index" "$work/merged"
  if mount -t overlay overlay -o "lowerdir=$work/lower,upperdir=$work/upper,workdir=$work/index" "$work/merged" 2>/dev/null; then
    umount "$work/merged"
    driver=overlay
  fi
  # A separate storage: nothing is left on the machine.
  engine() { TMPDIR=$work buildah --storage-driver "$driver" --root "$work/storage" --runroot "$work/run" "$@"; }
  volume=()
  if nvcc=$(scripts/find_nvcc.sh); then volume=(--volume "$(cd "$(dirname "$nvcc")/.." && pwd -P):/usr/local/cuda:ro"); fi
  # Debian has no image registry to pull a base image from: make one.
  base() {
    local container name
    container=$(engine from scratch)
    bare_debian "${CONTAINER_SUITE:-bookworm}" "$(engine mount "$container")"
    registry_environment | while read -r name; do engine config --env "$name" "$container"; done
    engine commit --quiet --rm "$container" bisque-base >/dev/null
  }
  # The stages are kept, because all targets need the first.
  stage() {
    engine bud --isolation chroot --network host --layers "${volume[@]}" --file "$clone/docker/Dockerfile" --target "$1" "${arguments[@]}" \
      --build-arg BASE_IMAGE=localhost/bisque-base --build-arg RUNTIME_IMAGE=localhost/bisque-base --tag "bisque-$1" "$clone" 2>&1
  }
  entry_point() { engine inspect --type image --format '{{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' "bisque-$1" | tr -d '[]'; }
  in_image() {
    local container code=0 toolkit=()
    if [ "$1" = build ]; then toolkit=("${volume[@]}"); fi
    container=$(engine from "localhost/bisque-$1")
    engine run --isolation chroot --network host "${toolkit[@]}" --volume "$work/out:/out" "$container" -- "${@:2}" || code=$?
    engine rm "$container" >/dev/null
    return "$code"
  }
  base
fi

passed=0; failed=0; skipped=0
# check WHAT COMMAND...: counts a check, which succeeds silently.
check() {
  if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "test-container: failed: $1" >&2; fi
}
# has_lines FILE PATTERN...: each pattern is the beginning of a line.
has_lines() {
  local pattern
  for pattern in "${@:2}"; do grep -qE "^$pattern" "$1" || { echo "test-container: $(basename "$1") has no line $pattern:" >&2; cat "$1" >&2; return 1; }; done
}
has_no_compiler() {
  # shellcheck disable=SC2016
  [ -z "$(in_image "$1" sh -c 'for p in cc c++ gcc g++ clang cpp as ld nvcc ptxas cicc cmake ninja; do command -v $p; done
    find / -xdev \( -name cc1 -o -name cc1plus -o -name collect2 -o -name nvcc \) 2>/dev/null')" ]
}
is_not_root() { [ "$(in_image "$1" id -u)" = 1000 ]; }
renders() {
  rm -f "$work/out/demo.png"
  # shellcheck disable=SC2046
  in_image "$1" $(entry_point "$1") && [ "$(head -c 4 "$work/out/demo.png" | tail -c 3)" = PNG ] && mv "$work/out/demo.png" "$work/out/$1.png"
}
reports() {
  in_image "$1" "$2" >"$work/out/check-$1.txt" || { cat "$work/out/check-$1.txt" >&2; return 1; }
  has_lines "$work/out/check-$1.txt" '(ok|note) +driver ' 'ok +CPU picture +equals' '(ok|note) +GPU picture ' 'check: all passed$' "${@:3}"
}

if [ "${CONTAINER_TEST_STAGE:-1}" = 1 ]; then
  code=0
  stage test | tee "$work/log" || code=1
  line=$(grep -oE '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped' "$work/log" | tail -n 1) ||
    { echo "test-container: building the image or its tests failed (see above)." >&2; exit 1; }
  read -r passed _ failed _ skipped _ <<<"$line"
  if [ "$code" != 0 ]; then echo "$line"; exit 1; fi
fi
archs=${CUDAARCHS:-all}
if [ "$archs" = all ]; then archs=$(sed -n 's/^set(BISQUE_ALL_CUDA_ARCHS \(.*\))/\1/p' cmake/BisqueCuda.cmake); fi
check "building the build stage" stage build
check "the report of the build stage" reports build docker/check.sh 'ok +toolkit +CUDA 13\.' 'ok +nvcc +13\.' "ok +kernels +for ${archs//;/ } " \
  'ok +build +BISQUE_CUDA is ON, CUDA is built' 'ok +BISQUE_CUDA +OFF: no CUDA' 'ok +FORCE_CUDA +1: CUDA is compiled without a visible GPU' 'ok +CUB +[0-9]'
check "building the CPU image" stage runtime-cpu
check "building the CUDA image" stage runtime
for target in runtime-cpu runtime; do
  check "no compiler in $target" has_no_compiler "$target"
  check "another user than root in $target" is_not_root "$target"
  check "the picture of the entry point of $target" renders "$target"
done
check "the report of the CPU image" reports runtime-cpu bisque-check 'note +nvcc +none' 'note +kernels +this image renders on the CPU only'
check "the report of the CUDA image" reports runtime bisque-check 'note +nvcc +none' "ok +kernels +for ${archs//;/ } "
if [ -n "${CONTAINER_OUT:-}" ]; then mkdir -p "$CONTAINER_OUT" && cp "$work/out/"* "$CONTAINER_OUT"; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
