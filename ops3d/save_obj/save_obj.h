// Saves tensors as OBJ files.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct SaveObjOptions {
  std::optional<at::Tensor> normals;
  std::optional<at::Tensor> normal_faces;
  std::optional<at::Tensor> uvs;
  std::optional<at::Tensor> uv_faces;
  std::optional<at::Tensor> colors;
  std::optional<std::string> texture;
  std::optional<int64_t> decimal_places;
};

/// Saves a mesh as an OBJ file and, with a texture, its material as NAME.mtl beside it.
///
///   path            str
///   verts           [V, 3]            float32 or float64; saved as float32
///   faces           [F, 3]            int64
///   normals         [N, 3]            same dtype as verts; optional
///   normal_faces    [F, 3]            int64, indices into normals, -1 for none; optional: then N is V
///   uvs             [T, 2]            same dtype, origin at the lower left; optional
///   uv_faces        [F, 3]            int64, indices into uvs, -1 for none; optional: then T is V
///   colors          [V, 3] or [V, 4]  same dtype, from 0 to 1; optional; OBJ has no alpha
///   texture         the path of a picture, as the material file names it (map_Kd): relative to that, usually; the caller
///                   writes the picture
///   decimal_places  digits after the point; None: as many as restore the same float32
///   returns         nothing
///
/// Tensors are on the CPU. Not differentiable. Deterministic. Files are written completely or not at all. Errors:
/// shapes, dtypes or devices other than these, an index out of range, a file that cannot be written.
inline void save_obj(const std::string& path, const at::Tensor& verts, const at::Tensor& faces,
                     const SaveObjOptions& options = {}) {
  using Optional = const std::optional<at::Tensor>&;
  static const auto op =
      find_op<void(std::string_view, const at::Tensor&, const at::Tensor&, Optional, Optional, Optional, Optional,
                   Optional, std::optional<std::string_view>, std::optional<int64_t>)>("bisque::save_obj");
  op.call(path, verts, faces, options.normals, options.normal_faces, options.uvs, options.uv_faces, options.colors,
          options.texture, options.decimal_places);
}

}  // namespace bisque
