// The checks and allocations that the implementations of rasterize_meshes share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_params.h>

#include <cmath>

namespace bisque {

struct RasterizeMeshesSettings {
  int64_t height, width, faces_per_pixel;
  double blur_radius;
  bool perspective_correct, clip_barycentric_coords, cull_backfaces;
  double z_clip;
  bool with_dists;
};

struct RasterizeMeshesCall {
  op::Tensor verts, faces, first, counts;  // checked and contiguous
  op::Tensor pix_to_face, zbuf, bary_coords, dists;
  RasterizeMeshesSettings settings;

  template <class T>
  RasterizeMeshesParams<T> params() const {
    return {op::data<T>(verts),
            op::data<int64_t>(faces),
            op::data<int64_t>(first),
            op::data<int64_t>(counts),
            verts.size(0),
            faces.size(0),
            first.size(0),
            settings.height,
            settings.width,
            settings.faces_per_pixel,
            settings.blur_radius,
            settings.perspective_correct,
            settings.clip_barycentric_coords,
            settings.cull_backfaces,
            settings.z_clip,
            op::mutable_data<int64_t>(pix_to_face),
            op::mutable_data<T>(zbuf),
            op::mutable_data<T>(bary_coords),
            settings.with_dists ? op::mutable_data<T>(dists) : nullptr};
  }
};

[[noreturn]] inline void refuse_face_range(const RasterizeMeshesCall& call, int64_t mesh, int64_t first,
                                           int64_t count) {
  op::refuse(
      "rasterize_meshes", "mesh_to_face_first_idx and num_faces_per_mesh",
      "name ranges within the " + std::to_string(call.faces.size(0)) + " faces",
      "first " + std::to_string(first) + ", count " + std::to_string(count) + " for mesh " + std::to_string(mesh));
}

[[noreturn]] inline void refuse_face(const RasterizeMeshesCall& call, int64_t face) {
  op::refuse("rasterize_meshes", "faces", "index the " + std::to_string(call.verts.size(0)) + " verts",
             "an index out of range in face " + std::to_string(face));
}

inline void check_settings(const RasterizeMeshesSettings& settings) {
  const auto check_range = [&](const char* name, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high) {
      op::refuse("rasterize_meshes", name, "lie in [" + std::to_string(low) + ", " + std::to_string(high) + "]",
                 std::to_string(value));
    }
  };
  check_range("height", settings.height, 0, kRasterMaxSide);
  check_range("width", settings.width, 0, kRasterMaxSide);
  check_range("faces_per_pixel", settings.faces_per_pixel, 1, kRasterMaxFacesPerPixel);
  if (!(settings.blur_radius >= 0) || std::isinf(settings.blur_radius)) {
    op::refuse("rasterize_meshes", "blur_radius", "be finite and at least 0", std::to_string(settings.blur_radius));
  }
}

inline RasterizeMeshesCall prepare_rasterize_meshes(const op::Tensor& verts, const op::Tensor& faces,
                                                    const op::Tensor& first, const op::Tensor& counts,
                                                    const RasterizeMeshesSettings& settings) {
  const char* op = "rasterize_meshes";
  const auto index = op::ScalarType::Long;
  op::check(op, "verts", verts).shape({op::kAny, 3}, "[V, 3]").floating();
  op::check(op, "faces", faces).shape({op::kAny, 3}, "[F, 3]").dtype(index).on_device_of("verts", verts);
  op::check(op, "mesh_to_face_first_idx", first).shape({op::kAny}, "[N]").dtype(index).on_device_of("verts", verts);
  op::check(op, "num_faces_per_mesh", counts).shape({first.size(0)}, "[N]").dtype(index).on_device_of("verts", verts);
  check_settings(settings);
  const int64_t n = first.size(0), h = settings.height, w = settings.width, k = settings.faces_per_pixel;
  return {op::contiguous(verts),
          op::contiguous(faces),
          op::contiguous(first),
          op::contiguous(counts),
          op::new_empty(faces, {n, h, w, k}),
          op::new_empty(verts, {n, h, w, k}),
          op::new_empty(verts, {n, h, w, k, 3}),
          settings.with_dists ? op::new_empty(verts, {n, h, w, k}) : op::new_empty(verts, {0}),
          settings};
}

}  // namespace bisque
