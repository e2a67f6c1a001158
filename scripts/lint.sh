#!/bin/sh
# lint.sh [--fix]: checks that all sources are formatted and that clang-tidy finds nothing; --fix formats them.
set -eu
cd "$(dirname "$0")/.."
sources() { git ls-files -co --exclude-standard "$@" | while read -r file; do [ -f "$file" ] && echo "$file"; done; }
sources '*.h' '*.cpp' '*.cu' '*.cuh' > build/.lint_sources 2>/dev/null || { mkdir -p build; sources '*.h' '*.cpp' '*.cu' '*.cuh' > build/.lint_sources; }
if [ "${1:-}" = --fix ]; then
  xargs clang-format -i < build/.lint_sources
  exit 0
fi
failed=0
xargs clang-format --dry-run --Werror < build/.lint_sources || { echo "lint: run make format"; failed=1; }
# clang does not know gcc's precompiled headers.
sed -E 's/-include [^ ]*cmake_pch[^ ]*//g; s/-Winvalid-pch//g' build/compile_commands.json > build/.lint_commands.json
mkdir -p build/lint && cp build/.lint_commands.json build/lint/compile_commands.json
# Of what is not built here (plugins/acme), clang-tidy would guess how.
sources 'core/*.cpp' 'ops3d/*.cpp' 'renderer/*.cpp' 'plugins/*.cpp' 'cli/*.cpp' |
  while read -r file; do grep -qF "\"file\": \"$PWD/$file\"" build/lint/compile_commands.json && echo "$file"; done |
  xargs -P "$(nproc)" -n 1 clang-tidy -quiet -p build/lint 2>build/lint/log || failed=1
[ "$failed" = 0 ] && echo "lint: clean" || { grep -v 'warnings generated' build/lint/log | tail -20; exit 1; }
