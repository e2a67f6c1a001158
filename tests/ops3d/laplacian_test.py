"""laplacian, cot_laplacian and norm_laplacian against dense matrices."""

import pytest
import torch

from tests.testing.functions import functions
from tests.testing.mesh_shapes import edges_of, grid, icosphere, none

MESHES = [icosphere(1), grid(), none()]


def cotangent(a, b, c):
    """Of the angle at a."""
    return 1 / torch.tan(torch.acos(torch.nn.functional.cosine_similarity(b - a, c - a, dim=0)))


@pytest.mark.parametrize("verts, faces", MESHES)
def test_laplacian(verts, faces):
    edges, _ = edges_of(faces)
    expected = torch.zeros(len(verts), len(verts), dtype=torch.float64)
    for a, b in edges.tolist():
        expected[a, b] = expected[b, a] = 1
    expected /= expected.sum(1, keepdim=True)
    expected -= torch.eye(len(verts), dtype=torch.float64)
    got = functions.laplacian(verts, edges)
    assert got.layout == torch.sparse_coo and got.dtype == verts.dtype
    torch.testing.assert_close(got.to_dense(), expected)


def test_laplacian_of_a_vertex_without_neighbours():
    got = functions.laplacian(torch.zeros(3, 3), torch.tensor([[0, 2]])).to_dense()
    assert got.tolist() == [[-1, 0, 1], [0, -1, 0], [1, 0, -1]]


@pytest.mark.parametrize("verts, faces", MESHES)
def test_cot_laplacian(verts, faces):
    expected = torch.zeros(len(verts), len(verts), dtype=torch.float64)
    areas = torch.zeros(len(verts), dtype=torch.float64)
    for face in faces.tolist():
        for i in range(3):
            a, b, c = face[i], face[(i + 1) % 3], face[(i + 2) % 3]
            weight = cotangent(verts[a], verts[b], verts[c])
            expected[b, c] += weight
            expected[c, b] += weight
            areas[a] += torch.linalg.cross(verts[b] - verts[a], verts[c] - verts[a]).norm() / 2
    got, inv_areas = functions.cot_laplacian(verts, faces)
    torch.testing.assert_close(got.to_dense(), expected)
    torch.testing.assert_close(inv_areas, 1 / areas[:, None])


def test_cot_laplacian_has_a_gradient():
    verts, faces = icosphere()
    values = torch.randn(len(verts), 2, dtype=torch.float64)

    def through_dense(v):
        matrix, inv_areas = functions.cot_laplacian(v, faces)
        return matrix.to_dense(), inv_areas

    def through_product(v):
        return torch.sparse.mm(functions.cot_laplacian(v, faces)[0], values)

    def through_row_sums(v):
        return torch.sparse.sum(functions.cot_laplacian(v, faces)[0], dim=1).to_dense()

    for function in (through_dense, through_product, through_row_sums):
        assert torch.autograd.gradcheck(function, verts.clone().requires_grad_())


def test_cot_laplacian_of_degenerate_faces_is_finite():
    verts = torch.tensor([[0, 0, 0], [1, 0, 0], [2, 0, 0], [5, 5, 5]], dtype=torch.float64, requires_grad=True)
    matrix, inv_areas = functions.cot_laplacian(verts, torch.tensor([[0, 1, 2], [1, 1, 2]]))
    (gradient,) = torch.autograd.grad(matrix.to_dense().sum() + inv_areas.sum(), verts)
    assert matrix.to_dense().isfinite().all() and gradient.isfinite().all()
    assert inv_areas[3] == 0 and inv_areas.isfinite().all()  # no face has the last vertex


@pytest.mark.parametrize("verts, faces", MESHES)
def test_norm_laplacian(verts, faces):
    edges, _ = edges_of(faces)
    expected = torch.zeros(len(verts), len(verts), dtype=torch.float64)
    for a, b in edges.tolist():
        expected[a, b] = expected[b, a] = 1 / ((verts[a] - verts[b]).norm() + 0.1)
    got = functions.norm_laplacian(verts, edges, 0.1)
    torch.testing.assert_close(got.to_dense(), expected)


def test_norm_laplacian_has_a_gradient():
    verts, faces = icosphere()
    edges, _ = edges_of(faces)
    assert torch.autograd.gradcheck(lambda v: functions.norm_laplacian(v, edges).to_dense(), verts.clone().requires_grad_())


def test_norm_laplacian_of_an_edge_without_length_is_finite():
    verts = torch.zeros(2, 3, requires_grad=True)
    matrix = functions.norm_laplacian(verts, torch.tensor([[0, 1]])).to_dense()
    assert matrix.isfinite().all() and torch.autograd.grad(matrix.sum(), verts)[0].isfinite().all()


FOUR = torch.zeros(4, 3)


@pytest.mark.parametrize("name", ["laplacian", "cot_laplacian", "norm_laplacian"])
def test_bad_arguments(name):
    function, columns = getattr(functions, name), 3 if name == "cot_laplacian" else 2
    argument = "faces" if columns == 3 else "edges"
    good = torch.zeros(1, columns, dtype=torch.int64)
    with pytest.raises(RuntimeError, match=rf"{name}: expected verts to be float32 or float64 \[V, 3\], but got float \[4, 2\]\."):
        function(torch.zeros(4, 2), good)
    with pytest.raises(RuntimeError, match=f"{name}: expected verts to be float32 or float64"):
        function(FOUR.long(), good)
    with pytest.raises(RuntimeError, match=rf"{name}: expected {argument} to be int64 \[\*, {columns}\], but got int \[1, {columns}\]\."):
        function(FOUR, good.int())
    with pytest.raises(RuntimeError, match=rf"{name}: expected {argument} to be int64 \[\*, {columns}\], but got long int \[1, 4\]\."):
        function(FOUR, torch.zeros(1, 4, dtype=torch.int64))
    for bad in (4, -1):
        with pytest.raises(RuntimeError, match=rf"{name}: expected {argument} to lie in \[0, 4\), but got {bad}\."):
            function(FOUR, good + bad)
    with pytest.raises(RuntimeError, match=f"{name}: expected {argument} on cpu as verts, but it is on meta."):
        function(FOUR, good.to("meta"))
