"""The op adjacent_face_cosines and its gradient, against a loop over pairs of faces."""

import itertools

import pytest
import torch

from bisque3d.testing import OpTests
from tests.testing.mesh_shapes import edges_of, grid


def mesh(verts, faces):
    edges, faces_to_edges = edges_of(faces)
    return dict(verts=verts, faces=faces, faces_to_edges=faces_to_edges, num_edges=len(edges))


def cosines_of(verts, faces):
    return torch.ops.bisque.adjacent_face_cosines(**mesh(verts, faces))[0]


GRID = grid(2, 2)[1]


class TestAdjacentFaceCosines(OpTests):
    op = "bisque::adjacent_face_cosines"
    gradients = ["verts"]
    gradcheck_cases = ["grid"]
    data_dependent = True

    def inputs_grid(self, dtype, random):
        return mesh(random(9, 3, dtype=dtype), GRID)

    def inputs_many_faces_an_edge(self, dtype, random):
        faces = torch.rand(60, 7, generator=random.generator).argsort(1)[:, :3]
        return mesh(random(7, 3, dtype=dtype), faces)

    def inputs_one_face(self, dtype, random):
        return mesh(random(3, 3, dtype=dtype), torch.tensor([[0, 1, 2]]))

    def inputs_none(self, dtype, random):
        return mesh(random(0, 3, dtype=dtype), torch.zeros(0, 3, dtype=torch.int64))

    def reference(self, verts, faces, faces_to_edges, num_edges):
        cosines, corners = [], []
        for edge in range(num_edges):
            against = [3 * f + i for f, i in (faces_to_edges == edge).nonzero().tolist()]
            for pair in itertools.combinations(against, 2):
                p, q = verts.double()[[v for i, v in enumerate(faces[pair[0] // 3].tolist()) if i != pair[0] % 3]]
                a, b = verts.double()[faces.flatten()[list(pair)]]
                normals = torch.linalg.cross(q - p, a - p), -torch.linalg.cross(q - p, b - p)
                cosines.append(torch.nn.functional.cosine_similarity(*normals, dim=0, eps=0))
                corners.append(pair)
        return (torch.stack(cosines) if cosines else torch.zeros(0)).to(verts.dtype), torch.tensor(corners, dtype=torch.int64).reshape(-1, 2)

    errors = [
        (dict(num_edges=-1), r"adjacent_face_cosines: expected num_edges to be at least 0, but got -1"),
        (dict(num_edges=2), r"adjacent_face_cosines: expected faces_to_edges to lie in \[0, 2\)"),
        (dict(verts=torch.zeros(2, 3)), r"adjacent_face_cosines: expected faces to lie in \[0, 2\)"),
        (dict(faces_to_edges=torch.zeros(1, 3, dtype=torch.int64)), r"adjacent_face_cosines: expected faces_to_edges to have shape"),
    ]


def test_a_fold():
    # Two faces at the edge (0, 1): flat, at a right angle, and one on the other; their order of corners does not matter.
    for third, cosine in (([0.3, -1, 0], 1), ([0.2, 0, -1], 0), ([0.3, 1, 0], -1)):
        verts = torch.tensor([[0, 0, 0], [1, 0, 0], [0.5, 1, 0], third])
        for faces in ([[0, 1, 2], [1, 0, 3]], [[0, 1, 2], [0, 1, 3]], [[2, 0, 1], [3, 1, 0]]):
            assert cosines_of(verts, torch.tensor(faces)).tolist() == pytest.approx([cosine], abs=1e-6)


@pytest.mark.parametrize("scale", [1e-18, 1e-9, 1.0, 1e12])
def test_scale_does_not_matter(scale):
    verts = torch.randn(9, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(cosines_of(verts * scale, GRID), cosines_of(verts, GRID))


def test_faces_without_area_have_a_cosine_and_a_gradient_of_zero():
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0]], dtype=torch.float32, requires_grad=True)
    faces = torch.tensor([[0, 1, 2], [0, 1, 3], [1, 1, 3]])
    cosines = cosines_of(verts, faces)
    assert cosines.tolist() == [0] * len(cosines)
    assert torch.equal(torch.autograd.grad(cosines.sum(), verts)[0], torch.zeros(4, 3))


def test_nan_stays_in_its_pairs():
    verts = torch.randn(9, 3, generator=torch.Generator().manual_seed(0))
    verts[0] = float("nan")
    cosines = cosines_of(verts, GRID)
    assert cosines.isnan().sum() == 1  # the face of vert 0 has one neighbour


@pytest.mark.cuda
def test_cuda_skips_what_is_out_of_range():
    given = mesh(torch.randn(9, 3), GRID.clone())
    expected = torch.ops.bisque.adjacent_face_cosines(**given)
    given["faces_to_edges"] = given["faces_to_edges"].clone()
    given["faces_to_edges"][0, 0], given["faces"][7, 1] = 99, -1
    on_cuda = {name: value.cuda() if isinstance(value, torch.Tensor) else value for name, value in given.items()}
    cosines, corners = torch.ops.bisque.adjacent_face_cosines(**on_cuda)
    kept = (expected[1] != 0).all(1)
    assert torch.equal(corners.cpu(), expected[1][kept])
    good = (corners.cpu() // 3 != 7).all(1)
    torch.testing.assert_close(cosines.cpu()[good], expected[0][kept][good])
