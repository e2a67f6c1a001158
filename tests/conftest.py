"""Shared by all Python tests: the ops of the build tree, loaded into torch, and paths."""

import os
import pathlib
import sys

import pytest
import torch

from tests.build import BUILD, ROOT

SHARED = pathlib.Path(os.environ.get("BISQUE_SHARED", ROOT.parent / "shared"))

sys.path.insert(0, str(ROOT / "python"))
import bisque3d  # noqa: E402
from bisque3d.testing import pytest_plugin  # noqa: E402
from bisque3d.testing.threads import results_with_threads  # noqa: E402

for library in ("libbisque_core_ops.so", "libbisque_ops.so"):
    if (BUILD / "lib" / library).exists():  # a tree of core alone has but the first
        bisque3d.load_library(BUILD / "lib" / library)


def pytest_configure(config):
    pytest_plugin.join(config)


@pytest.fixture(scope="session")
def ict_folder() -> pathlib.Path:
    """The real face model, which is not part of the tree."""
    folder = SHARED / "data" / "ict_face"
    if not folder.is_dir():
        pytest.skip(f"{folder} does not exist (BISQUE_SHARED is the folder that holds data/)")
    return folder


@pytest.fixture
def all_simd_targets():
    """Calls a function once with each SIMD target this machine has, and gives all results, narrowest target last."""

    def run(compute):
        supported = torch.ops.bisque._disable_simd_targets(0)
        targets = [1 << bit for bit in range(63) if supported >> bit & 1]
        results = []
        try:
            for i in range(len(targets)):
                # Lower bits are better targets: switch off all before this one.
                torch.ops.bisque._disable_simd_targets(sum(targets[:i]))
                results.append(compute())
        finally:
            torch.ops.bisque._disable_simd_targets(0)
        return results

    return run


@pytest.fixture
def all_thread_counts():
    """Calls a function with 1, 2 and 3 threads, and gives all results."""
    return results_with_threads
