#!/bin/sh
# apt_install.sh LIST...: installs the packages of the lists that are missing. As root or through sudo; else prints the one line to run.
# BISQUE_SETUP=0 (`make SETUP=0`) installs nothing.
set -eu
[ "${BISQUE_SETUP:-1}" != 0 ] || exit 0
missing=""
for package in $(sed 's/#.*//' "$@"); do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "setup: this system has no apt-get; install the equivalents of these Debian packages:$missing" >&2; exit 1; }
if [ "$(id -u)" = 0 ]; then sudo=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo"
elif command -v sudo >/dev/null && [ -t 0 ]; then sudo="sudo"
else
  echo "setup: missing packages; run this as root, then make again:" >&2
  echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 \
  || { tail -20 "$log" >&2; rm -f "$log"; echo "setup: apt-get could not install$missing (its last output is above)." >&2; exit 1; }
rm -f "$log"
