// Triangle meshes of the surfaces where volumes have a value.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Marching cubes: the mesh of the surface where a volume, linear between its grid points, equals isolevel.
///
///   vol          [N, D, H, W]  float32 or float64 values at grid points: x runs along W, y along H, z along D
///   isolevel                   none: for each volume (least + greatest value) / 2; else a finite number
///   return_local_coords        verts in [-1, 1], from the first to the last grid point of each axis; else in grid points,
///                              from 0 to W - 1, H - 1 and D - 1
///   returns  verts      [sum V, 3]  x, y, z in the dtype of vol; those of the first volume, then of the next
///            faces      [sum F, 3]  int64, indices within their own mesh, counter-clockwise seen from where values are
///                                   greater
///            num_verts  [N]         int64, and
///            num_faces  [N]         int64: what to split verts and faces by
///
/// A point is inside where its value is less than isolevel. Cells take the triangles of Paul Bourke's table, as
/// PyTorch3D's do. Triangles that meet share their vertices, so that a surface which does not reach the border is
/// closed. A grid point that equals isolevel is one vertex, and triangles that shrink to a line there are left out with
/// the surface still closed; PyTorch3D leaves gaps there, and it moves to the grid point what lies within 1e-5 of it.
/// Every vertex belongs to a face.
///
/// NaN counts as outside, for the extremes as well as nothing. Where the distance along an edge is not a number
/// (between infinities, next to NaN), the vertex is the middle of the edge.
///
/// Not differentiable. Deterministic: verts and faces lie in the order of their cells, for any number of threads, and
/// on CUDA bit for bit as on the CPU. CUDA waits for the stream once (cudaStreamSynchronize), since the sizes of the
/// results depend on the values; for the same reason a meta tensor is rejected. Any size may be 0. Scratch is about 0.9
/// bytes a grid point. Errors: shape or dtype of vol, an isolevel that is not finite.
///
/// Lorensen and Cline, Marching cubes: a high resolution 3D surface construction algorithm, SIGGRAPH 1987.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> marching_cubes(
    const at::Tensor& vol, std::optional<double> isolevel = std::nullopt, bool return_local_coords = true) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>(
      const at::Tensor&, std::optional<double>, bool)>("bisque::marching_cubes");
  return op.call(vol, isolevel, return_local_coords);
}

}  // namespace bisque
