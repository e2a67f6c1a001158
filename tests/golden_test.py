"""The golden cases in tests/golden, by scripts/golden.py: all of them must run."""

import pytest

from scripts.golden import CASES, Case, Mismatch, kind_of

PATHS = sorted(CASES.glob("*.safetensors"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_golden(path):
    Case(path, "cpu").check(kind_of(path))


@pytest.mark.cuda
@pytest.mark.parametrize("path", [path for path in PATHS if kind_of(path, "cuda")], ids=lambda path: path.stem)
def test_golden_on_cuda(path):
    Case(path, "cuda").check(kind_of(path, "cuda"))


@pytest.mark.parametrize("name", ["face_areas_normals", "rasterize_meshes_0"])
def test_a_wrong_gradient_is_found(name, monkeypatch):
    right = Case.gradients

    def wrong(self, results):
        gradients = right(self, results)
        gradients["verts" if "verts" in gradients else "verts0"].view(-1)[4] += 0.01
        return gradients

    monkeypatch.setattr(Case, "gradients", wrong)
    with pytest.raises(Mismatch, match="element 4 is .*, a finite difference"):
        Case(CASES / f"{name}.safetensors", "cpu").check(kind_of(CASES / f"{name}.safetensors"))
