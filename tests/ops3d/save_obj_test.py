"""save_obj; tests/ops3d/save_ply_test.py tests the checks of verts, faces and colours, which are the same."""

import pytest
import torch

ops = torch.ops.bisque
VERTS = torch.tensor([[0.0, 0, 0.1], [1, 0, 1e-7], [0, 1, -3e30]])
FACES = torch.tensor([[0, 1, 2], [2, 1, 0]])
UVS, UV_FACES = torch.tensor([[0, 0.25], [1, 1]]), torch.tensor([[0, 1, -1], [1, 0, 0]])
NORMALS, NORMAL_FACES = torch.tensor([[0, 0, 1], [0, 0.5, 0]]), torch.tensor([[0, 1, 1], [-1, 0, 0]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_round_trip(tmp_path, dtype):
    path, colors = str(tmp_path / "a.obj"), torch.rand(3, 3)
    ops.save_obj(path, VERTS.to(dtype), FACES, NORMALS.to(dtype), NORMAL_FACES, UVS.to(dtype), UV_FACES, colors.to(dtype), texture="a.png")
    loaded = ops.load_obj(path)
    saved = (VERTS, FACES, NORMALS, NORMAL_FACES, UVS, UV_FACES, colors)
    assert all(torch.equal(a, b) for a, b in zip(loaded, saved))
    assert loaded[11] == [str(tmp_path / "a.png")] and loaded[10].tolist() == [0] and loaded[-1] == []


def test_attributes_of_verts(tmp_path):
    path = str(tmp_path / "a.obj")
    ops.save_obj(path, VERTS, FACES, normals=torch.rand(3, 3), uvs=torch.rand(3, 2))
    _, _, _, normal_faces, _, uv_faces, *_ = ops.load_obj(path)
    assert torch.equal(normal_faces, FACES) and torch.equal(uv_faces, FACES)


def test_text(tmp_path):
    path = tmp_path / "a.obj"
    ops.save_obj(str(path), VERTS[:2], FACES[:0], decimal_places=2)
    assert path.read_text() == "# bisque\nv 0.00 0.00 0.10\nv 1.00 0.00 0.00\n"
    assert [file.name for file in tmp_path.iterdir()] == ["a.obj"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(uv_faces=UV_FACES), r"save_obj: expected uv_faces to be None without uvs, but got a tensor"),
        (dict(uvs=UVS), r"save_obj: expected uvs to have shape \[V, 2\] = \[3, 2\], but got \[2, 2\]"),
        (dict(uvs=UVS[:, :1], uv_faces=UV_FACES), r"save_obj: expected uvs to have shape \[N, 2\] = \[\*, 2\], but got \[2, 1\]"),
        (dict(uvs=UVS, uv_faces=UV_FACES + 1), r"save_obj: expected uv_faces to lie in \[-1, 2\), but got 2 at \[0, 1\]"),
        (dict(uvs=UVS, uv_faces=UV_FACES - 1), r"save_obj: expected uv_faces to lie in \[-1, 2\), but got -2 at \[0, 2\]"),
        (dict(uvs=UVS, uv_faces=UV_FACES[:1]), r"save_obj: expected uv_faces to have shape \[F, 3\] = \[2, 3\], but got \[1, 3\]"),
        (dict(uvs=UVS.double(), uv_faces=UV_FACES), r"save_obj: expected uvs to "),
        (dict(texture="a\nb"), r"a name of the mesh has a line break"),
    ],
)
def test_errors(tmp_path, arguments, message):
    with pytest.raises(RuntimeError, match=message):
        ops.save_obj(str(tmp_path / "a.obj"), VERTS, FACES, **arguments)
    assert not list(tmp_path.iterdir())
