#!/bin/bash
# test_container.sh: builds docker/Dockerfile from a clean clone of HEAD. Its test stage runs `make test`; then the entry point of its runtime stage renders a
# picture. The last line is that of the container's `make test`.
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
mkdir "$work/out"

if docker info >/dev/null 2>&1; then
  stage() { docker build --progress plain --file "$clone/docker/Dockerfile" --target "$1" --tag "bisque-$1" "$clone" 2>&1; }
  entry() { docker run --rm --user "$(id -u)" --volume "$work/out:/out" bisque-runtime; }
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
  # The stages are kept, because both targets need the first.
  stage() {
    engine bud --isolation chroot --network host --layers "${volume[@]}" --file "$clone/docker/Dockerfile" --target "$1" \
      --build-arg BASE_IMAGE=localhost/bisque-base --build-arg RUNTIME_IMAGE=localhost/bisque-base --tag "bisque-$1" "$clone" 2>&1
  }
  entry() {
    local container command
    container=$(engine from localhost/bisque-runtime)
    command=$(engine inspect --format '{{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' "$container" | tr -d '[]')
    chown 1000:1000 "$work/out"
    # shellcheck disable=SC2086
    engine run --isolation chroot --network host --volume "$work/out:/out" "$container" -- $command
  }
  base
fi

code=0
stage test | tee "$work/log" || code=1
line=$(grep -oE '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped' "$work/log" | tail -n 1) ||
  { echo "test-container: building the image or its tests failed (see above)." >&2; exit 1; }
if [ "$code" = 0 ]; then
  if ! stage runtime || ! entry || [ "$(head -c 4 "$work/out/demo.png" | tail -c 3)" != PNG ]; then
    echo "test-container: the entry point of the runtime image rendered no picture." >&2
    read -r passed _ failed _ skipped _ <<<"$line"
    line="$passed passed, $((failed + 1)) failed, $skipped skipped"; code=1
  fi
  if [ -n "${CONTAINER_OUT:-}" ]; then mkdir -p "$CONTAINER_OUT" && cp "$work/out/"* "$CONTAINER_OUT"; fi
fi
echo "$line"
exit "$code"
