#!/bin/sh
# lint.sh [--fix]: checks that all sources are formatted and that clang-tidy finds nothing; --fix formats them.
set -eu
cd "$(dirname "$0")/.."
sources() { git ls-files -co --exclude-standard "$@" | while read -r file; do [ -f "$file" ] && echo "$file"; done; }
mkdir -p build-lint
sources '*.h' '*.cpp' '*.cu' '*.cuh' > build-lint/sources
if [ "${1:-}" = --fix ]; then
  xargs clang-format -i < build-lint/sources
  exit 0
fi
failed=0
xargs clang-format --dry-run --Werror < build-lint/sources || { echo "lint: run make format"; failed=1; }
# clang-tidy needs each source's own command, without gcc's precompiled headers.
.venv/bin/cmake --preset release -B build-lint -DBISQUE_UNITY=OFF >/dev/null
mkdir -p build-lint/lint
sed -E 's/-include [^ ]*cmake_pch[^ ]*//g; s/-Winvalid-pch//g' build-lint/compile_commands.json > build-lint/lint/compile_commands.json
# clang-tidy would guess the options of sources that are not built here (tests/installed/acme).
sources 'core/*.cpp' 'ops3d/*.cpp' 'renderer/*.cpp' 'plugins/*.cpp' 'cli/*.cpp' |
  while read -r file; do grep -qF "\"file\": \"$PWD/$file\"" build-lint/lint/compile_commands.json && echo "$file"; done |
  xargs -P "$(nproc)" -n 1 clang-tidy -quiet -p build-lint/lint 2>build-lint/lint/log || failed=1
[ "$failed" = 0 ] && echo "lint: clean" || { grep -v 'warnings generated' build-lint/lint/log | tail -20; exit 1; }
