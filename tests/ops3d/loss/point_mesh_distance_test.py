"""The losses point_mesh_face_distance and point_mesh_edge_distance (ops3d/loss/point_mesh_distance.h), against plain torch in float64."""

import math

import pytest
import torch

from tests.ops3d import point_distances
from tests.testing.functions import functions

LOSSES = [functions.point_mesh_face_distance, functions.point_mesh_edge_distance]
FACES, EDGES = LOSSES


def batch(sizes, dtype=torch.float64, seed=0):
    """Verts, faces and points of some meshes and clouds: (verts, faces, points) of each."""
    random = torch.Generator().manual_seed(seed)
    verts = [torch.randn(v, 3, generator=random, dtype=dtype) for v, _, _ in sizes]
    faces = [torch.stack([torch.randperm(v, generator=random)[:3] for _ in range(f)]) if f else torch.zeros(0, 3).long() for v, f, _ in sizes]
    points = [torch.randn(p, 3, generator=random, dtype=dtype) for _, _, p in sizes]
    return verts, faces, points


def edges_of(faces):
    edges = torch.cat([faces[:, [i, (i + 1) % 3]] for i in range(3)]).sort(1).values
    return torch.unique(edges, dim=0)


def expected_loss(loss, verts, faces, points, min_triangle_area=0.0):
    total = 0
    for v, f, p in zip(verts, faces, points):
        if len(f) == 0 or len(p) == 0:
            continue
        v, p = v.double(), p.double()
        squares = point_distances.face_squares(p, v[f], min_triangle_area) if loss is FACES else point_distances.segment_squares(p, v[edges_of(f)])
        total += squares.amin(1).mean() + squares.amin(0).mean()
    return total / max(len(verts), 1)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sizes", [[(20, 30, 50)], [(8, 5, 3), (20, 30, 7), (4, 2, 90)], [(5, 3, 0), (0, 0, 4), (9, 4, 6), (3, 0, 5)]])
def test_against_plain_torch(loss, dtype, sizes):
    inputs = batch(sizes, dtype)
    result = loss(*inputs)
    assert result.dtype == dtype and result.shape == ()
    torch.testing.assert_close(result.double(), expected_loss(loss, *inputs), rtol=1e-6 if dtype == torch.float32 else 1e-12, atol=0)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients(loss):
    verts, faces, points = batch([(6, 4, 5), (4, 0, 2), (5, 2, 0), (4, 2, 3)])
    leaves = [tensor.requires_grad_() for tensor in (*verts, *points)]
    assert torch.autograd.gradcheck(lambda *leaves: loss(leaves[:4], faces, leaves[4:]), leaves)


def test_min_triangle_area():
    verts, faces, points = batch([(30, 60, 80)])
    exact, coarse = (FACES(verts, faces, points, area) for area in (0.0, 0.5))
    assert coarse > exact
    torch.testing.assert_close(coarse, expected_loss(FACES, verts, faces, points, 0.5))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("sizes", [[], [(0, 0, 0)], [(3, 0, 5), (4, 2, 0)]])
def test_batches_without_distances_are_zero(loss, sizes):
    verts, faces, points = batch(sizes)
    leaves = [tensor.requires_grad_() for tensor in (*verts, *points)]
    result = loss(verts, faces, points)
    assert result == 0
    if leaves:
        assert not any(g is not None and g.any() for g in torch.autograd.grad(result, leaves, allow_unused=True))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_point_that_is_not_finite_makes_the_loss_nan(loss):
    verts, faces, points = batch([(8, 5, 3)])
    points[0][1, 2] = math.nan
    assert loss(verts, faces, points).isnan()


@pytest.mark.parametrize("loss", LOSSES)
def test_errors(loss):
    verts, faces, points = batch([(8, 5, 3), (8, 5, 3)])
    with pytest.raises(RuntimeError, match=r"point_mesh_(face|edge)_distance: expected as many clouds as meshes \(2\), but got 1\."):
        loss(verts, faces, points[:1])
    with pytest.raises(RuntimeError, match="to be float32 as points, but got float64"):
        loss(verts, faces, [p.float() for p in points])
    with pytest.raises(RuntimeError, match="expected min_triangle_area to be at least 0, but got -1"):
        FACES(verts, faces, points, -1.0)
