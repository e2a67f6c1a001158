"""Whole losses and transforms of the Python package as one graph."""

import pytest
import torch

from bisque3d import loss, ops, transforms
from bisque3d.structures import Meshes, Pointclouds
from bisque3d.utils import ico_sphere

torch.manual_seed(0)
X, Y = torch.rand(2, 30, 3), torch.rand(2, 40, 3)
LENGTHS = torch.tensor([30, 20]), torch.tensor([40, 10])
CLOUDS = Pointclouds([torch.randn(30, 3), torch.randn(40, 3)])
CASES = {}


def case(*shape):
    """Registers a function of one tensor."""
    return lambda function: CASES.setdefault(function.__name__, (function, shape))[0]


def meshes():
    return Meshes([ico_sphere(level).verts_packed() for level in (0, 1)], [ico_sphere(level).faces_packed() for level in (0, 1)])


SOURCE = meshes()
OFFSETS = SOURCE.verts_packed().shape


@case(*Y.shape)
def chamfer(y):
    return loss.chamfer_distance(X, y)[0]


@case(*Y.shape)
def chamfer_of_lengths(y):
    return loss.chamfer_distance(X, y, *LENGTHS, weights=torch.ones(2))[0]


@case(*OFFSETS)
def edges(offsets):
    return loss.mesh_edge_loss(SOURCE.offset_verts(offsets))


@case(*OFFSETS)
def edges_of_a_new_mesh(offsets):
    return loss.mesh_edge_loss(Meshes(list(offsets.split([12, 42])), SOURCE.faces_list()))


@case(*OFFSETS)
def uniform_laplacian(offsets):
    return loss.mesh_laplacian_smoothing(SOURCE.offset_verts(offsets))


@case(*OFFSETS)
def cot_laplacian(offsets):
    return loss.mesh_laplacian_smoothing(SOURCE.offset_verts(offsets), "cot")


@case(*OFFSETS)
def normal_consistency(offsets):
    return loss.mesh_normal_consistency(SOURCE.offset_verts(offsets))


@case(*OFFSETS)
def points_to_faces(offsets):
    return loss.point_mesh_face_distance(SOURCE.offset_verts(offsets), CLOUDS)


@case(*OFFSETS)
def points_to_edges(offsets):
    return loss.point_mesh_edge_distance(SOURCE.offset_verts(offsets), CLOUDS)


@case(2, 42, 3)
def normals_of_padded(verts):
    moved = SOURCE.update_padded(verts)
    return moved.verts_normals_padded().square().sum() + moved.faces_areas_packed().sum()


@case(*OFFSETS)
def smoothed(offsets):
    return ops.taubin_smoothing(SOURCE.offset_verts(offsets), num_iter=2).verts_packed().square().sum()


@case(5, 6)
def logarithm(vectors):
    return transforms.se3_log_map(transforms.se3_exp_map(vectors / 3)).square().sum()


@case(5, 6)
def transformed(vectors):
    t = transforms.Transform3d().rotate(transforms.so3_exp_map(vectors[:, :3])).translate(vectors[:, 3:])
    return t.inverse().transform_points(X[0]).square().sum()


@case(5, 4)
def euler_angles(quaternions):
    return transforms.matrix_to_euler_angles(transforms.quaternion_to_matrix(quaternions), "ZYX").sum()


@case(*X.shape)
def alignment(x):
    return ops.corresponding_points_alignment(x, X).R.square().sum() + ops.knn_points(X, x, K=2, return_nn=True).knn.sum()


@pytest.mark.parametrize("name", CASES)
def test_one_graph(name):
    function, shape = CASES[name]
    SOURCE.laplacian_packed(), SOURCE.edges_packed()  # what has been computed stays outside
    given = torch.randn(*shape, generator=torch.Generator().manual_seed(1)).requires_grad_()
    torch._dynamo.reset()
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    results = [(value, *torch.autograd.grad(value, given)) for value in (function(given), compiled(given))]
    torch.testing.assert_close(*results)
