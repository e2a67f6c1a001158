"""The golden cases in tests/golden, by the Python package: PyTorch3D's own results and gradients."""

import pytest
from bisque3d.renderer.implicit import HarmonicEmbedding

from scripts.golden import CASES, Case, Mismatch
from tests.testing.python_kinds import KINDS, kinds_of

CALLS = [pytest.param(path, kind, id=f"{path.stem}-{kind.__name__}") for path in sorted(CASES.glob("*.safetensors")) for kind in kinds_of(path)]


@pytest.mark.parametrize(["path", "kind"], CALLS)
def test_golden(path, kind):
    Case(path, "cpu").check(kind)


def test_every_kind_has_a_case():
    assert {call.values[1] for call in CALLS} == {kind for kinds in KINDS.values() for kind in kinds}


def test_a_wrong_result_is_found():
    with pytest.raises(Mismatch):
        Case(CASES / "harmonic_embedding.safetensors", "cpu").check(lambda case: {"y": HarmonicEmbedding(5, omega_0=1.01)(case.input("x"))})
