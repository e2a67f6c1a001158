"""subdivide_meshes against a loop over faces."""

import pytest
import torch

from tests.testing.functions import functions
from tests.testing.mesh_shapes import edges_of, grid, icosphere, lists, no_faces, none

BATCHES = [[icosphere()], [icosphere(), icosphere()], [none(), icosphere(1), no_faces(), grid(), none()], [none()], []]


def subdivided(verts, faces):
    edges, sides = edges_of(faces)
    middle = [(verts[a] + verts[b]) / 2 for a, b in edges.tolist()]
    parts = [[], [], [], []]
    for (a, b, c), (i, j, k) in zip(faces.tolist(), (sides + len(verts)).tolist()):
        for part, face in zip(parts, ([a, k, j], [b, i, k], [c, j, i], [i, j, k])):
            part.append(face)
    return torch.cat([verts, *(m[None] for m in middle)]), torch.tensor(sum(parts, []), dtype=torch.int64).reshape(-1, 3)


@pytest.mark.parametrize("meshes", BATCHES)
def test_each_mesh_of_a_batch(meshes):
    verts, faces = functions.subdivide_meshes(*lists(*meshes))
    assert len(verts) == len(faces) == len(meshes)
    for got_verts, got_faces, mesh in zip(verts, faces, meshes):
        expected_verts, expected_faces = subdivided(*mesh)
        torch.testing.assert_close(got_verts, expected_verts)
        assert torch.equal(got_faces, expected_faces)


def test_area_and_orientation_are_kept():
    def normals(verts, faces):
        a, b, c = verts[faces].unbind(1)
        return torch.linalg.cross(b - a, c - a) / 2

    mesh = icosphere(1)
    (verts,), (faces,) = functions.subdivide_meshes(*lists(mesh))
    torch.testing.assert_close(normals(verts, faces).view(4, -1, 3), (normals(*mesh) / 4).expand(4, -1, 3))


def test_features_follow_their_verts():
    meshes = [none(), icosphere(), no_faces(), grid()]
    verts, faces = lists(*meshes)
    feats = torch.cat(verts) @ torch.randn(3, 5, dtype=torch.float64)
    fine_verts, fine_faces, fine_feats = functions.subdivide_meshes_feats(verts, faces, feats)
    plain_verts, plain_faces = functions.subdivide_meshes(verts, faces)
    assert all(torch.equal(a, b) for a, b in zip([*fine_verts, *fine_faces], [*plain_verts, *plain_faces]))
    matrix = torch.linalg.lstsq(torch.cat(verts), feats).solution  # features are linear in verts
    torch.testing.assert_close(fine_feats, torch.cat(fine_verts) @ matrix)


def test_gradients():
    meshes = [icosphere(), grid(1, 2)]
    verts, faces = lists(*meshes)
    feats = torch.randn(sum(map(len, verts)), 2, dtype=torch.float64)

    def call(first, second, feats):
        fine_verts, _, fine_feats = functions.subdivide_meshes_feats([first, second], faces, feats)
        return (*fine_verts, fine_feats)

    assert torch.autograd.gradcheck(call, [x.clone().requires_grad_() for x in (*verts, feats)])


def test_features_of_another_length():
    for bad in (torch.zeros(11, 2), torch.zeros(12), torch.zeros(12, 2, dtype=torch.int64)):
        with pytest.raises(RuntimeError, match=r"subdivide_meshes: expected feats to be float32 or float64 \[12, D\], but got"):
            functions.subdivide_meshes_feats(*lists(icosphere()), bad)
