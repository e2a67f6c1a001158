#!/bin/sh
# test_sanitize.sh: all C++ tests under ASan with UBSan, then under TSan. Ends with `N passed, M failed, K skipped`.
set -u
cd "$(dirname "$0")/.."
passed=0; failed=0; skipped=0
for preset in asan tsan; do
  make build PRESET=$preset && .venv/bin/cmake --build build-$preset --target tests/all || exit 1
  # libtorch is built without sanitizers: its memory at exit is not our leak, and its thread pool is opaque to TSan.
  log=build-$preset/tests.log
  ASAN_OPTIONS=detect_leaks=0:protect_shadow_gap=0 TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp:ignore_noninstrumented_modules=1" \
    .venv/bin/python scripts/run_tests.py --build build-$preset --no-python | tee "$log"
  set -- $(tail -1 "$log" | sed 's/[^0-9]/ /g')
  passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
