// The checks and allocations that the implementations of rasterize_meshes share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_params.h>

namespace bisque {

struct RasterizeMeshesCall {
  op::Tensor verts, faces, first, counts;  // checked and contiguous
  op::Tensor pix_to_face, zbuf, bary_coords, dists;
  bool perspective_correct, cull_backfaces;
  double z_clip;

  template <class T>
  RasterizeMeshesParams<T> params() const {
    return {op::data<T>(verts),
            op::data<int64_t>(faces),
            op::data<int64_t>(first),
            op::data<int64_t>(counts),
            verts.size(0),
            faces.size(0),
            first.size(0),
            pix_to_face.size(1),
            pix_to_face.size(2),
            perspective_correct,
            cull_backfaces,
            z_clip,
            op::mutable_data<int64_t>(pix_to_face),
            op::mutable_data<T>(zbuf),
            op::mutable_data<T>(bary_coords),
            dists.dim() == 1 ? nullptr : op::mutable_data<T>(dists)};
  }
};

inline RasterizeMeshesCall prepare_rasterize_meshes(const op::Tensor& verts, const op::Tensor& faces,
                                                    const op::Tensor& first, const op::Tensor& counts, int64_t height,
                                                    int64_t width, bool perspective_correct, bool cull_backfaces,
                                                    double z_clip, bool with_dists) {
  const char* op = "rasterize_meshes";
  const auto index = op::ScalarType::Long;
  op::check(op, "verts", verts).shape({op::kAny, 3}, "[V, 3]").floating();
  op::check(op, "faces", faces).shape({op::kAny, 3}, "[F, 3]").dtype(index).on_device_of("verts", verts);
  op::check(op, "mesh_to_face_first_idx", first).shape({op::kAny}, "[N]").dtype(index).on_device_of("verts", verts);
  op::check(op, "num_faces_per_mesh", counts).shape({first.size(0)}, "[N]").dtype(index).on_device_of("verts", verts);
  const auto check_side = [&](const char* name, int64_t side) {
    if (side < 0 || side > kRasterMaxSide) {
      op::refuse(op, name, "lie in [0, " + std::to_string(kRasterMaxSide) + "]", std::to_string(side));
    }
  };
  check_side("height", height);
  check_side("width", width);
  const int64_t meshes = first.size(0);
  return {op::contiguous(verts),
          op::contiguous(faces),
          op::contiguous(first),
          op::contiguous(counts),
          op::new_empty(faces, {meshes, height, width, 1}),
          op::new_empty(verts, {meshes, height, width, 1}),
          op::new_empty(verts, {meshes, height, width, 1, 3}),
          with_dists ? op::new_empty(verts, {meshes, height, width, 1}) : op::new_empty(verts, {0}),
          perspective_correct,
          cull_backfaces,
          z_clip};
}

}  // namespace bisque
