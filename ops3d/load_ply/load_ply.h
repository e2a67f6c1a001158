// Loads PLY files as tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <tuple>
#include <vector>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The mesh or point cloud of a PLY file: ascii, or binary of either byte order.
///
///   path         str
///   returns      verts [V, 3] float32, as in the file, which may be infinite or NaN
///                faces [F, 3] int64, of polygons split into triangles; [0, 3] for a point cloud
///                normals [V, 3] float32, of any length; [0, 3] if the file has none
///                colors [V, 3] or, with alpha, [V, 4] float32 from 0 to 1; [0, 3] if the file has none
///                face_colors [F, 3] or [F, 4], the same for faces
///                warnings, one sentence each: skipped elements, properties and faces
///
/// On the CPU. Not differentiable. Deterministic. What is read, and the errors, which name the file with the line, byte
/// or face: see read_ply in ops3d/io/ply.h.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor, std::vector<std::string>> load_ply(
    const std::string& path) {
  using Results = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor, std::vector<std::string>>;
  static const auto op = find_op<Results(std::string_view)>("bisque::load_ply");
  return op.call(path);
}

}  // namespace bisque
