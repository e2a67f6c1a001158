// Saves tensors as STL files.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Saves the triangles of a mesh as an STL file, with normals computed from their corners.
///
///   path     str
///   verts    [V, 3]  float32 or float64; saved as float32
///   faces    [F, 3]  int64
///   binary   whether the file is binary; otherwise ascii
///   returns  nothing
///
/// Tensors are on the CPU. Not differentiable. Deterministic. The file is written completely or not at all. Errors:
/// shapes, dtypes or devices other than these, a face that refers to no vertex, a file that cannot be written.
inline void save_stl(const std::string& path, const at::Tensor& verts, const at::Tensor& faces, bool binary = true) {
  static const auto op =
      find_op<void(std::string_view, const at::Tensor&, const at::Tensor&, bool)>("bisque::save_stl");
  op.call(path, verts, faces, binary);
}

}  // namespace bisque
