"""The test kit for ops: OpTests checks what all ops have in common (op_tests.py). Importing it in a test file adds its pytest plugin to the run
(pytest_plugin.py), which needs no conftest.py."""

from . import pytest_plugin

pytest_plugin.join_running()  # before marks are used

from .op_tests import OpTests, as_tuple, not_contiguous, op_of, random_of, same  # noqa: E402

__all__ = ["OpTests", "as_tuple", "not_contiguous", "op_of", "random_of", "same"]
