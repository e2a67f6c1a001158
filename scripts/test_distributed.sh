#!/bin/sh
# test_distributed.sh: all tests of several processes on gloo: 2 and 4 ranks on loopback, under torchrun and in two network namespaces (which need root), links
# that are cut and ranks that are killed. `make test` runs the short ones. Ends with `N passed, M failed, K skipped`.
set -eu
cd "$(dirname "$0")/.."
scripts/apt_install.sh scripts/apt-distributed.txt
code=0
BISQUE_DISTRIBUTED=1 .venv/bin/python -m pytest -q -rs -m "not cuda" tests/core/distributed tests/core/nn/sync_batch_norm_test.py \
  tests/cli/distributed_render_test.py tests/docs_test.py::test_the_program_that_trains_on_ranks_runs --junitxml=build/distributed.junit.xml || code=$?
.venv/bin/python scripts/run_tests.py --count build/distributed.junit.xml
exit $code
