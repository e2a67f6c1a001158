#!/bin/sh
# fuzz.sh [NAME...]: builds the fuzz targets tests/fuzz/NAME_fuzz.cpp (default: all) with clang, ASan and UBSan, and runs each for
# FUZZ_SECONDS (30) from its corpus, with the words of tests/fuzz/NAME.dict where there is one. What breaks one is left in
# build-fuzz/NAME/ and is an error; what is new stays out of the tree.
# FUZZ_SECONDS=0 runs the corpora once. Then `sweep` (tests/fuzz/sweep.py): FUZZ_MUTATIONS (5000) spoiled files of every kind, each
# given to the program, in some 20 minutes on two cores; 0 leaves it out. Ends with `N passed, M failed, K skipped`.
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-30}
[ -f build-fuzz/build.ninja ] || .venv/bin/cmake --preset fuzz
.venv/bin/cmake --build build-fuzz
passed=0; failed=0
for source in tests/fuzz/*_fuzz.cpp; do
  name=$(basename "$source" _fuzz.cpp)
  [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  work=build-fuzz/$name; mkdir -p "$work/new" "tests/fuzz/corpus/$name"
  if [ "$seconds" = 0 ]; then limit="-runs=0"; else limit="-max_total_time=$seconds"; fi
  dictionary=tests/fuzz/$name.dict
  [ -f "$dictionary" ] || dictionary=/dev/null
  if build-fuzz/bin/"${name}_fuzz" "$limit" -rss_limit_mb=2048 -timeout=10 -max_len=65536 -dict="$dictionary" \
      -artifact_prefix="$work/" "$work/new" "tests/fuzz/corpus/$name" > "$work/log" 2>&1; then
    passed=$((passed + 1)); echo "fuzz: $name: $(grep -E 'Done|DONE' "$work/log" | tail -1)"
  else
    failed=$((failed + 1)); echo "fuzz: $name FAILED; see $work/log"; tail -5 "$work/log"
  fi
done
mutations=${FUZZ_MUTATIONS:-5000}
case " ${*:-sweep} " in *" sweep "*) ;; *) mutations=0 ;; esac
if [ "$mutations" != 0 ]; then
  if .venv/bin/python -m tests.fuzz.sweep --mutations "$mutations" --keep build-fuzz/sweep; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
