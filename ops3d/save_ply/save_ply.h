// Saves tensors as PLY files.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct SavePlyOptions {
  std::optional<at::Tensor> normals;
  std::optional<at::Tensor> colors;
  std::optional<at::Tensor> face_colors;
  bool binary = true;
  std::optional<int64_t> decimal_places;
  bool colors_as_uint8 = false;
};

/// Saves a mesh, or a point cloud if F is 0, as a PLY file.
///
///   path             str
///   verts            [V, 3]            float32 or float64; saved as float32
///   faces            [F, 3]            int64
///   normals          [V, 3]            same dtype as verts; optional
///   colors           [V, 3] or [V, 4]  same dtype, from 0 to 1; optional
///   face_colors      [F, 3] or [F, 4]  same dtype, from 0 to 1; optional
///   binary           little endian; otherwise ascii
///   decimal_places   digits after the point in ascii; None: as many as restore the same float32
///   colors_as_uint8  colours as uchar from 0 to 255; otherwise as float
///   returns          nothing
///
/// Tensors are on the CPU. Not differentiable. Deterministic. The file is written completely or not at all. Errors:
/// shapes, dtypes or devices other than these, a face that refers to no vertex, a file that cannot be written.
inline void save_ply(const std::string& path, const at::Tensor& verts, const at::Tensor& faces,
                     const SavePlyOptions& options = {}) {
  using Optional = const std::optional<at::Tensor>&;
  static const auto op = find_op<void(std::string_view, const at::Tensor&, const at::Tensor&, Optional, Optional,
                                      Optional, bool, std::optional<int64_t>, bool)>("bisque::save_ply");
  op.call(path, verts, faces, options.normals, options.colors, options.face_colors, options.binary,
          options.decimal_places, options.colors_as_uint8);
}

}  // namespace bisque
