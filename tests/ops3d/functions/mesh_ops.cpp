#include <bisque/ops3d/functions/laplacian.h>
#include <bisque/ops3d/functions/subdivide_meshes.h>
#include <bisque/ops3d/functions/taubin_smoothing.h>
#include <bisque/ops3d/functions/vert_align.h>
#include <bisque/ops3d/loss/mesh_edge_loss.h>
#include <bisque/ops3d/loss/mesh_laplacian_smoothing.h>
#include <bisque/ops3d/loss/mesh_normal_consistency.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/pointclouds.h>

#include <torch/library.h>

namespace bisque {
namespace {

using Tensors = std::vector<at::Tensor>;

VertAlignOptions align_options(bool return_packed, int64_t interp_mode, int64_t padding_mode, bool align_corners) {
  return {.return_packed = return_packed,
          .interp_mode = static_cast<InterpMode>(interp_mode),
          .padding_mode = static_cast<VertAlignPadding>(padding_mode),
          .align_corners = align_corners};
}

at::Tensor align_verts(const Tensors& feats, const at::Tensor& verts, bool return_packed, int64_t interp_mode,
                       int64_t padding_mode, bool align_corners) {
  return vert_align(feats, verts, align_options(return_packed, interp_mode, padding_mode, align_corners));
}

at::Tensor align_meshes(const Tensors& feats, const Tensors& verts, const Tensors& faces, bool return_packed) {
  return vert_align(feats, Meshes(verts, faces), {.return_packed = return_packed});
}

at::Tensor align_clouds(const Tensors& feats, const Tensors& points, bool return_packed) {
  return vert_align(feats, Pointclouds(points), {.return_packed = return_packed});
}

Tensors smooth(const Tensors& verts, const Tensors& faces, double lambd, double mu, int64_t num_iter) {
  return taubin_smoothing(Meshes(verts, faces), {.lambd = lambd, .mu = mu, .num_iter = num_iter}).verts_list();
}

std::tuple<Tensors, Tensors> subdivide(const Tensors& verts, const Tensors& faces) {
  const Meshes fine = subdivide_meshes(Meshes(verts, faces));
  return {fine.verts_list(), fine.faces_list()};
}

std::tuple<Tensors, Tensors, at::Tensor> subdivide_feats(const Tensors& verts, const Tensors& faces,
                                                         const at::Tensor& feats) {
  const auto [fine, fine_feats] = subdivide_meshes(Meshes(verts, faces), feats);
  return {fine.verts_list(), fine.faces_list(), fine_feats};
}

at::Tensor edge_loss(const Tensors& verts, const Tensors& faces, double target_length) {
  return mesh_edge_loss(Meshes(verts, faces), target_length);
}

at::Tensor smoothing_loss(const Tensors& verts, const Tensors& faces, int64_t method) {
  return mesh_laplacian_smoothing(Meshes(verts, faces), static_cast<LaplacianMethod>(method));
}

at::Tensor consistency_loss(const Tensors& verts, const Tensors& faces) {
  return mesh_normal_consistency(Meshes(verts, faces));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("laplacian(Tensor verts, Tensor edges) -> Tensor", &laplacian);
  library.def("cot_laplacian(Tensor verts, Tensor faces, float eps=1e-12) -> (Tensor L, Tensor inv_areas)",
              &cot_laplacian);
  library.def("norm_laplacian(Tensor verts, Tensor edges, float eps=1e-12) -> Tensor", &norm_laplacian);
  library.def(
      "vert_align(Tensor[] feats, Tensor verts, bool return_packed=False, int interp_mode=0, int padding_mode=0, "
      "bool align_corners=True) -> Tensor",
      &align_verts);
  library.def("vert_align_meshes(Tensor[] feats, Tensor[] verts, Tensor[] faces, bool return_packed=False) -> Tensor",
              &align_meshes);
  library.def("vert_align_clouds(Tensor[] feats, Tensor[] points, bool return_packed=False) -> Tensor", &align_clouds);
  library.def(
      "taubin_smoothing(Tensor[] verts, Tensor[] faces, float lambd=0.53, float mu=-0.53, int num_iter=10) -> "
      "Tensor[]",
      &smooth);
  library.def("subdivide_meshes(Tensor[] verts, Tensor[] faces) -> (Tensor[], Tensor[])", &subdivide);
  library.def("subdivide_meshes_feats(Tensor[] verts, Tensor[] faces, Tensor feats) -> (Tensor[], Tensor[], Tensor)",
              &subdivide_feats);
  library.def("mesh_edge_loss(Tensor[] verts, Tensor[] faces, float target_length=0) -> Tensor", &edge_loss);
  library.def("mesh_laplacian_smoothing(Tensor[] verts, Tensor[] faces, int method=0) -> Tensor", &smoothing_loss);
  library.def("mesh_normal_consistency(Tensor[] verts, Tensor[] faces) -> Tensor", &consistency_loss);
}

}  // namespace bisque
