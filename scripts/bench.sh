#!/bin/sh
# bench.sh [FILTER]: runs the benches whose names match the regex FILTER, and their peers; makes .venv-peers on first use.
set -eu
cd "$(dirname "$0")/.."
scripts/apt_install.sh scripts/apt-peers.txt
scripts/venv.sh .venv-peers requirements/peers.lock
.venv/bin/cmake --build build --target bisque_bench
exec .venv/bin/python bench/run.py --filter "${1:-.}"
