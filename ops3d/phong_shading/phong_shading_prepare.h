// The checks and allocations that the implementations of phong_shading share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/phong_shading/phong_shading_params.h>

namespace bisque {

/// The tensor arguments, in the schema's order.
struct PhongShadingArgs {
  op::Tensor verts, normals, faces, pix_to_face, bary_coords, camera_position, light_positions, light_colors, ambient,
      albedo;
};

struct PhongShadingCall {
  PhongShadingArgs args;  // checked and contiguous
  op::Tensor colors;
  double specular, shininess, wrap;
  int64_t samples;

  template <class T>
  PhongShadingParams<T> params() const {
    return {op::data<T>(args.verts),
            op::data<T>(args.normals),
            op::data<int64_t>(args.faces),
            op::data<int64_t>(args.pix_to_face),
            op::data<T>(args.bary_coords),
            op::data<T>(args.camera_position),
            op::data<T>(args.light_positions),
            op::data<T>(args.light_colors),
            op::data<T>(args.ambient),
            op::data<T>(args.albedo),
            static_cast<T>(specular),
            static_cast<T>(shininess),
            static_cast<T>(wrap),
            samples,
            op::mutable_data<T>(colors),
            args.verts.size(0),
            args.faces.size(0),
            args.light_positions.size(0),
            colors.size(0),
            colors.size(1),
            colors.size(2)};
  }
};

inline PhongShadingCall prepare_phong_shading(const PhongShadingArgs& a, double specular, double shininess, double wrap,
                                              int64_t samples) {
  const char* op = "phong_shading";
  const auto index = op::ScalarType::Long;
  op::check(op, "verts", a.verts).shape({op::kAny, 3}, "[V, 3]").floating();
  const auto like_verts = [&](const char* name, const op::Tensor& tensor, std::initializer_list<int64_t> shape,
                              const char* symbols) {
    op::check(op, name, tensor).shape(shape, symbols).like("verts", a.verts);
  };
  like_verts("normals", a.normals, {a.verts.size(0), 3}, "[V, 3]");
  op::check(op, "faces", a.faces).shape({op::kAny, 3}, "[F, 3]").dtype(index).on_device_of("verts", a.verts);
  op::check(op, "pix_to_face", a.pix_to_face)
      .shape({op::kAny, op::kAny, op::kAny, 1}, "[N, sH, sW, 1]")
      .dtype(index)
      .on_device_of("verts", a.verts);
  const int64_t pictures = a.pix_to_face.size(0), rows = a.pix_to_face.size(1), columns = a.pix_to_face.size(2);
  like_verts("bary_coords", a.bary_coords, {pictures, rows, columns, 1, 3}, "[N, sH, sW, 1, 3]");
  like_verts("camera_position", a.camera_position, {pictures, 3}, "[N, 3]");
  like_verts("light_positions", a.light_positions, {op::kAny, 4}, "[L, 4]");
  like_verts("light_colors", a.light_colors, {a.light_positions.size(0), 3}, "[L, 3]");
  like_verts("ambient", a.ambient, {3}, "[3]");
  like_verts("albedo", a.albedo, {3}, "[3]");
  if (samples != 1 && samples != 2 && samples != 4) op::refuse(op, "samples", "be 1, 2 or 4", std::to_string(samples));
  if (rows % samples != 0 || columns % samples != 0) {
    op::refuse(op, "pix_to_face", "have sides that are multiples of samples (" + std::to_string(samples) + ")",
               std::to_string(rows) + " x " + std::to_string(columns));
  }
  if (!(wrap > -1)) op::refuse(op, "wrap", "be above -1", std::to_string(wrap));
  return {{op::contiguous(a.verts), op::contiguous(a.normals), op::contiguous(a.faces), op::contiguous(a.pix_to_face),
           op::contiguous(a.bary_coords), op::contiguous(a.camera_position), op::contiguous(a.light_positions),
           op::contiguous(a.light_colors), op::contiguous(a.ambient), op::contiguous(a.albedo)},
          op::new_empty(a.bary_coords, {pictures, rows / samples, columns / samples, 4}),
          specular,
          shininess,
          wrap,
          samples};
}

}  // namespace bisque
