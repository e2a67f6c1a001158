"""Whole losses and transforms of the Python package as one graph."""

import pytest
import torch

from bisque3d import loss, ops, transforms
from bisque3d.structures import Meshes, Pointclouds, Volumes
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


@case(*X.shape)
def normals_of_clouds(x):
    clouds = Pointclouds([x[0], x[1, :20]])
    within = clouds.inside_box(torch.tensor([[-1.0, -1, -1], [1, 1, 1]]))
    return (clouds.estimate_normals(5).abs().sum(2) * clouds.points_padded()[..., 0]).sum() + (clouds.points_packed() * within[:, None]).sum()


@case(*OFFSETS)
def sampled(offsets):
    points, normals = ops.sample_points_from_meshes(SOURCE.offset_verts(offsets), 50, return_normals=True)
    return points.square().sum() + (normals * points).sum()


@case(*X.shape)
def farthest(x):
    chosen, idx = ops.sample_farthest_points(x, LENGTHS[0], K=4)
    return (chosen * idx[..., None]).sum()


@case(2, 30, 4)
def voxels(features):
    volumes = Volumes(torch.zeros(2, 1, 3, 4, 5), torch.zeros(2, 4, 3, 4, 5), voxel_size=0.5)
    return ops.add_pointclouds_to_volumes(Pointclouds(X, features=features), volumes).features().square().sum()


@case(2, 3, 8, 8)
def features_of_verts(image):
    features = ops.vert_align(image, SOURCE, return_packed=True)
    return ops.graph_conv.gather_scatter(features, SOURCE.edges_packed(), False).square().sum()


@case(2, 30, 2)
def pose(seen):
    return ops.efficient_pnp(X, seen, skip_quadratic_eq=True).R.abs().sum()


@pytest.mark.parametrize("name", CASES)
def test_one_graph(name):
    function, shape = CASES[name]
    SOURCE.laplacian_packed(), SOURCE.edges_packed()  # what has been computed stays outside
    given = torch.randn(*shape, generator=torch.Generator().manual_seed(1)).requires_grad_()
    torch._dynamo.reset()
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    results = []
    for run in (function, compiled):
        torch.manual_seed(2)
        value = run(given)
        results.append((value, *torch.autograd.grad(value, given)))
    torch.testing.assert_close(*results)
