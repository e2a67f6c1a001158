#!/bin/sh
# venv.sh DIR LOCK...: makes the virtual environment DIR contain exactly the packages of the locks, with uv (hard links: a second clone costs neither time nor
# disk). Does nothing if DIR is up to date.
set -eu
dir=$1; shift
stamp=$(cat "$0" "$@" | sha256sum | cut -c1-64)
[ "$(cat "$dir/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0
uv=.tools/uv/bin/uv
if [ ! -x "$uv" ]; then
  rm -rf .tools/uv
  /usr/bin/python3 -m venv .tools/uv
  .tools/uv/bin/pip install -q --disable-pip-version-check 'uv>=0.9'
fi
echo "setup: installing $(cat "$@" | grep -c '^[a-z]') Python packages into $dir"
[ -x "$dir/bin/python" ] || "$uv" venv -q --python /usr/bin/python3 "$dir"
cat "$@" > "$dir/.all.lock"
"$uv" pip sync -q --python "$dir/bin/python" "$dir/.all.lock"
echo "$stamp" > "$dir/.stamp"
