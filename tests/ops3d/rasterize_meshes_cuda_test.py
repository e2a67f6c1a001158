"""rasterize_meshes on CUDA: the CPU's ids and values, and no trust in indices."""

import os

import numpy as np
import pytest
import torch

from tests.ops3d.rasterize_scenes import BAD_RANGES, plane_mesh, project, random_soup

pytestmark = pytest.mark.cuda

DTYPES = [torch.float32, torch.float64]
SCENES = int(os.environ.get("BISQUE_RASTER_SCENES", 50))
OPTIONS = [
    {},
    {"faces_per_pixel": 3, "blur_radius": 2e-3},
    {"faces_per_pixel": 8, "blur_radius": 2e-3, "clip_barycentric_coords": True},
    {"faces_per_pixel": 11, "blur_radius": 1e-2, "perspective_correct": False},
    {"faces_per_pixel": 2, "cull_backfaces": True},
    {"faces_per_pixel": 4, "blur_radius": 1e-3, "z_clip": 0.5},
    {"faces_per_pixel": 3, "blur_radius": 1e-3, "perspective_correct": False, "z_clip": 2.0},
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


def shared(inputs, views=3):
    """The arguments for views of the meshes, which share faces."""
    verts, faces, first, counts = inputs
    moved = torch.cat([verts + torch.tensor([0.1, -0.2, 0.3]).to(verts) * view for view in range(views)])
    offset = (torch.arange(views) * len(verts)).repeat(len(first))
    return (moved, faces, first.repeat_interleave(views), counts.repeat_interleave(views)), offset


@pytest.mark.parametrize("dtype", DTYPES)
def test_views_that_share_faces_are_the_cpus(dtype):
    inputs, offset = shared(scene(dtype))
    options = dict(faces_per_pixel=2, blur_radius=1e-3)
    expected = torch.ops.bisque.rasterize_meshes(*inputs, 11, 18, **options, mesh_to_vert_offset=offset)
    device = [tensor.cuda() for tensor in inputs]
    actual = torch.ops.bisque.rasterize_meshes(*device, 11, 18, **options, mesh_to_vert_offset=offset.cuda())
    assert (expected[0] >= 0).flatten(1).any(1).all()
    assert all(torch.equal(a.cpu(), b) for a, b in zip(actual, expected))
    grads = random_grads(expected)
    expected = backward(grads, *inputs[:2], expected, options, offset)
    actual = backward([g.cuda() for g in grads], *device[:2], actual, options, offset.cuda()).cpu()
    assert_gradients_agree(actual, expected)


@pytest.mark.parametrize("value, message", [
    (-1, r"mesh_to_vert_offset to lie in \[0, 199\), but got -1 at 1"),
    (199, r"mesh_to_vert_offset to lie in \[0, 199\), but got 199 at 1"),
    (190, r"faces to lie in \[0, 8\), but got 8 at \[2, 2\]"),
])  # fmt: skip
def test_an_offset_out_of_range_is_an_error(value, message):
    inputs, offset = shared(scene(torch.float32))
    offset[1] = value
    with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected {message}"):
        torch.ops.bisque.rasterize_meshes(*(tensor.cuda() for tensor in inputs), 8, 8, mesh_to_vert_offset=offset.cuda())


# --- Random scenes ------------------------------------------------------------------------------------------------


def random_scene(seed):
    """Shared edges, slivers, what lies outside of the picture, behind the camera or on pixel centres, in a few faces."""
    rng = np.random.default_rng(seed)
    size = tuple(int(side) for side in rng.integers(3, 20, 2))
    plane, plane_faces = plane_mesh(seed, 3, rng.uniform(0.5, 3), np.float64, corner_on_centres=rng.choice([None, 8]))
    soup, soup_faces = random_soup(seed, 8, 1.5, 0.6, np.float64)
    soup[::6, :2] = soup[1::6, :2] + rng.normal(size=(len(soup[::6]), 2)) * 10.0 ** rng.uniform(-7, -1)  # slivers
    view = rng.uniform([-2, -2, -1], [2, 2, 4], (9, 3))
    view[np.abs(view[:, 2]) < 0.05, 2] = 0.05
    verts = np.concatenate([plane + [0, 0, rng.uniform(0, 2)], soup, project(view)])
    starts = len(plane), len(plane) + len(soup)
    faces = np.concatenate([plane_faces, soup_faces + starts[0], np.arange(9).reshape(-1, 3) + starts[1]])
    faces = rng.permutation(faces)
    options = dict(
        faces_per_pixel=int(rng.choice([1, 2, 5, 9])), blur_radius=float(rng.choice([0, 1e-4, 1e-2])),
        perspective_correct=bool(rng.random() < 0.7), clip_barycentric_coords=bool(rng.random() < 0.5),
        cull_backfaces=bool(rng.random() < 0.3), z_clip=float(rng.choice([-1, 0, 0.3])), with_dists=bool(rng.random() < 0.8),
    )  # fmt: skip
    dtype = DTYPES[int(rng.integers(2))]
    split = int(rng.integers(len(faces)))
    ranges = torch.tensor([0, split]), torch.tensor([split, len(faces) - split])
    return (torch.tensor(verts, dtype=dtype), torch.tensor(faces), *ranges), size, options


@pytest.mark.parametrize("seeds", [range(first, min(first + 10, SCENES)) for first in range(0, SCENES, 10)], ids=str)
def test_random_scenes_are_the_cpus(seeds):
    """50 of them; more with BISQUE_RASTER_SCENES."""
    for seed in seeds:
        inputs, size, options = random_scene(seed)
        expected = torch.ops.bisque.rasterize_meshes(*inputs, *size, **options)
        device = [tensor.cuda() for tensor in inputs]
        actual = torch.ops.bisque.rasterize_meshes(*device, *size, **options)
        pairs = [(a.cpu(), b) for a, b in zip(actual, expected)]
        same = pairs[0][0] == pairs[0][1]
        if options["faces_per_pixel"] == 1:  # the CPU may take another face that is as deep but for a rounding
            assert (~same).sum() <= 1 and torch.allclose(*pairs[1], rtol=1e-4), seed
        else:
            assert same.all(), seed
        assert all(torch.equal(a[same], b[same]) for a, b in pairs if a.numel()), seed
        grads = random_grads(expected)
        reference = backward(grads, *inputs[:2], expected, options)
        gradient = backward([g.cuda() for g in grads], *device[:2], [r.cuda() for r in expected], options).cpu()
        assert_gradients_agree(gradient, reference)


# --- The gradient -------------------------------------------------------------------------------------------------


def random_grads(results):
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(result.shape, dtype=result.dtype, generator=generator) - 0.5 for result in results[1:]]


def assert_gradients_agree(actual, expected):
    assert torch.isfinite(expected).all() and (expected != 0).any()
    scale = expected.abs().amax(1, keepdim=True) + 1
    assert ((actual - expected).abs() <= (2e-4 if actual.dtype == torch.float32 else 1e-10) * scale).all()


def backward(grads, verts, faces, results, options, offset=None):
    defaults = dict(perspective_correct=True, clip_barycentric_coords=False, z_clip=-1.0, with_dists=True)
    flags = [options.get(name, default) for name, default in defaults.items()]
    return torch.ops.bisque._rasterize_meshes_backward(*grads, verts, faces, results[0], results[3], *flags, offset)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_gradient_is_the_cpus(options, dtype):
    inputs = scene(dtype)
    results = torch.ops.bisque.rasterize_meshes(*inputs, 19, 35, **options)
    grads = random_grads(results)
    expected = backward(grads, *inputs[:2], results, options)
    device = [[tensor.cuda() for tensor in tensors] for tensors in (grads, inputs[:2], results)]
    assert_gradients_agree(backward(device[0], *device[1], device[2], options).cpu(), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_gradient_does_not_depend_on_the_order_of_its_terms(dtype):
    """Terms of very different sizes: those of four pictures of one mesh, which are added in another order."""
    verts, faces, _, _ = scene(dtype)
    ranges = torch.zeros(4, dtype=torch.int64), torch.full((4,), 16)
    results = torch.ops.bisque.rasterize_meshes(verts, faces, *ranges, 9, 15, 2, 1e-3)
    grads = [grad * 10.0 ** torch.arange(-6, 6, 3).to(dtype).view(4, *[1] * (grad.dim() - 1)) for grad in random_grads(results)]
    sums = []
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        given, taken = ([tensor[order].cuda() for tensor in tensors] for tensors in (grads, results))
        sums.append(backward(given, verts.cuda(), faces.cuda(), taken, {}).cpu())
    assert torch.equal(sums[0], sums[1]) and torch.equal(sums[0], sums[2])
    assert_gradients_agree(sums[0], backward(grads, verts, faces, results, {}))


def test_gradients_that_are_no_numbers_give_the_cpus():
    verts, faces, first, counts = scene(torch.float32)
    results = torch.ops.bisque.rasterize_meshes(verts, faces, first, counts, 9, 15)
    grads = [torch.ones_like(result) for result in results[1:]]
    grads[0][0, ::2] = torch.inf
    grads[0][1, :, ::3] = torch.nan
    expected = backward(grads, verts, faces, results, {})
    device = [[tensor.cuda() for tensor in tensors] for tensors in (grads, (verts, faces), results)]
    actual = backward(device[0], *device[1], device[2], {}).cpu()
    assert torch.equal(actual.isfinite(), expected.isfinite()) and not expected.isfinite().all()
    finite = expected.isfinite()
    torch.testing.assert_close(actual[finite], expected[finite], rtol=1e-3, atol=1e-3)


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
