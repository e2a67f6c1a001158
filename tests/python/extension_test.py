"""PyTorch3D's extension module, next to the public functions and their gradients."""

import pytest
import torch

from bisque3d import _C
from bisque3d._ops import ops

torch.manual_seed(0)


def clouds():
    return torch.rand(2, 7, 3), torch.rand(2, 9, 3), torch.tensor([7, 4]), torch.tensor([9, 5])


def gradients(results, inputs, weights):
    return torch.autograd.grad(results, inputs, weights)


def test_neighbours():
    p1, p2, lengths1, lengths2 = clouds()
    p1.requires_grad_(), p2.requires_grad_()
    dists, idx = ops.knn_points(p1, p2, lengths1, lengths2, 3, 2)
    found, found_dists = _C.knn_points_idx(p1, p2, lengths1, lengths2, 2, 3, 0)
    assert torch.equal(found, idx) and torch.equal(found_dists, dists) and not found_dists.requires_grad
    weights = torch.rand_like(dists)
    for expected, grad in zip(gradients(dists, (p1, p2), weights), _C.knn_points_backward(p1, p2, lengths1, lengths2, idx, 2, weights)):
        torch.testing.assert_close(grad, expected)
    assert _C.knn_check_version(3, 64, 32)
    idx, dists = _C.ball_query(p1, p2, lengths1, lengths2, 4, 0.4)
    expected = ops.ball_query(p1, p2, lengths1, lengths2, 4, 0.4)
    assert torch.equal(dists, expected[0]) and torch.equal(idx, expected[1])


def test_farthest_points_of_different_numbers():
    points = torch.rand(2, 9, 3)
    idx = _C.sample_farthest_points(points, torch.tensor([9, 6]), torch.tensor([4, 2]), torch.tensor([3, 1]))
    assert idx.shape == (2, 4) and idx[:, 0].tolist() == [3, 1] and idx[1, 2:].tolist() == [-1, -1]


def test_functions_that_write_their_arguments():
    points, features = torch.rand(1, 5, 3) * 2 - 1, torch.rand(1, 5, 2)
    densities, values = torch.zeros(1, 1, 4, 4, 4), torch.zeros(1, 2, 4, 4, 4)
    _C.points_to_volumes_forward(points, features, densities, values, torch.tensor([[4, 4, 4]]), torch.ones(1, 5), 1.0, True, True)
    torch.testing.assert_close(densities.sum(), torch.tensor(5.0))
    outputs = torch.rand(1, 6)
    bins, weights, given = torch.arange(5.0)[None], torch.rand(1, 4), outputs.clone()
    _C.sample_pdf(bins, weights, outputs, 1e-5)
    assert torch.equal(outputs, ops.sample_pdf(bins, weights, 6, given, 1e-5)) and not torch.equal(outputs, given)


@pytest.mark.parametrize("kind, corners", [("face", 3), ("edge", 2)])
def test_distances(kind, corners):
    points, others = torch.rand(6, 3), torch.rand(5, corners, 3)
    firsts = torch.tensor([0, 4]), torch.tensor([0, 2])
    area = (5e-3,) if kind == "face" else ()
    table = getattr(_C, f"point_{kind}_array_dist_forward")(points, others, *area)
    assert table.shape == (6, 5)
    blocks = [table[:4, :2], table[4:, 2:]]
    dists, idx = getattr(_C, f"point_{kind}_dist_forward")(points, firsts[0], others, firsts[1], 4, *area)
    torch.testing.assert_close(dists, torch.cat([block.min(1).values for block in blocks]))
    to_points, to_idx = getattr(_C, f"{kind}_point_dist_forward")(points, firsts[0], others, firsts[1], 3, *area)
    torch.testing.assert_close(to_points, torch.cat([block.min(0).values for block in blocks]))

    # The gradient of a row's least value is that of the table there.
    weights = torch.rand(6)
    grads = getattr(_C, f"point_{kind}_dist_backward")(points, others, idx, weights, *area)
    in_table = torch.zeros(6, 5).scatter(1, idx[:, None], weights[:, None])
    for expected, grad in zip(getattr(_C, f"point_{kind}_array_dist_backward")(points, others, in_table, *area), grads):
        torch.testing.assert_close(grad, expected)
    weights = torch.rand(5)
    grads = getattr(_C, f"{kind}_point_dist_backward")(points, others, to_idx, weights, *area)
    in_table = torch.zeros(6, 5).scatter(0, to_idx[None], weights[None])
    for expected, grad in zip(getattr(_C, f"point_{kind}_array_dist_backward")(points, others, in_table, *area), grads):
        torch.testing.assert_close(grad, expected)


def test_faces():
    verts, faces = torch.rand(6, 3, requires_grad=True), torch.randint(0, 6, (4, 3))
    results = ops.face_areas_normals(verts, faces)
    weights = [torch.rand_like(result) for result in results]
    for expected, found in zip(results, _C.face_areas_normals_forward(verts, faces)):
        assert torch.equal(found, expected)
    assert torch.equal(_C.face_areas_normals_backward(*weights, verts, faces), gradients(results, verts, weights)[0])
    pix_to_face, bary = torch.tensor([0, 3, -1]), torch.rand(3, 3, requires_grad=True)
    attributes = torch.rand(4, 3, 2, requires_grad=True)
    corners = attributes[pix_to_face.clamp(min=0)] * (pix_to_face >= 0)[:, None, None]
    values = (bary[..., None] * corners).sum(1)
    torch.testing.assert_close(_C.interp_face_attrs_forward(pix_to_face, bary, attributes), values)
    weights = torch.rand_like(values)
    for expected, grad in zip(gradients(values, (bary, attributes), weights), _C.interp_face_attrs_backward(pix_to_face, bary, attributes, weights)):
        torch.testing.assert_close(grad, expected)


def test_pairs_of_edges():
    assert _C.mesh_normal_consistency_find_verts(torch.tensor([2, 1, 3])).tolist() == [[0, 1], [3, 4], [3, 5], [4, 5]]
    assert _C.mesh_normal_consistency_find_verts(torch.tensor([1, 1])).shape == (0, 2)


def test_packing():
    packed, first = torch.rand(5, 2), torch.tensor([0, 2])
    padded = _C.packed_to_padded(packed, first, 3)
    assert padded.shape == (2, 3, 2) and torch.equal(_C.padded_to_packed(padded, first, 5), packed)
    edges = torch.tensor([[0, 1], [1, 4]])
    assert torch.equal(_C.gather_scatter(packed, edges, False, False)[1], packed[0] + packed[4])


def test_volumes_and_boxes():
    vol = torch.rand(5, 5, 5)
    verts, faces, ids = _C.marching_cubes(vol, 0.5)
    assert faces.max() < len(verts) == len(ids.unique())
    box = torch.tensor([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]])[None]
    vol, iou = _C.iou_box3d(box, box + 0.5)
    torch.testing.assert_close((vol.item(), iou.item()), (0.125, 0.125 / 1.875))


def test_pictures_of_points():
    points = torch.tensor([[0.0, 0, 1], [0.1, 0, 2]], requires_grad=True)
    arguments = torch.tensor([0]), torch.tensor([2]), (8, 6), torch.tensor([0.3, 0.4]), 2
    idx, zbuf, dists = _C.rasterize_points(points, *arguments, 0, 0)
    assert idx.dtype == torch.int32 and idx.shape == (1, 8, 6, 2) and (idx == 1).any()
    results = ops.rasterize_points(points, *arguments[:2], arguments[3], 8, 6, points_per_pixel=2)
    weights = torch.rand_like(zbuf), torch.rand_like(dists)
    expected = gradients(results[1:], points, weights)[0]
    torch.testing.assert_close(_C.rasterize_points_backward(points, idx, *weights), expected)


@pytest.mark.parametrize("perspective_correct", [False, True])
@pytest.mark.parametrize("clip", [False, True])
def test_pictures_of_meshes(perspective_correct, clip):
    faces = torch.tensor([[[-0.8, -0.5, 1.0], [0.7, -0.6, 1.5], [0.1, 0.8, 2]], [[0.2, 0.1, 1.0], [0.9, 0.3, 1.2], [0.5, 0.9, 1.1]]], requires_grad=True)
    batch = torch.tensor([0]), torch.tensor([2])
    results = _C.rasterize_meshes(faces, *batch, torch.tensor([-1, -1]), (9, 12), 0.02, 2, 0, 0, perspective_correct, clip, False)
    recorded = ops.rasterize_meshes(faces.view(-1, 3), torch.arange(6).view(2, 3), *batch, 9, 12, 2, 0.02, perspective_correct, clip)
    for expected, found in zip(recorded, results):
        assert torch.equal(found, expected)
    assert (results[3] > 0).any() and (results[3] < 0).any(), "pixels in and beside the faces"
    weights = [torch.rand_like(result) for result in results[1:]]
    expected = gradients(recorded[1:], faces, weights)[0]
    torch.testing.assert_close(_C.rasterize_meshes_backward(faces, results[0], *weights, perspective_correct, clip), expected)


def test_clipped_faces_are_an_error():
    with pytest.raises(ValueError, match="expected clipped_faces_neighbor_idx to be -1"):
        _C._rasterize_meshes_naive(torch.rand(1, 3, 3), torch.tensor([0]), torch.tensor([1]), torch.tensor([0]), (4, 4), 0.0, 1, False, False, False)


@pytest.mark.parametrize("mode, name", [(0, "alphacomposite"), (1, "weightedsum"), (2, "weightedsumnorm")])
def test_composites(mode, name):
    features, alphas, idx = torch.rand(2, 5, requires_grad=True), torch.rand(1, 3, 4, 4, requires_grad=True), torch.randint(-1, 5, (1, 3, 4, 4))
    images = ops.composite(features, alphas, idx, mode)
    assert torch.equal(getattr(_C, f"accum_{name}")(features, alphas, idx), images)
    weights = torch.rand_like(images)
    for expected, grad in zip(gradients(images, (features, alphas), weights), getattr(_C, f"accum_{name}_backward")(weights, features, alphas, idx)):
        torch.testing.assert_close(grad, expected)


def test_sigmoid_alpha():
    dists, faces = (torch.rand(1, 3, 3, 2) - 0.5) * 0.1, torch.randint(-1, 2, (1, 3, 3, 2))
    alphas = _C.sigmoid_alpha_blend(dists, faces, 0.01)
    inside = torch.sigmoid(-dists / 0.01) * (faces >= 0)
    torch.testing.assert_close(alphas, 1 - (1 - inside).prod(-1))
    dists.requires_grad_()
    weights = torch.rand_like(alphas)
    expected = gradients(1 - (1 - torch.sigmoid(-dists / 0.01) * (faces >= 0)).prod(-1), dists, weights)[0]
    torch.testing.assert_close(_C.sigmoid_alpha_blend_backward(weights, alphas, dists, faces, 0.01), expected)
