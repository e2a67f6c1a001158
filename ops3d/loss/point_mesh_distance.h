// Losses between point clouds and meshes: distances to faces and to edges, both ways.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

class Meshes;
class Pointclouds;

struct PointMeshFaceDistanceOptions {
  /// A triangle with a smaller area is its three sides. 0 is exact; PyTorch3D's default is 5e-3.
  double min_triangle_area = 0;
};

/// The mean squared distance of the points of a cloud to the nearest face of its mesh, plus the mean squared distance
/// of the faces of a mesh to the nearest point of its cloud, as a mean over the batch.
///
///   meshes   N meshes
///   pcls     N clouds of the same dtype
///   returns  []  in the square of the unit of the coordinates; 0 for N = 0
///
/// A cloud whose mesh has no faces adds 0, as does a mesh whose cloud has no points. Points and faces with a NaN or
/// infinite coordinate are never the nearest, and their own distances are NaN (ops point_face_distance and
/// face_point_distance, which say more on ties, gradients and determinism). Differentiable by the verts and the points.
/// Errors: numbers, dtypes or devices that differ; a negative min_triangle_area. Source: PyTorch3D's
/// point_mesh_face_distance.
at::Tensor point_mesh_face_distance(const Meshes& meshes, const Pointclouds& pcls,
                                    const PointMeshFaceDistanceOptions& options = {});

/// The same with the edges of the meshes, each once, in place of their faces (ops point_edge_distance and
/// edge_point_distance). Source: PyTorch3D's point_mesh_edge_distance.
at::Tensor point_mesh_edge_distance(const Meshes& meshes, const Pointclouds& pcls);

}  // namespace bisque
