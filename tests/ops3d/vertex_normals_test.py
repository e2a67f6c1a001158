"""The op vertex_normals and its gradient against an index_add reference."""


import pytest
import torch

from bisque3d.testing import OpTests



def around(faces, V):
    """vert_faces_offsets and vert_faces, plainly."""
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


class TestVertexNormals(OpTests):
    op = "bisque::vertex_normals"
    gradients = ["verts"]
    gradcheck_cases = ["small", "one_mesh"]

    def mesh(self, N, V, F, dtype, random):
        faces = torch.randint(max(V, 1), (F, 3), generator=random.generator)
        first, of_vert = around(faces, V) if V else (torch.zeros(1, dtype=torch.int64), torch.zeros(3 * F, dtype=torch.int64))
        return dict(verts=random(N, V, 3, dtype=dtype), faces=faces, vert_faces_offsets=first, vert_faces=of_vert)

    def inputs_many(self, dtype, random):
        return self.mesh(2, 150, 300, dtype, random)

    def inputs_small(self, dtype, random):
        return self.mesh(2, 6, 8, dtype, random)

    def inputs_one_mesh(self, dtype, random):
        return self.mesh(1, 4, 4, dtype, random)

    def inputs_no_faces(self, dtype, random):
        return self.mesh(1, 5, 0, dtype, random)

    def inputs_no_meshes(self, dtype, random):
        return self.mesh(0, 3, 1, dtype, random)

    def inputs_no_verts(self, dtype, random):
        return self.mesh(1, 0, 0, dtype, random)

    def reference(self, verts, faces, vert_faces_offsets, vert_faces):
        return reference(verts, faces)

    errors = [
        (dict(verts=torch.zeros(4, 3)), r"vertex_normals: expected verts to have shape \[N, V, 3\] = \[\*, \*, 3\], but got \[4, 3\]"),
        (dict(verts=torch.zeros(1, 4, 3, dtype=torch.float16)), "expected verts to be float32 or float64, but got float16"),
        (dict(faces=torch.zeros(2, 4, dtype=torch.int64)), r"expected faces to have shape \[F, 3\]"),
        (dict(faces=torch.zeros(2, 3, dtype=torch.int32)), "expected faces to be int64, but got int32"),
        (dict(vert_faces_offsets=torch.zeros(4, dtype=torch.int64)), r"expected vert_faces_offsets to have shape \[V \+ 1\] = \[151\], but got \[4\]"),
        (dict(vert_faces=torch.zeros(5, dtype=torch.int64)), r"expected vert_faces to have shape \[3 F\] = \[900\], but got \[5\]"),
        (dict(vert_faces=torch.zeros(900, dtype=torch.int64, device="meta")), "expected vert_faces to be on cpu as verts"),
    ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_index_add_over_many_verts(dtype):
    verts, faces = random_mesh(2, 3000, 5000, dtype)
    torch.testing.assert_close(normals(verts, faces), reference(verts, faces), rtol=1e-4, atol=1e-4)


def test_sphere_normals_point_outward():
    # An octahedron: at its corners the normal is the corner itself.
    verts = torch.tensor([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])[None]
    faces = torch.tensor([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    torch.testing.assert_close(normals(verts, faces), verts)


def test_unused_and_degenerate_are_zero():
    verts = torch.randn(1, 5, 3)
    out = normals(verts, torch.tensor([[0, 1, 1]]))
    assert not out.any()


BAD_TOPOLOGY = [
    (dict(faces=[[0, 1, 1 << 40]]), r"expected faces to lie in \[0, 3\), but got 1099511627776 at \[0, 2\]"),
    (dict(faces=[[0, -1, 2]]), r"expected faces to lie in \[0, 3\), but got -1 at \[0, 1\]"),
    (dict(vert_faces=[0, 7, -1]), r"expected vert_faces to lie in \[0, 1\), but got 7 at 1"),
    (dict(vert_faces_offsets=[-9, 1, 2, 3]), r"expected vert_faces_offsets to lie in \[0, 4\), but got -9 at 0"),
    (dict(vert_faces_offsets=[0, 1, 2, 1 << 50]), r"expected vert_faces_offsets to lie in \[0, 4\), but got 1125899906842624 at 3"),
]


def topology_with(values) -> list:
    good = dict(faces=[[0, 1, 2]], vert_faces_offsets=[0, 1, 2, 3], vert_faces=[0, 0, 0])
    return [torch.tensor(x) for x in (good | values).values()]


@pytest.mark.parametrize("values,message", BAD_TOPOLOGY)
def test_indices_out_of_range_are_rejected(values, message):
    with pytest.raises(RuntimeError, match=f"vertex_normals: {message}"):
        torch.ops.bisque.vertex_normals(torch.randn(1, 3, 3), *topology_with(values))


def test_the_first_bad_index_is_reported_whatever_the_threads(all_thread_counts):
    verts = torch.randn(1, 3, 3)
    faces = torch.zeros(20000, 3, dtype=torch.int64)
    faces[4321:, 1] = torch.arange(4321, 20000)

    def rejected():
        with pytest.raises(RuntimeError, match=r"but got 4321 at \[4321, 1\]"):
            torch.ops.bisque.vertex_normals(verts, faces, torch.tensor([0, 0, 0, 0]), torch.zeros(60000, dtype=torch.int64))

    all_thread_counts(rejected)


I64 = torch.int64
GOOD = dict(verts=torch.zeros(1, 4, 3), faces=torch.zeros(2, 3, dtype=I64), vert_faces_offsets=torch.zeros(5, dtype=I64), vert_faces=torch.zeros(6, dtype=I64))


# --- The gradient -------------------------------------------------------------------------------------------------


def backward(grad, verts, faces, topology=None):
    return torch.ops.bisque._vertex_normals_backward(grad, verts, faces, *(topology or around(faces, verts.shape[1])))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_backward_equals_autograd_of_reference_over_many_verts(dtype):
    verts, faces = random_mesh(2, 3000, 5000, dtype)
    grad = torch.randn(2, 3000, 3, generator=torch.Generator().manual_seed(5), dtype=dtype)
    leaf = verts.double().requires_grad_()
    expected, = torch.autograd.grad(reference(leaf, faces), leaf, grad.double())
    scale = expected.abs().max()
    torch.testing.assert_close(backward(grad, verts, faces).double() / scale, expected / scale, rtol=1e-3, atol=1e-5)


def test_backward_of_short_sums_divides_by_the_clamp():
    # A triangle with a cross product of 0.8e-6: its normals are the sum / 1e-6, a linear function.
    verts = 9e-4 * torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]], dtype=torch.float64)
    assert torch.autograd.gradcheck(normals, (verts.requires_grad_(), torch.tensor([[0, 1, 2]])), eps=1e-9)


@pytest.mark.parametrize("N,V,F", [(0, 3, 1), (2, 3, 0), (1, 0, 0)])
def test_backward_empty(N, V, F):
    out = backward(torch.ones(N, V, 3), torch.randn(N, V, 3), torch.zeros(F, 3, dtype=torch.int64))
    assert out.shape == (N, V, 3) and not out.any()


@pytest.mark.parametrize("values,message", BAD_TOPOLOGY)
def test_backward_rejects_indices_out_of_range(values, message):
    verts, grad = torch.randn(1, 3, 3), torch.randn(1, 3, 3)
    with pytest.raises(RuntimeError, match=f"_vertex_normals_backward: {message}"):
        torch.ops.bisque._vertex_normals_backward(grad, verts, *topology_with(values))


def test_backward_of_a_face_that_does_not_hold_the_vertex_that_names_it():
    verts, grad = torch.randn(1, 4, 3), torch.randn(1, 4, 3)
    out = backward(grad, verts, torch.tensor([[0, 1, 2]]), (torch.tensor([0, 0, 0, 0, 3]), torch.tensor([0, 0, 0])))
    assert not out.any()


@pytest.mark.parametrize("name,value,message", [
    ("grad_normals", torch.zeros(1, 4), r"_vertex_normals_backward: expected grad_normals to have shape \[N, V, 3\] = \[1, 4, 3\], but got \[1, 4\]"),
    ("grad_normals", torch.zeros(1, 4, 3, dtype=torch.float64), "expected grad_normals to be float32 as verts, but got float64"),
    ("faces", torch.zeros(2, 4, dtype=I64), r"_vertex_normals_backward: expected faces to have shape \[F, 3\]"),
])
def test_backward_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque._vertex_normals_backward(*{"grad_normals": torch.zeros(1, 4, 3), **GOOD, name: value}.values())


# --- CUDA ---------------------------------------------------------------------------------------------------------

@pytest.mark.cuda
def test_cuda_skips_indices_out_of_range():
    verts, grad = torch.randn(1, 3, 3).cuda(), torch.randn(1, 3, 3).cuda()
    for first in ([0, 1, 2, 3], [-9, 1 << 40, 0, 1 << 50]):
        for face in ([0, 1, 1 << 40], [0, -1, 2]):
            topology = [torch.tensor(x).cuda() for x in ([face], first, [0, 7, -1])]
            assert not torch.ops.bisque.vertex_normals(verts, *topology).cpu().any()
            assert not torch.ops.bisque._vertex_normals_backward(grad, verts, *topology).cpu().any()


@pytest.mark.cuda
@pytest.mark.parametrize("values,message", BAD_TOPOLOGY)
def test_cuda_raises_where_it_is_asked_to_check(values, message, monkeypatch):
    monkeypatch.setenv("BISQUE_CHECK_CUDA", "1")
    verts = torch.randn(1, 3, 3).cuda()
    topology = [x.cuda() for x in topology_with(values)]
    with pytest.raises(RuntimeError, match="vertex_normals: expected .* to lie in"):
        torch.ops.bisque.vertex_normals(verts, *topology)
    good = [x.cuda() for x in topology_with({})]
    torch.ops.bisque.vertex_normals(verts, *good)
