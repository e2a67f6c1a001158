"""rasterize_meshes on CUDA: the CPU's ids and values, and no trust in indices."""

import numpy as np
import pytest
import torch

from tests.ops3d.rasterize_scenes import BAD_RANGES, project, random_soup

pytestmark = pytest.mark.cuda

DTYPES = [torch.float32, torch.float64]
OPTIONS = [
    {},
    {"faces_per_pixel": 3, "blur_radius": 2e-3},
    {"faces_per_pixel": 8, "blur_radius": 2e-3, "clip_barycentric_coords": True},
    {"faces_per_pixel": 11, "blur_radius": 1e-2, "perspective_correct": False},
    {"faces_per_pixel": 2, "cull_backfaces": True},
    {"faces_per_pixel": 4, "blur_radius": 1e-3, "z_clip": 0.5},
    {"faces_per_pixel": 3, "perspective_correct": False, "z_clip": 2.0},
    {"blur_radius": 1e-3, "with_dists": False},
]


def scene(dtype):
    """Two meshes: triangles of all sizes; and such as the near plane cuts, some not finite."""
    verts, faces = random_soup(30, 16, 1, 0.4, np.float64)
    view = np.random.default_rng(31).uniform([-2, -2, -1], [2, 2, 4], (18, 3))
    view[np.abs(view[:, 2]) < 0.1, 2] = 0.1
    verts = np.concatenate([verts, project(view)])
    verts[-1] = np.nan
    faces = np.concatenate([faces, 48 + np.arange(18).reshape(-1, 3)])
    return torch.tensor(verts, dtype=dtype), torch.tensor(faces), torch.tensor([0, 10]), torch.tensor([16, 12])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_cuda_finds_what_the_cpu_finds(options, dtype):
    inputs, size = scene(dtype), (19, 35)
    expected = torch.ops.bisque.rasterize_meshes(*inputs, *size, **options)
    actual = torch.ops.bisque.rasterize_meshes(*(tensor.cuda() for tensor in inputs), *size, **options)
    assert (expected[0] >= 0).any()
    for a, b in zip(actual, expected):  # bit for bit: the same operations in the same order
        assert torch.equal(a.cpu(), b)


@pytest.mark.parametrize("shape", [(0, 4, 4), (1, 0, 4), (1, 4, 0), (2, 3, 5)])
def test_empty_input(shape):
    meshes, height, width = shape
    none = torch.zeros(0, 3, device="cuda"), torch.zeros(0, 3, dtype=torch.int64, device="cuda")
    ranges = torch.zeros(meshes, dtype=torch.int64, device="cuda")
    results = torch.ops.bisque.rasterize_meshes(*none, ranges, ranges, height, width, 2)
    assert results[0].shape == (meshes, height, width, 2)
    assert all((result.cpu() == -1).all() for result in results)


@pytest.mark.parametrize("index", [-1, 66, 2**62, -(2**63)])
def test_a_face_that_names_no_vertex_is_an_error(index):
    verts, faces, first, counts = scene(torch.float32)
    faces[12, 1] = faces[20, 0] = index
    with pytest.raises(RuntimeError, match=rf"rasterize_meshes: expected faces to lie in \[0, 66\), but got {index} at \[12, 1\]"):
        torch.ops.bisque.rasterize_meshes(verts.cuda(), faces.cuda(), first.cuda(), counts.cuda(), 8, 8)


@pytest.mark.parametrize("bad, message", BAD_RANGES)
def test_a_range_outside_the_faces_is_an_error(bad, message):
    verts, faces, first, counts = scene(torch.float32)
    first[1], counts[1] = bad
    with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected {message} at 1"):
        torch.ops.bisque.rasterize_meshes(verts.cuda(), faces.cuda(), first.cuda(), counts.cuda(), 8, 8)


# --- The gradient -------------------------------------------------------------------------------------------------


def backward(grads, verts, faces, results, options):
    defaults = dict(perspective_correct=True, clip_barycentric_coords=False, z_clip=-1.0, with_dists=True)
    flags = [options.get(name, default) for name, default in defaults.items()]
    return torch.ops.bisque._rasterize_meshes_backward(*grads, verts, faces, results[0], results[3], *flags)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_gradient_is_the_cpus(options, dtype):
    inputs = scene(dtype)
    results = torch.ops.bisque.rasterize_meshes(*inputs, 19, 35, **options)
    generator = torch.Generator().manual_seed(0)
    grads = [torch.rand(result.shape, dtype=dtype, generator=generator) - 0.5 for result in results[1:]]
    expected = backward(grads, *inputs[:2], results, options)
    device = [[tensor.cuda() for tensor in tensors] for tensors in (grads, inputs[:2], results)]
    actual = backward(device[0], *device[1], device[2], options).cpu()
    assert torch.isfinite(expected).all() and (expected != 0).any()
    scale = expected.abs().amax(1, keepdim=True) + 1
    assert ((actual - expected).abs() <= (2e-4 if dtype == torch.float32 else 1e-10) * scale).all()


def test_indices_out_of_range_give_no_gradient():
    verts, faces = torch.rand(4, 3) + 0.5, torch.tensor([[0, 1, 2], [0, 1, 2**62], [0, -1, 2], [1, 2, 3]])
    results = torch.ops.bisque.rasterize_meshes(verts, faces[:1], torch.tensor([0]), torch.tensor([1]), 6, 5, 6)
    results[0][:] = torch.tensor([0, 1, 2, 4, -(2**63), 2**62])
    results[0][..., 0] = torch.where(results[3][..., 0] <= 0, 0, -1)
    grads = [torch.ones_like(result) for result in results[1:]]
    grad = backward([g.cuda() for g in grads], verts.cuda(), faces.cuda(), [r.cuda() for r in results], {}).cpu()
    assert torch.isfinite(grad).all() and (grad[3] == 0).all()


@pytest.mark.parametrize("entry, message", [
    (1, r"pix_to_face to lie in \[-1, 1\), but got 1 at \[0, 1, 1, 0\]"),
    (0, r"faces to lie in \[0, 3\), but got 7 at \[0, 2\]"),
])  # fmt: skip
def test_the_gradient_raises_where_it_is_asked_to_check(entry, message, monkeypatch):
    monkeypatch.setenv("BISQUE_CHECK_CUDA", "1")
    verts, faces = torch.rand(3, 3) + 0.5, torch.tensor([[0, 1, 7]])
    results = [torch.full((1, 2, 2, 1), -1), *(torch.ones(1, 2, 2, 1, *tail) for tail in ((), (3,), ()))]
    results[0][0, 1, 1, 0] = entry
    results = [result.cuda() for result in results]
    with pytest.raises(RuntimeError, match=f"_rasterize_meshes_backward: expected {message}"):
        backward(results[1:], verts.cuda(), faces.cuda(), results, {})


def test_the_gradient_of_nothing():
    verts, faces = torch.ones(3, 3, device="cuda"), torch.tensor([[0, 1, 2]]).cuda()
    results = [torch.zeros(0, 4, 4, 2, *tail, device="cuda") for tail in ((), (), (3,), ())]
    results[0] = torch.zeros(0, 4, 4, 2, dtype=torch.int64, device="cuda")
    assert (backward(results[1:], verts, faces, results, {}).cpu() == 0).all()
