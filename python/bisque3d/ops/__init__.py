"""Operators on points, meshes, volumes and cameras."""

from .._docs import document
from .ball_query import ball_query
from .cameras_alignment import corresponding_cameras_alignment
from .cubify import cubify
from .graph_conv import GraphConv
from .interp_face_attrs import interpolate_face_attributes
from .iou_box3d import box3d_overlap
from .knn import knn_gather, knn_points
from .laplacian_matrices import cot_laplacian, laplacian, norm_laplacian
from .mesh_face_areas_normals import mesh_face_areas_normals
from .mesh_filtering import taubin_smoothing
from .packed_to_padded import packed_to_padded, padded_to_packed
from .perspective_n_points import efficient_pnp
from .points_alignment import corresponding_points_alignment, iterative_closest_point
from .points_normals import estimate_pointcloud_local_coord_frames, estimate_pointcloud_normals
from .points_to_volumes import add_pointclouds_to_volumes, add_points_features_to_volume_densities_features
from .sample_farthest_points import sample_farthest_points
from .sample_points_from_meshes import sample_points_from_meshes
from .subdivide_meshes import SubdivideMeshes
from .utils import convert_pointclouds_to_tensor, eyes, get_point_covariances, is_pointclouds, wmean
from .vert_align import vert_align

document(
    globals(),
    add_points_features_to_volume_densities_features="points_to_volumes",
    box3d_overlap="iou_box3d",
    mesh_face_areas_normals="face_areas_normals",
)

__all__ = [
    "GraphConv",
    "SubdivideMeshes",
    "add_pointclouds_to_volumes",
    "add_points_features_to_volume_densities_features",
    "ball_query",
    "box3d_overlap",
    "convert_pointclouds_to_tensor",
    "corresponding_cameras_alignment",
    "corresponding_points_alignment",
    "cot_laplacian",
    "cubify",
    "efficient_pnp",
    "estimate_pointcloud_local_coord_frames",
    "estimate_pointcloud_normals",
    "eyes",
    "get_point_covariances",
    "interpolate_face_attributes",
    "is_pointclouds",
    "iterative_closest_point",
    "knn_gather",
    "knn_points",
    "laplacian",
    "mesh_face_areas_normals",
    "norm_laplacian",
    "packed_to_padded",
    "padded_to_packed",
    "sample_farthest_points",
    "sample_points_from_meshes",
    "taubin_smoothing",
    "vert_align",
    "wmean",
]
