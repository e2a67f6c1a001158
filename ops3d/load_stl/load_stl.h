// Loads STL files as tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <tuple>
#include <vector>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The triangles of an STL file, ascii or binary.
///
///   path         str
///   merge_verts  whether corners with equal coordinates become one vertex; otherwise V = 3 F
///   returns      verts [V, 3] float32 in order of appearance, which may be infinite or NaN
///                faces [F, 3] int64
///                warnings, one sentence each
///
/// On the CPU. Not differentiable. Deterministic. What is read, and the errors, which name the file with the line or
/// byte: see read_stl in ops3d/io/stl.h.
inline std::tuple<at::Tensor, at::Tensor, std::vector<std::string>> load_stl(const std::string& path,
                                                                             bool merge_verts = true) {
  using Results = std::tuple<at::Tensor, at::Tensor, std::vector<std::string>>;
  static const auto op = find_op<Results(std::string_view, bool)>("bisque::load_stl");
  return op.call(path, merge_verts);
}

}  // namespace bisque
