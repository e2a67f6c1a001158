"""The golden cases in tests/golden, by the Python package: PyTorch3D's own results and gradients."""

import pytest

from scripts.golden import CASES, Case
from tests.testing.python_kinds import KINDS, kind_of

PATHS = [path for path in sorted(CASES.glob("*.safetensors")) if kind_of(path)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_golden(path):
    Case(path, "cpu").check(kind_of(path))


def test_every_kind_has_a_case():
    assert {kind_of(path).__name__ for path in PATHS} == set(KINDS)
