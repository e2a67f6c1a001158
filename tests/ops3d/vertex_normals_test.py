"""The op vertex_normals and its gradient against an index_add reference and the peer's golden case."""

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


# --- The gradient -------------------------------------------------------------------------------------------------


def backward(grad, verts, faces, topology=None):
    return torch.ops.bisque._vertex_normals_backward(grad, verts, faces, *(topology or around(faces, verts.shape[1])))


class Normals(torch.autograd.Function):
    """The two ops as one function, for gradcheck."""

    @staticmethod
    def forward(ctx, verts, faces):
        ctx.save_for_backward(verts, faces)
        return normals(verts, faces)

    @staticmethod
    def backward(ctx, grad):
        return backward(grad.contiguous(), *ctx.saved_tensors), None


def test_names_of_results():
    names = lambda op: [result.name for result in op.default._schema.returns]
    assert names(torch.ops.bisque.vertex_normals) == ["normals"]
    assert names(torch.ops.bisque._vertex_normals_backward) == ["grad_verts"]


def test_golden_gradient():
    case = safetensors.torch.load_file(GOLDEN / "vertex_normals.safetensors")
    out = backward(case["w.normals"][None], case["in.verts"][None], case["in.faces"])[0]
    torch.testing.assert_close(out, case["grad.verts"], rtol=1e-4, atol=1e-5)


def test_gradcheck():
    verts, faces = random_mesh(2, 9, 14, torch.float64)
    assert (faces[:, 0] == faces[:, 1]).any(), "the case should hold a degenerate face"
    assert torch.autograd.gradcheck(Normals.apply, (verts.requires_grad_(), faces))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("N,V,F", [(1, 4, 4), (3, 60, 100), (2, 3000, 5000)])
def test_backward_equals_autograd_of_reference(N, V, F, dtype):
    verts, faces = random_mesh(N, V, F, dtype)
    grad = torch.randn(N, V, 3, generator=torch.Generator().manual_seed(5), dtype=dtype)
    leaf = verts.double().requires_grad_()
    expected, = torch.autograd.grad(reference(leaf, faces), leaf, grad.double())
    scale = expected.abs().max()
    torch.testing.assert_close(backward(grad, verts, faces).double() / scale, expected / scale, rtol=1e-3, atol=1e-5)


def test_backward_of_short_sums_divides_by_the_clamp():
    # A triangle with a cross product of 0.8e-6: its normals are the sum / 1e-6, a linear function.
    verts = 9e-4 * torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]], dtype=torch.float64)
    assert torch.autograd.gradcheck(Normals.apply, (verts.requires_grad_(), torch.tensor([[0, 1, 2]])), eps=1e-9)


@pytest.mark.parametrize("N,V,F", [(0, 3, 1), (2, 3, 0), (1, 0, 0)])
def test_backward_empty(N, V, F):
    out = backward(torch.ones(N, V, 3), torch.randn(N, V, 3), torch.zeros(F, 3, dtype=torch.int64))
    assert out.shape == (N, V, 3) and not out.any()


def test_backward_non_contiguous():
    verts, faces = random_mesh(2, 30, 50)
    grad = torch.randn(2, 30, 3)
    strided = [t.repeat_interleave(2, 0)[::2] for t in (grad, verts, faces)]
    assert torch.equal(backward(*strided), backward(grad, verts, faces))


def test_backward_same_for_any_number_of_threads(all_thread_counts):
    verts, faces = random_mesh(2, 9000, 20000)
    topology, grad = around(faces, 9000), torch.randn(2, 9000, 3)
    one, *others = all_thread_counts(lambda: backward(grad, verts, faces, topology))
    assert all(torch.equal(one, other) for other in others)


def test_backward_skips_indices_out_of_range():
    verts, grad = torch.randn(1, 3, 3), torch.randn(1, 3, 3)
    first, vert_faces = torch.tensor([0, 1, 2, 3]), torch.tensor([0, 0, 0])
    good = torch.tensor([[0, 1, 2]])
    assert not backward(grad, verts, torch.tensor([[0, 1, 1 << 40]]), (first, vert_faces)).any()
    assert not backward(grad, verts, good, (first, torch.tensor([7, -1, 9]))).any()
    backward(grad, verts, good, (torch.tensor([-9, 1 << 40, 0, 1 << 50]), vert_faces))
    # A face that does not hold the vertex that names it gives it nothing.
    verts, grad = torch.randn(1, 4, 3), torch.randn(1, 4, 3)
    out = backward(grad, verts, good, (torch.tensor([0, 0, 0, 0, 3]), vert_faces))
    assert not out.any()


def test_backward_meta_shape():
    with torch.device("meta"):
        i = dict(dtype=torch.int64)
        topology = torch.empty(8, **i), torch.empty(12, **i)
        out = backward(torch.empty(2, 7, 3), torch.empty(2, 7, 3), torch.empty(4, 3, **i), topology)
    assert out.shape == (2, 7, 3) and out.is_meta


@pytest.mark.parametrize("name,value,message", [
    ("grad_normals", torch.zeros(1, 4), r"_vertex_normals_backward: expected grad_normals to have shape \[N, V, 3\] = \[1, 4, 3\], but got \[1, 4\]"),
    ("grad_normals", torch.zeros(1, 4, 3, dtype=torch.float64), "expected grad_normals to be float32 as verts, but got float64"),
    ("faces", torch.zeros(2, 4, dtype=I64), r"_vertex_normals_backward: expected faces to have shape \[F, 3\]"),
])
def test_backward_error_messages(name, value, message):
    with pytest.raises(RuntimeError, match=message):
        torch.ops.bisque._vertex_normals_backward(*{"grad_normals": torch.zeros(1, 4, 3), **GOOD, name: value}.values())


# --- CUDA ---------------------------------------------------------------------------------------------------------

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


@needs_cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("N,V,F", [(2, 150, 300), (1, 5, 0), (0, 3, 1), (1, 0, 0)])
def test_cuda_equals_cpu(N, V, F, dtype):
    verts, faces = random_mesh(N, max(V, 1), F, dtype)
    verts = verts[:, :V]
    topology, grad = around(faces, V), torch.randn(N, V, 3, dtype=dtype)
    on_cuda = [t.cuda() for t in (verts, faces, *topology)]
    close = dict(rtol=1e-4, atol=1e-5) if dtype == torch.float32 else dict(rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(torch.ops.bisque.vertex_normals(*on_cuda).cpu(), normals(verts, faces), **close)
    ours = torch.ops.bisque._vertex_normals_backward(grad.cuda(), *on_cuda).cpu()
    torch.testing.assert_close(ours, backward(grad, verts, faces), **close)


@needs_cuda
def test_cuda_skips_indices_out_of_range():
    verts, grad = torch.randn(1, 3, 3).cuda(), torch.randn(1, 3, 3).cuda()
    for first in ([0, 1, 2, 3], [-9, 1 << 40, 0, 1 << 50]):
        for face in ([0, 1, 1 << 40], [0, -1, 2]):
            topology = [torch.tensor(x).cuda() for x in ([face], first, [0, 7, -1])]
            assert not torch.ops.bisque.vertex_normals(verts, *topology).cpu().any()
            assert not torch.ops.bisque._vertex_normals_backward(grad, verts, *topology).cpu().any()
