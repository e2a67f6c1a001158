#include <bisque/ops3d/functions/laplacian.h>

#include <ATen/ATen.h>

#include <bisque/ops3d/face_cotangents/face_cotangents.h>
#include <bisque/ops3d/functions/mesh_arguments.h>

namespace bisque {
namespace {

// [V, V] with `weights` [E] at `edges` [E, 2] in both directions. Unsafe: indices have been checked.
at::Tensor symmetric_matrix(const at::Tensor& edges, const at::Tensor& weights, int64_t num_verts) {
  const auto places = at::cat({edges, edges.flip(1)}).t();
  return at::_sparse_coo_tensor_unsafe(places, weights.repeat(2), {num_verts, num_verts});
}

}  // namespace

at::Tensor laplacian(const at::Tensor& verts, const at::Tensor& edges) {
  check_verts("laplacian", verts);
  check_vert_indices("laplacian", "edges", edges, 2, verts);
  const int64_t num_verts = verts.size(0);
  const auto from = at::cat({edges.select(1, 0), edges.select(1, 1)});
  const auto to = at::cat({edges.select(1, 1), edges.select(1, 0)});
  const auto weights = at::bincount(from, {}, num_verts).to(verts.scalar_type()).reciprocal().index_select(0, from);
  const auto diagonal = at::arange(num_verts, edges.options());
  const auto places = at::stack({at::cat({from, diagonal}), at::cat({to, diagonal})});
  const auto values = at::cat({weights, at::full({num_verts}, -1, weights.options())});
  return at::_sparse_coo_tensor_unsafe(places, values, {num_verts, num_verts});
}

std::tuple<at::Tensor, at::Tensor> cot_laplacian(const at::Tensor& verts, const at::Tensor& faces, double eps) {
  check_verts("cot_laplacian", verts);
  check_vert_indices("cot_laplacian", "faces", faces, 3, verts);
  const auto [cots, areas] = face_cotangents(verts, faces, eps);
  const auto sides = at::stack({faces.roll(-1, 1), faces.roll(-2, 1)}, 2);  // against each corner
  const auto sums =
      at::zeros({verts.size(0)}, verts.options()).index_add(0, faces.flatten(), areas.repeat_interleave(3));
  const auto inverse = at::where(sums > 0, sums, 1).reciprocal() * (sums > 0);
  return {symmetric_matrix(sides.flatten(0, 1), cots.flatten(), verts.size(0)), inverse.unsqueeze(1)};
}

at::Tensor norm_laplacian(const at::Tensor& verts, const at::Tensor& edges, double eps) {
  check_verts("norm_laplacian", verts);
  check_vert_indices("norm_laplacian", "edges", edges, 2, verts);
  const auto [from, to] = std::tuple(edges.select(1, 0), edges.select(1, 1));
  const auto lengths = (verts.index_select(0, from) - verts.index_select(0, to)).norm(2, 1);
  return symmetric_matrix(edges, (lengths + eps).reciprocal(), verts.size(0));
}

}  // namespace bisque
