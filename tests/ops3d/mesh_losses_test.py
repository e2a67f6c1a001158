"""Losses of meshes against loops over meshes, with dense matrices."""

import itertools

import pytest
import torch

from tests.testing.functions import functions
from tests.testing.mesh_shapes import edges_of, grid, icosphere, lists, no_faces, none

UNIFORM, COT, COT_CURV = range(3)


def edge_loss(verts, faces):
    edges, _ = edges_of(faces)
    return (verts[edges[:, 0]] - verts[edges[:, 1]]).norm(dim=1).sub(0.3).square()


def smoothing_loss(method):
    def values(verts, faces):
        edges, _ = edges_of(faces)
        weights = torch.zeros(len(verts), len(verts), dtype=verts.dtype)
        around = torch.zeros(len(verts), dtype=verts.dtype)
        constant = verts.detach()
        if method == UNIFORM:
            weights[edges[:, 0], edges[:, 1]] = weights[edges[:, 1], edges[:, 0]] = 1
        else:
            for face in faces.tolist():
                for i in range(3):
                    a, b, c = (constant[face[(i + k) % 3]] for k in range(3))
                    double_area = torch.linalg.cross(b - a, c - a).norm()
                    weights[face[i - 2], face[i - 1]] += (b - a) @ (c - a) / double_area
                    weights[face[i - 1], face[i - 2]] += (b - a) @ (c - a) / double_area
                    around[face[i]] += double_area / 2
        sums = weights.sum(1, keepdim=True)
        if method == COT_CURV:
            return ((weights @ verts - sums * verts) / torch.where(around > 0, 4 * around, 1)[:, None]).norm(dim=1)
        return (weights @ verts * torch.where(sums > 0, 1 / sums, sums) - verts).norm(dim=1)

    return values


def consistency_loss(verts, faces):
    values = []
    for f, g in itertools.combinations(faces.tolist(), 2):
        shared = sorted(set(f) & set(g))
        if len(shared) == 2:
            p, q = verts[shared]
            a, b = (verts[(set(face) - set(shared)).pop()] for face in (f, g))
            normals = torch.linalg.cross(q - p, a - p), torch.linalg.cross(b - p, q - p)
            values.append(1 - torch.nn.functional.cosine_similarity(*normals, dim=0))
    return torch.stack(values) if values else verts.new_zeros(0)


LOSSES = {
    "edge": (lambda v, f: functions.mesh_edge_loss(v, f, 0.3), edge_loss),
    "uniform": (lambda v, f: functions.mesh_laplacian_smoothing(v, f, UNIFORM), smoothing_loss(UNIFORM)),
    "cot": (lambda v, f: functions.mesh_laplacian_smoothing(v, f, COT), smoothing_loss(COT)),
    "cotcurv": (lambda v, f: functions.mesh_laplacian_smoothing(v, f, COT_CURV), smoothing_loss(COT_CURV)),
    "consistency": (functions.mesh_normal_consistency, consistency_loss),
}
# Edges with three and more faces; vertices without faces.
TANGLE = torch.randn(9, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64), torch.combinations(torch.arange(6), 3)
BATCHES = {
    "one": [icosphere(1)],
    "two": [grid(), icosphere()],
    "empty": [none(), icosphere(), none(), none(), grid(1, 1)],
    "no_faces": [grid(), no_faces()],
    "tangle": [TANGLE, icosphere()],
    "one_face": [(torch.eye(3, dtype=torch.float64), torch.tensor([[0, 1, 2]]))],
}


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("loss", LOSSES)
def test_value_and_gradient(loss, batch):
    function, values_of = LOSSES[loss]
    verts, faces = lists(*BATCHES[batch])
    ours, theirs = ([v.clone().requires_grad_() for v in verts] for _ in range(2))
    values = [values_of(v, f) for v, f in zip(theirs, faces)]
    expected = sum(v.mean() for v in values if len(v)) / len(verts) + 0 * sum(v.sum() for v in theirs)
    got = function(ours, faces)
    assert got.shape == () and got.dtype == torch.float64
    torch.testing.assert_close(got, expected)
    for a, b in zip(torch.autograd.grad(got, ours), torch.autograd.grad(expected, theirs)):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("loss", ["edge", "uniform", "consistency"])
def test_gradcheck(loss):
    verts, faces = lists(grid(1, 2), icosphere())
    assert torch.autograd.gradcheck(lambda *v: LOSSES[loss][0](list(v), faces), [v.clone().requires_grad_() for v in verts])


@pytest.mark.parametrize("batch", [[], [none()], [none(), no_faces()]])
@pytest.mark.parametrize("loss", LOSSES)
def test_nothing_has_a_loss_of_zero(loss, batch):
    verts, faces = lists(*batch)
    verts = [v.requires_grad_() for v in verts]
    value = LOSSES[loss][0](verts, faces)
    assert value.shape == () and value.item() == 0
    if verts:
        assert all((g == 0).all() for g in torch.autograd.grad(value, verts))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("loss", LOSSES)
def test_degenerate_faces_give_finite_losses_and_gradients(loss, dtype):
    # A face on a line, one with a vertex twice, one that is a point, two that are equal, and verts that coincide.
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]], dtype=dtype, requires_grad=True)
    faces = torch.tensor([[0, 1, 2], [0, 0, 3], [1, 1, 1], [0, 1, 3], [0, 1, 3], [0, 3, 4], [1, 5, 3]])
    value = LOSSES[loss][0]([verts], [faces])
    assert value.isfinite() and torch.autograd.grad(value, verts)[0].isfinite().all()


def test_a_plane_has_no_consistency_loss():
    y, x = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing="ij")
    plane = torch.stack([x, y, 0 * x], 2).reshape(-1, 3), grid(3, 3)[1]
    assert functions.mesh_normal_consistency(*lists(plane)).item() == pytest.approx(0, abs=1e-6)


def test_mean_curvature_of_a_sphere():
    verts, faces = icosphere(3, noise=0)
    # The areas are those of all faces around a vertex, three times that of the vertex: a third of 1 / radius.
    assert functions.mesh_laplacian_smoothing([2 * verts], [faces], COT_CURV).item() == pytest.approx(1 / 2 / 3, rel=0.01)


def test_target_length():
    verts, faces = torch.tensor([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]]), torch.tensor([[0, 1, 2]])
    assert functions.mesh_edge_loss([verts], [faces], 0.0).item() == pytest.approx(50 / 3)
    assert functions.mesh_edge_loss([verts], [faces], 4.0).item() == pytest.approx(2 / 3)
