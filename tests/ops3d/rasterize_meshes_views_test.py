"""Meshes that share faces: views of one mesh by an offset of its vertices equal meshes with faces of their own."""

import sys

import pytest
import torch

from tests.build import BUILD, ROOT
from tests.ops3d.rasterize_scenes import random_soup
from tests.testing.limited import run_limited

DTYPES = [torch.float32, torch.float64]
OPTIONS = [
    dict(z_clip=0.1, with_dists=False),
    dict(faces_per_pixel=1),
    dict(faces_per_pixel=4, blur_radius=1e-3, clip_barycentric_coords=True),
    dict(faces_per_pixel=3, perspective_correct=False),
]


def scene(dtype, views=5):
    """Verts of V views [V, P, 3] of two meshes, packed faces, and the range of each mesh: (first face, count)."""
    verts, faces = random_soup(50, 40, 1, 0.4, "float64")
    generator = torch.Generator().manual_seed(0)
    moved = torch.tensor(verts) + 0.2 * torch.rand(views, 1, 3, dtype=torch.float64, generator=generator)
    return moved.to(dtype), torch.tensor(faces), [(0, 15), (15, 25)]


def shared(views, ranges, num_verts):
    """The arguments of B meshes x V views; picture b V + v is view v of mesh b."""
    first, counts = (torch.tensor(column).repeat_interleave(views) for column in zip(*ranges))
    return first, counts, (torch.arange(views) * num_verts).repeat(len(ranges))


def copied(faces, views, ranges, num_verts):
    """The same with a copy of the faces for each picture: packed faces, first, counts, and what to take off pix_to_face."""
    copies, extra = [], []
    for first, count in ranges:
        for view in range(views):
            extra.append(sum(map(len, copies)) - first)
            copies.append(faces[first : first + count] + view * num_verts)
    counts = torch.tensor([len(copy) for copy in copies])
    return torch.cat(copies), counts.cumsum(0) - counts, counts, torch.tensor(extra).view(-1, 1, 1, 1)


def rasterize(verts, faces, ranges, offset, **options):
    return torch.ops.bisque.rasterize_meshes(verts.reshape(-1, 3), faces, *ranges, 33, 70, **options, mesh_to_vert_offset=offset)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_views_of_shared_faces_equal_meshes_with_their_own(options, dtype):
    verts, faces, ranges = scene(dtype)
    views, num_verts = verts.shape[:2]
    own_faces, own_first, own_counts, extra = copied(faces, views, ranges, num_verts)
    first, counts, offset = shared(views, ranges, num_verts)
    leaves = [verts.clone().requires_grad_() for _ in range(2)]
    one = rasterize(leaves[0], faces, (first, counts), offset, **options)
    many = rasterize(leaves[1], own_faces, (own_first, own_counts), None, **options)
    assert (one[0] >= 0).flatten(1).any(1).all()
    assert torch.equal(one[0], torch.where(many[0] >= 0, many[0] - extra, -1))
    assert all(torch.equal(a, b) for a, b in zip(one[1:], many[1:]))
    generator = torch.Generator().manual_seed(1)
    weights = [torch.rand(result.shape, dtype=dtype, generator=generator) for result in one[1:]]
    grads = [
        torch.autograd.grad([r for r in results[1:] if r.numel()], leaf, [w for w in weights if w.numel()])[0]
        for results, leaf in ((one, leaves[0]), (many, leaves[1]))
    ]
    assert torch.equal(*grads) and (grads[0] != 0).any((1, 2)).all()


def test_many_views_of_a_large_mesh_are_taken_in_turns():
    """More faces in all than are binned at a time."""
    verts, faces = random_soup(51, 30_000, 1, 0.05, "float32")
    views = torch.tensor(verts) + torch.linspace(0, 1, 75).view(-1, 1, 1) * torch.tensor([0.3, 0.2, 0.0])
    first, counts, offset = shared(75, [(0, len(faces))], len(verts))
    faces = torch.tensor(faces)
    many = rasterize(views, faces, (first, counts), offset, with_dists=False)
    for view in (0, 33, 34, 35, 36, 74):
        one = rasterize(views[view], faces, (first[:1], counts[:1]), None, with_dists=False)
        assert all(torch.equal(a[view], b[0]) for a, b in zip(many[:3], one[:3]))


PEAK_OF_VIEWS = """
import sys, torch, bisque3d
bisque3d.load_library(sys.argv[1])
views = int(sys.argv[2])
grid = torch.linspace(-0.9, 0.9, 159)
verts = torch.stack([*torch.meshgrid(grid, grid, indexing="ij"), torch.ones(159, 159)], -1).view(1, -1, 3)
a = (torch.arange(158)[:, None] * 159 + torch.arange(158)).flatten()
faces = torch.cat([torch.stack([a, a + 1, a + 160], 1), torch.stack([a, a + 160, a + 159], 1)])
verts = verts.expand(views, -1, 3).reshape(-1, 3).requires_grad_()
first, counts = torch.zeros(views, dtype=torch.int64), torch.full((views,), len(faces))
results = torch.ops.bisque.rasterize_meshes(
    verts, faces, first, counts, 64, 64, with_dists=False, mesh_to_vert_offset=torch.arange(views) * 159**2)
(results[1] * (results[0] >= 0)).sum().backward()
print((results[0] >= 0).flatten(1).any(1).all().item(), verts.numel() * 4 + sum(r.nbytes for r in results))
"""


def test_100_views_use_the_memory_of_one_mesh():
    """Beyond the projected verts and the results: faces of 100 views would be 120 MB, and their bins 500 MB."""
    library = BUILD / "lib/libbisque_ops.so"
    peaks, given = [], []
    for views in (1, 100):
        command = ["-c", PEAK_OF_VIEWS, library, views]
        process, peak = run_limited(*command, seconds=120, program=sys.executable, env={"PYTHONPATH": str(ROOT / "python")})
        assert process.returncode == 0, process.stderr
        seen, size = process.stdout.split()
        assert seen == "True"
        peaks.append(peak)
        given.append(int(size))
    # verts, their placed copy, their gradient in float64 and float32; zbuf and its gradients
    assert peaks[1] - peaks[0] < 6 * (given[1] - given[0]) + (64 << 20)


def test_bad_offsets_are_errors():
    verts, faces, ranges = scene(torch.float32)
    views, num_verts = verts.shape[:2]
    first, counts, offset = shared(views, ranges, num_verts)
    cases = [
        (-1, r"mesh_to_vert_offset to lie in \[0, 601\), but got -1 at 3"),
        (601, r"mesh_to_vert_offset to lie in \[0, 601\), but got 601 at 3"),
        (2**62, rf"mesh_to_vert_offset to lie in \[0, 601\), but got {2**62} at 3"),
        (590, r"faces to lie in \[0, 10\), but got 10 at \[3, 1\]"),
    ]
    for value, message in cases:
        offset[3] = value
        with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected {message}"):
            rasterize(verts, faces, (first, counts), offset)


def test_offsets_of_another_type_are_errors():
    verts, faces, ranges = scene(torch.float32)
    first, counts, offset = shared(5, ranges, 120)
    for bad, message in ((offset[1:], r"to have shape \[N\] = \[10\], but got \[9\]"), (offset.int(), "to be int64, but got int32")):
        with pytest.raises(RuntimeError, match=f"rasterize_meshes: expected mesh_to_vert_offset {message}"):
            rasterize(verts, faces, (first, counts), bad)
