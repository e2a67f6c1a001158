#include <bisque/ops3d/loss/mesh_laplacian_smoothing.h>

#include <ATen/ATen.h>

#include <bisque/ops3d/face_cotangents/face_cotangents.h>
#include <bisque/ops3d/gather_scatter/gather_scatter.h>
#include <bisque/ops3d/loss/mean_over_meshes.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/weighted_gather_scatter/weighted_gather_scatter.h>

namespace bisque {
namespace {

at::Tensor uniform_differences(const at::Tensor& verts, const at::Tensor& edges) {
  const auto degrees = at::bincount(edges.flatten(), {}, verts.size(0)).clamp_min(1).unsqueeze(1);
  return gather_scatter(verts, edges) / degrees - verts;
}

at::Tensor cot_differences(const at::Tensor& verts, const at::Tensor& faces, bool curvature) {
  const auto [cots, areas] = face_cotangents(verts.detach(), faces);
  const auto sides = at::stack({faces.roll(-1, 1), faces.roll(-2, 1)}, 2).flatten(0, 1);  // against each corner
  const auto with_ones = at::cat({verts, at::ones({verts.size(0), 1}, verts.options())}, 1);
  const auto sums = weighted_gather_scatter(with_ones, sides, cots.flatten());
  const auto of_verts = sums.slice(1, 0, 3), weights = sums.slice(1, 3, 4);
  if (!curvature) return of_verts * at::where(weights > 0, weights.reciprocal(), weights) - verts;
  const auto around = at::zeros({verts.size(0)}, verts.options())
                          .index_add(0, faces.flatten(), areas.repeat_interleave(3))
                          .unsqueeze(1);
  return (of_verts - weights * verts) / at::where(around > 0, 4 * around, 1);
}

}  // namespace

at::Tensor mesh_laplacian_smoothing(const Meshes& meshes, LaplacianMethod method) {
  const at::Tensor verts = meshes.verts_packed();
  if (meshes.isempty()) return verts.slice(0, 0, 0).sum();
  const auto differences = method == LaplacianMethod::kUniform
                               ? uniform_differences(verts, meshes.edges_packed())
                               : cot_differences(verts, meshes.faces_packed(), method == LaplacianMethod::kCotCurv);
  return mean_over_meshes(differences.norm(2, 1), meshes.verts_packed_to_mesh_idx(), meshes);
}

}  // namespace bisque
