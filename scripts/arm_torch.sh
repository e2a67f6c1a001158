#!/bin/sh
# arm_torch.sh DIR [TORCH]: unpacks into DIR the arm64 packages of arm_lock.sh, for the Python of .arm/root.
set -eu
cd "$(dirname "$0")/.."
dir=$1; shift
python=$(readlink .arm/root/usr/bin/python3)
stamp=$({ echo "$python"; scripts/arm_lock.sh "$@"; } | cat "$0" - | sha256sum | cut -c1-64)
[ "$(cat "$dir/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0
echo "setup: unpacking arm64 Python packages into $dir"
rm -rf "$dir"
scripts/arm_lock.sh "$@" > .arm/lock
.tools/uv/bin/uv pip install -q --python .venv/bin/python --target "$dir" --python-version "${python#python}" \
  --python-platform aarch64-manylinux_2_28 --only-binary :all: --no-deps -r .arm/lock
echo "$stamp" > "$dir/.stamp"
