"""load_off; tests/ops3d/io/off_test.cpp tests the parser."""

import pytest
import torch

ops = torch.ops.bisque


def load(path, content):
    path.write_text(content)
    return ops.load_off(str(path))


def test_mesh(tmp_path):
    content = "CNOFF\n3 1 0\n0 0 0 0 0 1 255 0 0\n1 0 0 0 0 1 0 255 0\n0 1 0.5 0 0 1 0 0 51\n3 2 1 0 1 0 0 0.5\n"
    verts, faces, normals, colors, face_colors, warnings = load(tmp_path / "a.off", content)
    assert torch.equal(verts, torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0.5]]))
    assert torch.equal(faces, torch.tensor([[2, 1, 0]]))
    assert torch.equal(normals, torch.tensor([[0.0, 0, 1]] * 3))
    torch.testing.assert_close(colors, torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 0.2]]))
    assert torch.equal(face_colors, torch.tensor([[1, 0, 0, 0.5]]))
    assert warnings == []


def test_without_attributes(tmp_path):
    verts, faces, *attributes, warnings = load(tmp_path / "a.off", "OFF 3 2 0\n0 0 0\n1 0 0\n0 1 0\n3 2 1 0\n2 0 1\n")
    assert verts.dtype == torch.float32 and faces.dtype == torch.int64 and faces.shape == (1, 3)
    assert all(attribute.shape == (0, 3) and attribute.dtype == torch.float32 for attribute in attributes)
    assert warnings == [f"{tmp_path}/a.off: skips faces of fewer than 3 corners (1, the first is face 1)."]


def test_error(tmp_path):
    with pytest.raises(RuntimeError, match=r"a\.off: line 2: .x. is not a number"):
        load(tmp_path / "a.off", "OFF 1 0 0\n0 x 0\n")
