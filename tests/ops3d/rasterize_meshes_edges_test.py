"""Shared edges: a pixel centre on or near one belongs to exactly one of its two faces. The truth is exact integers."""

import numpy as np
import pytest
import torch

from tests.ops3d.rasterize_scenes import GRID

DTYPES = [torch.float32, torch.float64]
SIZE = 16  # pixels, so that a vertex on the grid is exact in NDC
CENTRES = np.arange(SIZE) * GRID - (SIZE - 1) * GRID // 2  # from the middle of the picture, in grid units


def side(p, q, r):
    """Twice the signed area of p, q, r: exact in int64 for coordinates below 2^30."""
    return (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])


def random_pairs(rng, count):
    """Quads [count, 4, 2] on the grid, cut by the edge from corner 0 to 1; 2 and 3 lie on either side of it.

    Edges are short and long (to 4,000 pixels), and half of them pass through a pixel centre of the picture.
    """
    quads = np.empty((0, 4, 2), np.int64)
    while len(quads) < count:
        reach = GRID * 2.0 ** rng.uniform(0, 12, (2 * count, 1, 1))
        corners = (rng.normal(size=(2 * count, 4, 2)) * reach).clip(-4000 * GRID, 4000 * GRID) + rng.choice(CENTRES, (2 * count, 1, 2))
        corners = np.rint(corners).astype(np.int64)
        on_centre = (corners // GRID) * GRID + GRID // 2
        corners = np.where(rng.random((2 * count, 4, 1)) < 0.5, on_centre, corners)
        through = rng.random(2 * count) < 0.5
        corners[through, 1] = 2 * rng.choice(CENTRES, (through.sum(), 2)) - corners[through, 0]
        level = rng.random(2 * count) < 0.1  # edges along rows of centres
        corners[level, 1, 1] = corners[level, 0, 1]
        a, b, c, d = corners.transpose(1, 0, 2)
        quads = np.concatenate([quads, corners[np.sign(side(a, b, c)) * np.sign(side(a, b, d)) < 0]])
    return quads[:count]


def hits_of(quads):
    """The fewest and the most faces that may take each pixel centre [count, H, W]: a centre on an outer edge is free."""
    p = np.stack(np.meshgrid(CENTRES, CENTRES), -1)[None]
    fewest, most = 0, 0
    a, b, c, d = (quads[:, k, None, None] for k in range(4))
    shared = side(a, b, p) == 0
    for apex in (c, d):
        turn = np.sign(side(a, b, apex))
        edges = [np.sign(side(*edge, p)) * turn for edge in ((a, b), (b, apex), (apex, a))]
        inner = (edges[1] > 0) & (edges[2] > 0)
        fewest = fewest + ((edges[0] > 0) & inner)
        most = most + ((edges[0] > 0) & (edges[1] >= 0) & (edges[2] >= 0))
        on_edge = shared & inner
    fewest = np.where(on_edge, 1, fewest)
    return fewest, np.where(shared, 1, most), on_edge


def rasterize(quads, dtype, device, rng, faces_per_pixel, perspective_correct):
    """A picture of each quad, whose two faces have their vertices in random order."""
    count = len(quads)
    ndc = torch.tensor(-2 * quads / (SIZE * GRID))
    verts = torch.cat([ndc, torch.ones(count, 4, 1)], -1).to(dtype).view(-1, 3)
    faces = np.array([[[0, 1, 2], [1, 0, 3]]]).repeat(count, 0)
    for k in range(2):
        faces[:, k] = rng.permuted(faces[:, k], axis=1)
    faces = torch.tensor(faces).view(-1, 3)
    offset = 4 * torch.arange(count)
    inputs = [verts, faces, 2 * torch.arange(count), torch.full((count,), 2)]
    results = torch.ops.bisque.rasterize_meshes(
        *(tensor.to(device) for tensor in inputs), SIZE, SIZE, faces_per_pixel, 0.0, perspective_correct, mesh_to_vert_offset=offset.to(device)
    )
    return results[0].cpu().numpy()


def check_shared_edges(count, dtype, device, faces_per_pixel=2, perspective_correct=True):
    rng = np.random.default_rng(40)
    quads = random_pairs(rng, count)
    fewest, most, on_edge = hits_of(quads)
    assert (quads.max((1, 2)) > 300 * GRID).mean() > 0.1 and on_edge.any((1, 2)).mean() > 0.3
    hits = (rasterize(quads, dtype, device, rng, faces_per_pixel, perspective_correct) >= 0).sum(-1)
    if faces_per_pixel == 1:
        most = np.minimum(most, 1)
    assert (hits >= fewest).all(), "a hole"
    assert (hits <= most).all(), "a double hit"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("perspective_correct", [False, True])
@pytest.mark.parametrize("faces_per_pixel", [1, 2])
def test_10000_shared_edges_have_no_hole_and_no_double_hit(faces_per_pixel, perspective_correct, dtype):
    check_shared_edges(10_000, dtype, "cpu", faces_per_pixel, perspective_correct)


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", DTYPES)
def test_shared_edges_have_no_hole_and_no_double_hit_on_cuda(dtype):
    check_shared_edges(60, dtype, "cuda")
