"""save_ply, and the checks of arguments of all ops that save."""

import pytest
import torch

ops = torch.ops.bisque
VERTS = torch.tensor([[0.0, 0, 0.1], [1, 0, 1e-7], [0, 1, -3e30]])
FACES = torch.tensor([[0, 1, 2], [2, 1, 0]])


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_round_trip(tmp_path, binary, dtype):
    path = str(tmp_path / "a.ply")
    normals, colors, face_colors = torch.rand(3, 3), torch.rand(3, 4), torch.rand(2, 3)
    ops.save_ply(path, VERTS.to(dtype), FACES, normals.to(dtype), colors.to(dtype), face_colors.to(dtype), binary=binary)
    *saved, warnings = ops.load_ply(path)
    assert all(torch.equal(a, b) for a, b in zip(saved, (VERTS, FACES, normals, colors, face_colors), strict=True))
    assert warnings == []


def test_cloud_and_strides(tmp_path):
    path = str(tmp_path / "a.ply")
    verts = torch.rand(3, 10).t()
    ops.save_ply(path, verts, torch.zeros(0, 3, dtype=torch.int64), colors=torch.rand(3, 10).t().contiguous(), colors_as_uint8=True)
    loaded, faces, *_ = ops.load_ply(path)
    assert torch.equal(loaded, verts) and faces.shape == (0, 3)


def test_decimal_places(tmp_path):
    path = tmp_path / "a.ply"
    ops.save_ply(str(path), VERTS[:2], FACES[:0], binary=False, decimal_places=3)
    assert path.read_text().split("end_header\n")[1] == "0.000 0.000 0.100\n1.000 0.000 0.000\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(verts=torch.zeros(3, 2)), r"save_ply: expected verts to have shape \[V, 3\] = \[\*, 3\], but got \[3, 2\]"),
        (dict(verts=torch.zeros(3, 3, dtype=torch.int64)), r"save_ply: expected verts to be float32 or float64, but got int64"),
        (dict(verts=torch.zeros(3, 3, device="meta")), r"save_ply: expected verts to be on the CPU, but got another device"),
        (dict(faces=FACES.int()), r"save_ply: expected faces to be int64, but got int32"),
        (dict(faces=FACES[0]), r"save_ply: expected faces to have shape \[F, 3\] = \[\*, 3\], but got \[3\]"),
        (dict(faces=FACES + 1), r"save_ply: expected faces to lie in \[0, 3\), but got 3 at \[0, 2\]"),
        (dict(faces=FACES - 1), r"save_ply: expected faces to lie in \[0, 3\), but got -1 at \[0, 0\]"),
        (dict(normals=torch.zeros(2, 3)), r"save_ply: expected normals to have shape \[V, 3\] = \[3, 3\], but got \[2, 3\]"),
        (dict(colors=torch.zeros(3, 5)), r"save_ply: expected colors to have shape \[V, 3\] = \[3, 3\], but got \[3, 5\]"),
        (dict(face_colors=torch.zeros(3, 3)), r"save_ply: expected face_colors to have shape \[F, 3\] = \[2, 3\], but got \[3, 3\]"),
        (dict(normals=torch.zeros(3, 3).double()), r"save_ply: expected normals to "),
        (dict(decimal_places=-1), r"save_ply: expected decimal_places to be at least 0, but got -1"),
        (dict(path="/none/a.ply"), r"/none/a\.ply"),
    ],
)
def test_errors(tmp_path, arguments, message):
    with pytest.raises(RuntimeError, match=message):
        ops.save_ply(**(dict(path=str(tmp_path / "a.ply"), verts=VERTS, faces=FACES) | arguments))
    assert not list(tmp_path.iterdir())
