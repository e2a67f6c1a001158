"""Mesh files as tensors in C++: load_mesh, save_mesh, to_tensors, to_mesh_data."""

import pytest
import torch

from tests.testing.functions import functions

NONE = torch.empty(0)


def mesh(**others):
    """In the order of MeshTensors."""
    verts, faces = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0.5]]), torch.tensor([[0, 1, 2], [2, 1, 0]])
    tensors = dict(verts=verts, faces=faces, normals=NONE, colors=NONE, face_colors=NONE, uvs=NONE, uv_faces=NONE, normal_faces=NONE)
    return list((tensors | others).values())


@pytest.mark.parametrize("name", ["a.ply", "a.off"])
@pytest.mark.parametrize("channels", [3, 4])
def test_round_trip(tmp_path, name, channels):
    saved = mesh(normals=torch.rand(3, 3), colors=torch.rand(3, channels), face_colors=torch.rand(2, channels))
    functions.save_mesh_file(str(tmp_path / name), saved)
    loaded = functions.load_mesh_file(str(tmp_path / name))
    assert all(torch.equal(a, b) and a.dtype == b.dtype for a, b in zip(loaded, saved, strict=True))


def test_uvs(tmp_path):
    uvs, uv_faces = torch.tensor([[0, 0.25], [1, 0]]), torch.tensor([[0, 1, -1], [1, 0, 0]])
    normals, normal_faces = torch.rand(5, 3), torch.tensor([[4, 3, 2], [-1, -1, 1]])
    saved = mesh(uvs=uvs, uv_faces=uv_faces, normals=normals, normal_faces=normal_faces)
    functions.save_mesh_file(str(tmp_path / "a.obj"), saved)
    loaded = functions.load_mesh_file(str(tmp_path / "a.obj"))
    assert all(torch.equal(a, b) for a, b in zip(loaded, saved, strict=True))


def test_a_cloud_of_doubles(tmp_path):
    path = str(tmp_path / "a.ply")
    verts = torch.rand(3, 5, dtype=torch.float64, requires_grad=True).t()
    functions.save_mesh_file(path, mesh(verts=verts, faces=NONE))
    loaded, faces, *_ = functions.load_mesh_file(path)
    assert torch.equal(loaded, verts.float()) and faces.shape == (0, 3) and faces.dtype == torch.int64


@pytest.mark.parametrize(
    "others, message",
    [
        (dict(verts=torch.zeros(3, 2)), r"to_mesh_data: expected verts to have 3 columns, but got shape \[3, 2\]"),
        (dict(colors=torch.zeros(3, 5)), r"to_mesh_data: expected colors to have 3 or 4 columns, but got shape \[3, 5\]"),
        (dict(faces=torch.tensor([[0, 1, 3]])), r"to_mesh_data: expected faces to lie in \[0, 3\), but got 3"),
        (dict(faces=torch.tensor([[0, 1, 2**32]])), r"to_mesh_data: expected faces to lie in \[0, 3\), but got 4294967296"),
        (dict(normals=torch.zeros(2, 3)), r"The mesh has 2 normals, expected 3, one per vertex"),
    ],
)
def test_errors(tmp_path, others, message):
    with pytest.raises(RuntimeError, match=message):
        functions.save_mesh_file(str(tmp_path / "a.ply"), mesh(**others))
