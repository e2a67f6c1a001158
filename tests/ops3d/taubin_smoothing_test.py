"""taubin_smoothing against a loop over the neighbours of each vertex."""

import pytest
import torch

from tests.testing.functions import functions
from tests.testing.mesh_shapes import edges_of, grid, icosphere, lists, no_faces, none


def smoothed(verts, faces, factors):
    edges, _ = edges_of(faces)
    for factor in factors:
        moved = verts.clone()
        for i in range(len(verts)):
            neighbours = [b if a == i else a for a, b in edges.tolist() if i in (a, b)]
            if neighbours:
                weights = 1 / (verts[neighbours] - verts[i]).norm(dim=1)
                moved[i] = (1 - factor) * verts[i] + factor * (weights[:, None] * verts[neighbours]).sum(0) / weights.sum()
        verts = moved
    return verts


@pytest.mark.parametrize("num_iter", [0, 1, 3])
def test_a_batch_with_empty_meshes(num_iter):
    meshes = [none(), icosphere(1), no_faces(), grid()]
    got = functions.taubin_smoothing(*lists(*meshes), 0.4, -0.5, num_iter)
    assert len(got) == 4
    for result, (verts, faces) in zip(got, meshes):
        torch.testing.assert_close(result, smoothed(verts, faces, [0.4, -0.5] * num_iter))


def test_defaults():
    verts, faces = icosphere(1)
    (got,) = functions.taubin_smoothing([verts], [faces])
    torch.testing.assert_close(got, smoothed(verts, faces, [0.53, -0.53] * 10))


def test_a_vertex_without_neighbours_and_one_on_another_do_not_become_nan():
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [7, 8, 9]], dtype=torch.float32, requires_grad=True)
    (got,) = functions.taubin_smoothing([verts], [torch.tensor([[0, 1, 2], [0, 3, 1]])])
    assert got.isfinite().all() and got[4].tolist() == pytest.approx([7, 8, 9], rel=1e-6)
    assert torch.autograd.grad(got.sum(), verts)[0].isfinite().all()


def test_gradient():
    verts, faces = icosphere()
    assert torch.autograd.gradcheck(lambda v: functions.taubin_smoothing([v], [faces], num_iter=2), verts.clone().requires_grad_())


def test_no_meshes():
    assert functions.taubin_smoothing([], []) == []


def test_a_negative_number_of_iterations():
    with pytest.raises(RuntimeError, match=r"taubin_smoothing: expected num_iter to be at least 0, but got -1\."):
        functions.taubin_smoothing(*lists(icosphere()), num_iter=-1)
