"""load_obj; tests/ops3d/io/{obj,mtl}_test.cpp test the parsers."""

import pytest
import torch

ops = torch.ops.bisque
OBJ = """mtllib m.mtl
v 0 0 0 1 0 0
v 1 0 0 0 1 0
v 1 1 0 0 0 1
v 0 1 0.5 1 1 1
vt 0 0.25
vt 1 1
vn 0 0 1
vn 0 2 0
usemtl red
f 1/1/1 2/2/2 3//1
usemtl blue
f 1 2 3 4
"""
MTL = "newmtl red\nKa 0.1 0.2 0.3\nKd 1 0 0\nKs 0.5 0.5 0.5\nNs 7\nd 0.5\nillum 1\nmap_Kd -s 2 3 -o 0.5 0 -clamp on x.png\nnewmtl blue\nKd 0 0 1\nmap_Kd x.png\n"


def test_mesh_with_materials(tmp_path):
    (tmp_path / "m.mtl").write_text(MTL)
    (tmp_path / "a.obj").write_text(OBJ)
    (verts, faces, normals, normal_faces, uvs, uv_faces, colors, face_groups, group_names, materials, material_textures, textures,
     texture_options, warnings) = ops.load_obj(str(tmp_path / "a.obj"))  # fmt: skip
    assert torch.equal(verts, torch.tensor([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5]]))
    assert torch.equal(faces, torch.tensor([[0, 1, 2], [0, 1, 2], [0, 2, 3]]))
    assert torch.equal(normals, torch.tensor([[0.0, 0, 1], [0, 2, 0]]))
    assert torch.equal(normal_faces, torch.tensor([[0, 1, 0], [-1, -1, -1], [-1, -1, -1]]))
    assert torch.equal(uvs, torch.tensor([[0, 0.25], [1, 1]]))
    assert torch.equal(uv_faces, torch.tensor([[0, 1, -1], [-1, -1, -1], [-1, -1, -1]]))
    assert torch.equal(colors, torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]))
    assert torch.equal(face_groups, torch.tensor([0, 1, 1])) and group_names == ["red", "blue"]
    torch.testing.assert_close(materials[0], torch.tensor([0.1, 0.2, 0.3, 1, 0, 0, 0.5, 0.5, 0.5, 7, 0.5, 1, 0, 1]))
    torch.testing.assert_close(materials[1], torch.tensor([0.0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 0, 1]))
    assert torch.equal(material_textures, torch.tensor([0, 1]))
    assert textures == [str(tmp_path / "x.png")] * 2  # with different options
    assert torch.equal(texture_options, torch.tensor([[2, 3, 0.5, 0, 1, 1], [1, 1, 0, 0, 0, 0]]))
    assert warnings == []


def test_without_attributes(tmp_path):
    (tmp_path / "a.obj").write_text("mtllib none.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    results = ops.load_obj(str(tmp_path / "a.obj"))
    shapes = [tuple(tensor.shape) for tensor in results if isinstance(tensor, torch.Tensor)]
    assert shapes == [(3, 3), (1, 3), (0, 3), (0, 3), (0, 2), (0, 3), (0, 3), (1,), (0, 14), (0,), (0, 6)]
    assert results[7].tolist() == [-1] and results[8] == results[11] == []
    assert results[-1] == [f'{tmp_path}/a.obj: the material file "none.mtl" that it names is missing.']


def test_error(tmp_path):
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n")
    with pytest.raises(RuntimeError, match=r"a\.obj: line 4: refers to vertex 4, but the file has 3"):
        ops.load_obj(str(tmp_path / "a.obj"))
