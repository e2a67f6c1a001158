"""load_ply and the glue of all ops that load; tests/ops3d/io/ply_test.cpp tests the parser."""

import struct

import pytest
import torch

ops = torch.ops.bisque
MESH = """ply
format ascii 1.0
element vertex 4
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
property float nx
property float ny
property float nz
element face 2
property list uchar int vertex_indices
property float red
property float green
property float blue
property float alpha
end_header
0 0 0 255 0 0 0 0 1
1 0 0 0 255 0 0 0 1
1 1 0 0 0 255 0 0 1
0 1 0 255 255 255 0 0 1
4 0 1 2 3 1 0 0 1
3 0 1 2 0 1 0 0.5
"""


def load(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ops.load_ply(str(path))


def test_mesh(tmp_path):
    verts, faces, normals, colors, face_colors, warnings = load(tmp_path / "a.ply", MESH)
    torch.testing.assert_close(verts, torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]))
    assert torch.equal(faces, torch.tensor([[0, 1, 2], [0, 2, 3], [0, 1, 2]]))
    assert torch.equal(normals, torch.tensor([[0.0, 0, 1]] * 4))
    assert torch.equal(colors, torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]))
    assert torch.equal(face_colors, torch.tensor([[1.0, 0, 0, 1], [1, 0, 0, 1], [0, 1, 0, 0.5]]))
    assert warnings == []


def test_cloud(tmp_path):
    header = "ply\nformat binary_big_endian 1.0\nelement vertex 2\nproperty double x\nproperty float y\nproperty short z\nproperty int id\nend_header\n"
    content = header.encode() + b"".join(struct.pack(">dfhi", x, 2 * x, -3, 7) for x in (0.5, 1.5))
    verts, faces, normals, colors, face_colors, warnings = load(tmp_path / "a.ply", content)
    assert torch.equal(verts, torch.tensor([[0.5, 1, -3], [1.5, 3, -3]]))
    assert faces.shape == normals.shape == colors.shape == face_colors.shape == (0, 3)
    assert faces.dtype == torch.int64 and {t.dtype for t in (normals, colors, face_colors)} == {torch.float32}
    assert warnings == [f"{tmp_path}/a.ply: skips 1 properties of element \"vertex\": id."]


def test_errors(tmp_path):
    with pytest.raises(RuntimeError, match=r"a\.ply: line 22: .x. is not a number"):
        load(tmp_path / "a.ply", MESH.replace("\n1 1 0 0", "\n1 x 0 0"))
    with pytest.raises(RuntimeError, match=r"a\.ply: face 1 refers to vertex 4, but the file has 4 verts"):
        load(tmp_path / "a.ply", MESH.replace("3 0 1 2", "3 0 1 4"))
    with pytest.raises(RuntimeError, match=r"none\.ply"):
        ops.load_ply(str(tmp_path / "none.ply"))


def test_a_huge_count_takes_no_memory(tmp_path):
    content = b"ply\nformat binary_little_endian 1.0\nelement vertex 2000000000\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
    with pytest.raises(RuntimeError, match=r"element .vertex. has 2000000000 rows of at least 12 bytes, but only 0 bytes follow"):
        load(tmp_path / "a.ply", content)
