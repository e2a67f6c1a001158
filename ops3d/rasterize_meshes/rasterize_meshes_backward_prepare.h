// The checks and allocations that the implementations of rasterize_meshes' gradient share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_params.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_params.h>

namespace bisque {

struct RasterizeMeshesBackwardCall {
  op::Tensor grad_zbuf, grad_bary_coords, grad_dists, verts, faces, pix_to_face, dists;  // checked and contiguous
  op::Tensor grad_verts;
  bool perspective_correct, clip_barycentric_coords;
  double z_clip;

  template <class T>
  RasterizeMeshesBackwardParams<T> params() const {
    const bool with_dists = dists.dim() != 1;
    return {op::data<T>(grad_zbuf),
            op::data<T>(grad_bary_coords),
            with_dists ? op::data<T>(grad_dists) : nullptr,
            op::data<T>(verts),
            op::data<int64_t>(faces),
            op::data<int64_t>(pix_to_face),
            with_dists ? op::data<T>(dists) : nullptr,
            verts.size(0),
            faces.size(0),
            pix_to_face.size(0),
            pix_to_face.size(1),
            pix_to_face.size(2),
            pix_to_face.size(3),
            perspective_correct,
            clip_barycentric_coords,
            z_clip,
            op::mutable_data<T>(grad_verts)};
  }
};

inline RasterizeMeshesBackwardCall prepare_rasterize_meshes_backward(
    const op::Tensor& grad_zbuf, const op::Tensor& grad_bary_coords, const op::Tensor& grad_dists,
    const op::Tensor& verts, const op::Tensor& faces, const op::Tensor& pix_to_face, const op::Tensor& dists,
    bool perspective_correct, bool clip_barycentric_coords, double z_clip) {
  const char* op = "_rasterize_meshes_backward";
  const auto index = op::ScalarType::Long;
  op::check(op, "verts", verts).shape({op::kAny, 3}, "[V, 3]").floating();
  op::check(op, "faces", faces).shape({op::kAny, 3}, "[F, 3]").dtype(index).on_device_of("verts", verts);
  op::check(op, "pix_to_face", pix_to_face)
      .shape({op::kAny, op::kAny, op::kAny, op::kAny}, "[N, H, W, K]")
      .dtype(index)
      .on_device_of("verts", verts);
  const int64_t n = pix_to_face.size(0), h = pix_to_face.size(1), w = pix_to_face.size(2), k = pix_to_face.size(3);
  for (const int axis : {1, 2}) {
    if (pix_to_face.size(axis) > kRasterMaxSide) {
      op::refuse(op, "pix_to_face", "have H and W of at most " + std::to_string(kRasterMaxSide),
                 std::to_string(pix_to_face.size(axis)));
    }
  }
  op::check(op, "grad_zbuf", grad_zbuf).shape({n, h, w, k}, "[N, H, W, K]").like("verts", verts);
  op::check(op, "grad_bary_coords", grad_bary_coords).shape({n, h, w, k, 3}, "[N, H, W, K, 3]").like("verts", verts);
  if (dists.dim() == 1) {
    op::check(op, "dists", dists).shape({0}, "[N, H, W, K] or [0]").like("verts", verts);
    op::check(op, "grad_dists", grad_dists).shape({0}, "[0], as dists").like("verts", verts);
  } else {
    op::check(op, "dists", dists).shape({n, h, w, k}, "[N, H, W, K] or [0]").like("verts", verts);
    op::check(op, "grad_dists", grad_dists).shape({n, h, w, k}, "[N, H, W, K], as dists").like("verts", verts);
  }
  return {op::contiguous(grad_zbuf),
          op::contiguous(grad_bary_coords),
          op::contiguous(grad_dists),
          op::contiguous(verts),
          op::contiguous(faces),
          op::contiguous(pix_to_face),
          op::contiguous(dists),
          op::new_empty(verts, {verts.size(0), 3}),
          perspective_correct,
          clip_barycentric_coords,
          z_clip};
}

}  // namespace bisque
