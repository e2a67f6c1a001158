#!/bin/sh
# fuzz.sh [NAME...]: builds the fuzz targets tests/fuzz/NAME_fuzz.cpp (default: all) with clang, ASan and UBSan, and runs each for FUZZ_SECONDS (30) from its
# corpus, with the dictionary tests/fuzz/NAME.dict if there is one. An input that breaks a target is kept in build-fuzz/NAME/ and is an error; new inputs are
# not added to the tree.
# FUZZ_SECONDS=0 runs the corpora once. Then `sweep` (tests/fuzz/sweep.py) runs the program on FUZZ_MUTATIONS (5000) mutated files of every kind, in some 20
# minutes on two cores; 0 skips it. Ends with `N passed, M failed, K skipped`.
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
