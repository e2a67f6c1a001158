"""Results of the Python package are on the device of what was given. Fake CUDA tensors, which have no values, show it without a GPU."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv

from bisque3d import loss, ops
from bisque3d import transforms as t
from bisque3d.common.linear_with_repeat import LinearWithRepeat
from bisque3d.common.workaround import symeig3x3
from bisque3d.ops.cubify import ravel_index, unravel_index
from bisque3d.structures import Meshes, Pointclouds, Volumes, join_meshes_as_batch, join_pointclouds_as_batch, join_pointclouds_as_scene

D = "cuda"


def rand(*shape):
    return torch.rand(*shape, device=D)


def zeros(*shape):
    return torch.zeros(*shape, device=D, dtype=torch.int64)


def meshes():
    return Meshes([rand(5, 3), rand(7, 3)], [zeros(4, 3), zeros(6, 3)])


def clouds():
    return Pointclouds([rand(5, 3), rand(7, 3)], [rand(5, 3), rand(7, 3)], [rand(5, 4), rand(7, 4)])


def volumes():
    return Volumes(rand(2, 1, 3, 4, 5), rand(2, 4, 3, 4, 5), voxel_size=0.3)


CASES = {
    "faces": lambda: [meshes().faces_areas_packed(), meshes().faces_normals_padded(), meshes().verts_normals_padded(), meshes().edges_packed()],
    "padded": lambda: [meshes().verts_padded(), meshes().faces_padded(), meshes().verts_padded_to_packed_idx(), meshes().num_verts_per_mesh()],
    "packed": lambda: [meshes().verts_packed_to_mesh_idx(), meshes().mesh_to_faces_packed_first_idx(), meshes().get_bounding_boxes()],
    "changed": lambda: meshes().offset_verts(rand(12, 3)).scale_verts(rand(2)).scale_verts(2.0),
    "copies": lambda: [meshes().extend(2), meshes()[1], meshes()[[0, 1]], meshes().clone(), meshes().detach(), join_meshes_as_batch([meshes()] * 2)],
    "update_padded": lambda: meshes().update_padded(rand(2, 7, 3)),
    "clouds": lambda: [clouds().points_padded(), clouds().features_padded(), clouds().normals_packed(), clouds().get_bounding_boxes()],
    "indices": lambda: [clouds().packed_to_cloud_idx(), clouds().padded_to_packed_idx(), clouds().inside_box(rand(2, 2, 3))],
    "changed clouds": lambda: [clouds().offset(rand(12, 3)), clouds().scale(rand(2)), clouds().extend(3), clouds().subsample(3)],
    "joined clouds": lambda: [join_pointclouds_as_batch([clouds()] * 2), join_pointclouds_as_scene(clouds())],
    "frames": lambda: ops.estimate_pointcloud_local_coord_frames(clouds(), 4),
    "volumes": lambda: [volumes().get_coord_grid(), volumes().get_grid_sizes()],
    "volumes of a list": lambda: Volumes([rand(1, 3, 4, 5), rand(1, 2, 2, 2)], None, rand(2, 3), [1.0, 2.0, 3.0]).get_coord_grid(),
    "points_to_volumes": lambda: ops.add_pointclouds_to_volumes(clouds(), volumes()).features(),
    "edge_loss": lambda: loss.mesh_edge_loss(meshes()),
    "laplacian_losses": lambda: [loss.mesh_laplacian_smoothing(meshes(), method) for method in ("uniform", "cot", "cotcurv")],
    "chamfer": lambda: loss.chamfer_distance(clouds(), clouds(), weights=rand(2))[0],
    "chamfer of normals": lambda: loss.chamfer_distance(rand(2, 4, 3), rand(2, 5, 3), x_normals=rand(2, 4, 3), y_normals=rand(2, 5, 3)),
    "point_mesh": lambda: [loss.point_mesh_face_distance(meshes(), clouds()), loss.point_mesh_edge_distance(meshes(), clouds())],
    "neighbors": lambda: [*ops.knn_points(rand(2, 4, 3), rand(2, 5, 3), K=2, return_nn=True), *ops.ball_query(rand(2, 4, 3), rand(2, 5, 3), K=2)],
    "farthest": lambda: ops.sample_farthest_points(rand(2, 9, 3), K=3, random_start_point=True),
    "alignment": lambda: ops.corresponding_points_alignment(rand(2, 9, 3), rand(2, 9, 3), rand(2, 9)),
    "alignment of clouds": lambda: ops.corresponding_points_alignment(clouds(), clouds()),
    "pose": lambda: ops.efficient_pnp(rand(2, 9, 3), rand(2, 9, 2)),
    "samples": lambda: ops.sample_points_from_meshes(meshes(), 9, return_normals=True),
    "taubin": lambda: ops.taubin_smoothing(meshes()),
    "laplacians": lambda: [ops.laplacian(rand(5, 3), zeros(6, 2)), ops.norm_laplacian(rand(5, 3), zeros(6, 2))],
    "cot_laplacian": lambda: ops.cot_laplacian(rand(5, 3), zeros(6, 3)),
    "rows": lambda: [ops.packed_to_padded(rand(5, 3), zeros(2), 4), ops.padded_to_packed(rand(2, 4, 3), zeros(2), 5)],
    "interpolation": lambda: ops.interpolate_face_attributes(zeros(1, 4, 4, 1), rand(1, 4, 4, 1, 3), rand(9, 3, 2)),
    "linear indices": lambda: [unravel_index(zeros(5), (2, 3, 4, 5)), ravel_index(zeros(5, 3), (3, 4, 5))],
    "boxes": lambda: ops.box3d_overlap(rand(2, 8, 3), rand(3, 8, 3)),
    "eigenvalues": lambda: symeig3x3(rand(4, 3, 3)),
    "linear": lambda: LinearWithRepeat(7, 5, device=D)((rand(2, 3, 4), rand(2, 3))),
    "transform": lambda: t.Transform3d(device=D).translate(1, 2, 3).rotate(t.random_rotation(device=D)).scale(rand(2)).inverse(),
    "transforms": lambda: [t.Translate(rand(2), 1.0, 2.0), t.Scale(rand(2, 3)), t.RotateAxisAngle(rand(2), "X").rotate_axis_angle(30.0, "Y")],
    "transformed": lambda: [t.Translate(rand(2, 3)).transform_points(rand(2, 4, 3), 1e-3), t.Scale(rand(2, 3)).transform_normals(rand(2, 4, 3))],
    "quaternions": lambda: [t.matrix_to_quaternion(rand(4, 3, 3)), t.quaternion_to_matrix(rand(4, 4)), t.quaternion_apply(rand(4, 4), rand(4, 3))],
    "rotations": lambda: [t.rotation_6d_to_matrix(rand(4, 6)), t.axis_angle_to_matrix(rand(4, 3)), t.matrix_to_axis_angle(rand(4, 3, 3))],
    "euler_angles": lambda: [t.matrix_to_euler_angles(rand(4, 3, 3), "XYZ"), t.euler_angles_to_matrix(rand(4, 3), "ZYX")],
    "so3": lambda: [t.so3_log_map(rand(4, 3, 3)), t.so3_exp_map(rand(4, 3)), t.so3_relative_angle(rand(4, 3, 3), rand(4, 3, 3))],
    "se3": lambda: [t.se3_exp_map(rand(4, 6)), t.se3_log_map(rand(4, 4, 4)), t.Translate(rand(2, 3)).get_se3_log()],
    "random": lambda: [t.random_quaternions(3, device=D), t.random_rotations(3, device=D), t.acos_linear_extrapolation(rand(4))],
}


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in tensors(item)]
    if isinstance(value, Meshes):
        return [value.verts_packed(), value.faces_packed()]
    if isinstance(value, Pointclouds):
        return [value.points_packed(), value.features_packed()]
    return [value.get_matrix()] if isinstance(value, t.Transform3d) else []


@pytest.mark.parametrize("name", CASES)
def test_device(name, monkeypatch):
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)  # without checks of values
    with FakeTensorMode(shape_env=ShapeEnv(allow_scalar_outputs=True, allow_dynamic_output_shape_ops=True)):
        results = tensors(CASES[name]())
        assert results and all(result.device.type == D for result in results)
