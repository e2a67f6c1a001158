#include <bisque/ops3d/functions/taubin_smoothing.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/weighted_gather_scatter/weighted_gather_scatter.h>

namespace bisque {
namespace {

constexpr double kLeastLength = 1e-12;  // as the eps of norm_laplacian

// Moves verts by `step` of the way to the weighted mean of their neighbours.
at::Tensor towards_neighbours(const at::Tensor& verts, const at::Tensor& edges, double step) {
  const auto sides = verts.index_select(0, edges.select(1, 0)) - verts.index_select(0, edges.select(1, 1));
  const auto weights = (sides.norm(2, 1) + kLeastLength).reciprocal();
  const auto with_ones = at::cat({verts, at::ones({verts.size(0), 1}, verts.options())}, 1);
  const auto sums = weighted_gather_scatter(with_ones, edges, weights);
  const auto total = sums.slice(1, 3, 4);
  const auto mean = at::where(total > 0, sums.slice(1, 0, 3) / at::where(total > 0, total, 1), verts);
  return (1 - step) * verts + step * mean;
}

}  // namespace

Meshes taubin_smoothing(const Meshes& meshes, const TaubinSmoothingOptions& options) {
  if (options.num_iter < 0) {
    fail("taubin_smoothing: expected num_iter to be at least 0, but got ", options.num_iter, ".");
  }
  at::Tensor verts = meshes.verts_packed();
  const at::Tensor edges = meshes.edges_packed();
  for (int64_t i = 0; i < options.num_iter; ++i) {
    verts = towards_neighbours(verts, edges, options.lambd);
    verts = towards_neighbours(verts, edges, options.mu);
  }
  return meshes.update_padded(meshes.vert_sizes().padded_of_packed(verts, 0));
}

}  // namespace bisque
