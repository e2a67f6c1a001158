#include <bisque/ops3d/loss/point_mesh_distance.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/ops3d/edge_point_distance/edge_point_distance.h>
#include <bisque/ops3d/face_point_distance/face_point_distance.h>
#include <bisque/ops3d/point_edge_distance/point_edge_distance.h>
#include <bisque/ops3d/point_face_distance/point_face_distance.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/pointclouds.h>

namespace bisque {
namespace {

void check_sizes(std::string_view loss, const Meshes& meshes, const Pointclouds& pcls) {
  if (meshes.size() == pcls.size()) return;
  fail(loss, ": expected as many clouds as meshes (", meshes.size(), "), but got ", pcls.size(), ".");
}

/// The corners of faces or edges: [F, 3, 3] or [E, 2, 3].
at::Tensor corners_of(const at::Tensor& verts, const at::Tensor& simplices) {
  return verts.index_select(0, simplices.flatten()).view({simplices.size(0), simplices.size(1), 3});
}

/// The mean over the batch of the means over its elements. `element` is that of each distance, `counts` are the
/// distances of each element.
at::Tensor mean_of_means(const at::Tensor& dists, const at::Tensor& element, const at::Tensor& counts) {
  const at::Tensor weights = counts.to(dists.scalar_type()).reciprocal().index_select(0, element);
  return (dists * weights).sum() / std::max(counts.size(0), int64_t{1});
}

}  // namespace

at::Tensor point_mesh_face_distance(const Meshes& meshes, const Pointclouds& pcls,
                                    const PointMeshFaceDistanceOptions& options) {
  check_sizes("point_mesh_face_distance", meshes, pcls);
  const at::Tensor& points = pcls.points_packed();
  const at::Tensor points_first = pcls.cloud_to_packed_first_idx();
  const at::Tensor tris = corners_of(meshes.verts_packed(), meshes.faces_packed());
  const at::Tensor tris_first = meshes.mesh_to_faces_packed_first_idx();
  const double area = options.min_triangle_area;
  const auto [of_points, tri_idxs] =
      point_face_distance(points, points_first, tris, tris_first, {.min_triangle_area = area});
  const auto [of_tris, point_idxs] =
      face_point_distance(points, points_first, tris, tris_first, {.min_triangle_area = area});
  return mean_of_means(of_points, pcls.packed_to_cloud_idx(), pcls.num_points_per_cloud()) +
         mean_of_means(of_tris, meshes.faces_packed_to_mesh_idx(), meshes.num_faces_per_mesh());
}

at::Tensor point_mesh_edge_distance(const Meshes& meshes, const Pointclouds& pcls) {
  check_sizes("point_mesh_edge_distance", meshes, pcls);
  const at::Tensor& points = pcls.points_packed();
  const at::Tensor points_first = pcls.cloud_to_packed_first_idx();
  const at::Tensor segms = corners_of(meshes.verts_packed(), meshes.edges_packed());
  const at::Tensor segms_first = meshes.mesh_to_edges_packed_first_idx();
  const auto [of_points, segm_idxs] = point_edge_distance(points, points_first, segms, segms_first);
  const auto [of_segms, point_idxs] = edge_point_distance(points, points_first, segms, segms_first);
  return mean_of_means(of_points, pcls.packed_to_cloud_idx(), pcls.num_points_per_cloud()) +
         mean_of_means(of_segms, meshes.edges_packed_to_mesh_idx(), meshes.num_edges_per_mesh());
}

}  // namespace bisque
