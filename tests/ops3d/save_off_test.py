"""save_off; tests/ops3d/save_ply_test.py tests the checks of arguments, which are the same."""

import pytest
import torch

ops = torch.ops.bisque
VERTS = torch.tensor([[0.0, 0, 0.1], [1, 0, 1e-7], [0, 1, -3e30]])
FACES = torch.tensor([[0, 1, 2], [2, 1, 0]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_round_trip(tmp_path, dtype):
    path = str(tmp_path / "a.off")
    normals, colors, face_colors = torch.rand(3, 3), torch.rand(3, 4), torch.rand(2, 3)
    ops.save_off(path, VERTS.to(dtype), FACES, normals.to(dtype), colors.to(dtype), face_colors.to(dtype))
    *saved, warnings = ops.load_off(path)
    assert all(torch.equal(a, b) for a, b in zip(saved, (VERTS, FACES, normals, colors, face_colors), strict=True))
    assert warnings == []


def test_text(tmp_path):
    path = tmp_path / "a.off"
    ops.save_off(str(path), VERTS[:2], FACES[:0], colors=torch.tensor([[1.0, 0, 0.2], [0, 0, 0]]), decimal_places=1, colors_as_uint8=True)
    assert path.read_text() == "COFF\n2 0 0\n0.0 0.0 0.1 255 0 51\n1.0 0.0 0.0 0 0 0\n"


def test_error(tmp_path):
    with pytest.raises(RuntimeError, match=r"save_off: expected faces to lie in \[0, 2\), but got 2 at \[0, 2\]"):
        ops.save_off(str(tmp_path / "a.off"), VERTS[:2], FACES)
