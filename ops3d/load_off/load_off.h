// Loads OFF files as tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <tuple>
#include <vector>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The mesh of an OFF, COFF, NOFF or CNOFF file.
///
///   path         str
///   returns      verts [V, 3] float32, which may be infinite or NaN
///                faces [F, 3] int64, of polygons split into triangles
///                normals [V, 3] float32, of any length; [0, 3] if the file has none
///                colors [V, 3] or, with alpha, [V, 4] float32 from 0 to 1; [0, 3] if the file has none
///                face_colors [F, 3] or [F, 4], the same for faces
///                warnings, one sentence each: skipped faces, indices of a colour map
///
/// On the CPU. Not differentiable. Deterministic. What is read, and the errors, which name the file with the line or
/// face: see read_off in ops3d/io/off.h.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor, std::vector<std::string>> load_off(
    const std::string& path) {
  using Results = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor, std::vector<std::string>>;
  static const auto op = find_op<Results(std::string_view)>("bisque::load_off");
  return op.call(path);
}

}  // namespace bisque
