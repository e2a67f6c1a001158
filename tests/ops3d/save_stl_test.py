"""save_stl; tests/ops3d/save_ply_test.py tests the checks of arguments, which are the same."""

import pytest
import torch

ops = torch.ops.bisque
VERTS = torch.tensor([[0.0, 0, 0.1], [1, 0, 1e-7], [0, 1, -3e30], [5, 5, 5]])
FACES = torch.tensor([[0, 1, 2], [2, 1, 0]])


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_round_trip(tmp_path, binary, dtype):
    path = str(tmp_path / "a.stl")
    ops.save_stl(path, VERTS.to(dtype), FACES, binary=binary)
    verts, faces, warnings = ops.load_stl(path)
    assert torch.equal(verts, VERTS[:3]) and torch.equal(faces, FACES) and warnings == []


def test_error(tmp_path):
    with pytest.raises(RuntimeError, match=r"save_stl: expected faces to lie in \[0, 2\), but got 2 at \[0, 2\]"):
        ops.save_stl(str(tmp_path / "a.stl"), VERTS[:2], FACES)
