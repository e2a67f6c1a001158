"""The op vertex_normals against an index_add reference and the peer's golden case."""

import pathlib

import pytest
import safetensors.torch
import torch

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"


def around(faces, V):
    """vert_first and vert_faces, plainly."""
    lists = [[] for _ in range(V)]
    for f, face in enumerate(faces.tolist()):
        for v in face:
            lists[v].append(f)
    first = torch.tensor([0] + [len(x) for x in lists]).cumsum(0)
    return first, torch.tensor([f for x in lists for f in x], dtype=torch.int64)


def normals(verts, faces):
    return torch.ops.bisque.vertex_normals(verts, faces, *around(faces, verts.shape[1]))


def reference(verts, faces):
    a, b, c = (verts[:, faces[:, i]] for i in range(3))
    crosses = torch.linalg.cross(b - a, c - a)
    total = torch.zeros_like(verts)
    for i in range(3):
        total.index_add_(1, faces[:, i], crosses)
    return total / total.norm(dim=-1, keepdim=True).clamp_min(1e-6)


def random_mesh(N, V, F, dtype=torch.float32, seed=0):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(N, V, 3, generator=g, dtype=dtype), torch.randint(V, (F, 3), generator=g)


def test_golden():
    case = safetensors.torch.load_file(GOLDEN / "vertex_normals.safetensors")
    out = normals(case["in.verts"][None], case["in.faces"])[0]
    torch.testing.assert_close(out, case["out.normals"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("N,V,F", [(1, 4, 4), (3, 60, 100), (2, 3000, 5000)])
def test_equals_index_add(N, V, F, dtype):
    verts, faces = random_mesh(N, V, F, dtype)
    torch.testing.assert_close(normals(verts, faces), reference(verts, faces), rtol=1e-4, atol=1e-4)


def test_sphere_normals_point_outward():
    # An octahedron: at its corners the normal is the corner itself.
    verts = torch.tensor([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])[None]
    faces = torch.tensor([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    torch.testing.assert_close(normals(verts, faces), verts)


@pytest.mark.parametrize("N,V,F", [(0, 3, 1), (2, 3, 0), (1, 0, 0)])
def test_empty(N, V, F):
    verts, faces = torch.randn(N, V, 3), torch.zeros(F, 3, dtype=torch.int64)
    out = normals(verts, faces)
    assert out.shape == (N, V, 3)
    if F == 0:
        assert not out.any()


def test_unused_and_degenerate_are_zero():
    verts = torch.randn(1, 5, 3)
    out = normals(verts, torch.tensor([[0, 1, 1]]))
    assert not out.any()


def test_non_contiguous_inputs():
    verts, faces = random_mesh(2, 30, 50)
    first, vert_faces = around(faces, 30)
    expected = torch.ops.bisque.vertex_normals(verts, faces, first, vert_faces)
    strided = [t.repeat_interleave(2, 0)[::2] for t in (verts, faces, first, vert_faces)]
    assert torch.equal(torch.ops.bisque.vertex_normals(*strided), expected)


def test_same_for_any_number_of_threads(all_thread_counts):
    verts, faces = random_mesh(2, 9000, 20000)
    topology = around(faces, 9000)
    one, *others = all_thread_counts(lambda: torch.ops.bisque.vertex_normals(verts, faces, *topology))
    assert all(torch.equal(one, other) for other in others)


def test_indices_out_of_range_are_skipped_not_read():
    verts = torch.randn(1, 3, 3)
    first, vert_faces = torch.tensor([0, 1, 2, 3]), torch.tensor([0, 0, 0])
    assert not torch.ops.bisque.vertex_normals(verts, torch.tensor([[0, 1, 1 << 40]]), first, vert_faces).any()
    assert not torch.ops.bisque.vertex_normals(verts, torch.tensor([[0, 1, 2]]), first, torch.tensor([7, -1, 9])).any()
    torch.ops.bisque.vertex_normals(verts, torch.tensor([[0, 1, 2]]), torch.tensor([-9, 1 << 40, 0, 1 << 50]), vert_faces)


def test_meta_shape():
    with torch.device("meta"):
        i = dict(dtype=torch.int64)
        out = torch.ops.bisque.vertex_normals(torch.empty(2, 7, 3), torch.empty(4, 3, **i), torch.empty(8, **i), torch.empty(12, **i))
    assert out.shape == (2, 7, 3)


I64 = torch.int64
GOOD = dict(verts=torch.zeros(1, 4, 3), faces=torch.zeros(2, 3, dtype=I64), vert_first=torch.zeros(5, dtype=I64), vert_faces=torch.zeros(6, dtype=I64))


@pytest.mark.parametrize("name,value,message", [
    ("verts", torch.zeros(4, 3), r"vertex_normals: expected verts to have shape \[N, V, 3\] = \[\*, \*, 3\], but got \[4, 3\]"),
    ("verts", torch.zeros(1, 4, 3, dtype=torch.float16), "expected verts to be float32 or float64, but got float16"),
    ("faces", torch.zeros(2, 4, dtype=I64), r"expected faces to have shape \[F, 3\]"),
    ("faces", torch.zeros(2, 3, dtype=torch.int32), "expected faces to be int64, but got int32"),
    ("vert_first", torch.zeros(4, dtype=I64), r"expected vert_first to have shape \[V \+ 1\] = \[5\], but got \[4\]"),
    ("vert_faces", torch.zeros(5, dtype=I64), r"expected vert_faces to have shape \[3 F\] = \[6\], but got \[5\]"),
    ("vert_faces", torch.zeros(6, dtype=I64, device="meta"), "expected vert_faces to be on cpu as verts"),
])
def test_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque.vertex_normals(*{**GOOD, name: value}.values())
