"""Distances between point clouds and meshes."""

import torch

from .._ops import ops
from ..structures import Meshes, Pointclouds

# 0: exact for triangles of any size.
_DEFAULT_MIN_TRIANGLE_AREA: float = 0.0


def point_face_distance(
    points: torch.Tensor,
    points_first_idx: torch.Tensor,
    tris: torch.Tensor,
    tris_first_idx: torch.Tensor,
    max_points: int,
    min_triangle_area: float = _DEFAULT_MIN_TRIANGLE_AREA,
) -> torch.Tensor:
    """The squared distances [P] of packed points [P, 3] to the nearest of the triangles [T, 3, 3] of the same cloud. Clouds begin at
    points_first_idx [N] and tris_first_idx [N]; `max_points` has no effect. Triangles with an area below min_triangle_area are their sides."""
    return ops.point_face_distance(points, points_first_idx, tris, tris_first_idx, min_triangle_area)[0]


def face_point_distance(
    points: torch.Tensor,
    points_first_idx: torch.Tensor,
    tris: torch.Tensor,
    tris_first_idx: torch.Tensor,
    max_tris: int,
    min_triangle_area: float = _DEFAULT_MIN_TRIANGLE_AREA,
) -> torch.Tensor:
    """The squared distances [T] of triangles to the nearest of the points of the same cloud; arguments as of point_face_distance."""
    return ops.face_point_distance(points, points_first_idx, tris, tris_first_idx, min_triangle_area)[0]


def point_edge_distance(
    points: torch.Tensor,
    points_first_idx: torch.Tensor,
    segms: torch.Tensor,
    segms_first_idx: torch.Tensor,
    max_points: int,
) -> torch.Tensor:
    """The squared distances [P] of packed points [P, 3] to the nearest of the segments [S, 2, 3] of the same cloud. Clouds begin at
    points_first_idx [N] and segms_first_idx [N]; `max_points` has no effect."""
    return ops.point_edge_distance(points, points_first_idx, segms, segms_first_idx)[0]


def edge_point_distance(
    points: torch.Tensor,
    points_first_idx: torch.Tensor,
    segms: torch.Tensor,
    segms_first_idx: torch.Tensor,
    max_segms: int,
) -> torch.Tensor:
    """The squared distances [S] of segments to the nearest of the points of the same cloud; arguments as of point_edge_distance."""
    return ops.edge_point_distance(points, points_first_idx, segms, segms_first_idx)[0]


def _mean_of_means(dists: torch.Tensor, element: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The mean over the batch of the means over its elements."""
    return (dists / counts.to(dists.dtype)[element]).sum() / max(counts.shape[0], 1)


def _check_sizes(meshes: Meshes, pcls: Pointclouds) -> None:
    if len(meshes) != len(pcls):
        raise ValueError("meshes and pointclouds must be equal sized batches")


def point_mesh_edge_distance(meshes: Meshes, pcls: Pointclouds) -> torch.Tensor:
    """The mean squared distance of points to the nearest edge of their mesh, plus that of edges to the nearest point of their cloud, each the mean
    over the batch of the means over its elements. Differentiable by both. ValueError: batches that differ."""
    _check_sizes(meshes, pcls)
    segms = meshes.verts_packed()[meshes.edges_packed()]
    arguments = (pcls.points_packed(), pcls.cloud_to_packed_first_idx(), segms, meshes.mesh_to_edges_packed_first_idx(), 0)
    of_points, of_edges = point_edge_distance(*arguments), edge_point_distance(*arguments)
    return _mean_of_means(of_points, pcls.packed_to_cloud_idx(), pcls.num_points_per_cloud()) + _mean_of_means(
        of_edges, meshes.edges_packed_to_mesh_idx(), meshes.num_edges_per_mesh()
    )


def point_mesh_face_distance(
    meshes: Meshes, pcls: Pointclouds, min_triangle_area: float = _DEFAULT_MIN_TRIANGLE_AREA
) -> torch.Tensor:
    """The mean squared distance of points to the nearest face of their mesh, plus that of faces to the nearest point of their cloud, each the mean
    over the batch of the means over its elements. Faces with an area below `min_triangle_area` are their sides. Differentiable by both.
    ValueError: batches that differ."""
    _check_sizes(meshes, pcls)
    tris = meshes.verts_packed()[meshes.faces_packed()]
    points, first = pcls.points_packed(), pcls.cloud_to_packed_first_idx()
    arguments = (points, first, tris, meshes.mesh_to_faces_packed_first_idx(), 0, min_triangle_area)
    of_points, of_faces = point_face_distance(*arguments), face_point_distance(*arguments)
    return _mean_of_means(of_points, pcls.packed_to_cloud_idx(), pcls.num_points_per_cloud()) + _mean_of_means(
        of_faces, meshes.faces_packed_to_mesh_idx(), meshes.num_faces_per_mesh()
    )
