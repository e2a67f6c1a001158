#!/bin/bash
# test_fresh.sh: runs FRESH_COMMAND (default: make test) in a clone of HEAD on a bare Debian FRESH_SUITE (bookworm or trixie), as on a new user's machine: no
# compiler, no Python, no CUDA toolkit, no shared/ beside it. Needs root. FRESH_OUT=DIR keeps the clone's out/.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "test-fresh: needs root (debootstrap, mount and chroot)." >&2; exit 1; }
scripts/apt_install.sh scripts/apt-fresh.txt
. scripts/bare_debian.sh

work=$(mktemp -d /var/tmp/bisque-fresh.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
bare_debian "${FRESH_SUITE:-bookworm}" "$root"
mkdir -p "$root/home/user"
clean_clone "$root/home/user/bisque"
mapfile -t environment < <(registry_environment)

# The mounts are only visible in there, and end with the command: nothing outside can be removed through them.
code=0
unshare --mount --propagation private -- sh -c '
  root=$1; shift
  mount -t proc proc "$root/proc" && mount --rbind /sys "$root/sys" && mount --rbind /dev "$root/dev" && exec "$@"' sh "$root" \
  env -i "${environment[@]}" HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 \
  chroot "$root" sh -c "cd /home/user/bisque && ${FRESH_COMMAND:-make test}" || code=$?
out=$root/home/user/bisque/out
if [ -n "${FRESH_OUT:-}" ] && [ -d "$out" ]; then mkdir -p "$FRESH_OUT" && cp -r "$out/." "$FRESH_OUT"; fi
exit "$code"
