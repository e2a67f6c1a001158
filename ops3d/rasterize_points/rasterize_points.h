// The K nearest points at each pixel of a picture.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct RasterizePointsOptions {
  int64_t height = 256;
  int64_t width = 256;
  double radius = 0.01;          // of all points, in NDC
  int64_t points_per_pixel = 8;  // K, from 1 to 65536
  // PyTorch3D's, without effect: no point is dropped, whatever they are.
  std::optional<int64_t> bin_size = std::nullopt;
  std::optional<int64_t> max_points_per_bin = std::nullopt;
};

/// Rasterizes N point clouds: for each pixel the K points nearest to the camera among those that lie within their
/// radius of the pixel's centre on the screen.
///
///   points                     [P, 3]       float32 or float64, packed: x and y in NDC, z in view space. +X is left,
///                                           +Y up, +Z away from the camera; the shorter side of the picture spans
///                                           [-1, 1]; pixel (0, 0) is the upper left
///   cloud_to_packed_first_idx  [N]          int64 and
///   num_points_per_cloud       [N]          int64: cloud n has points first[n] up to first[n] + count[n]; ranges may
///                                           overlap
///   radii                      [P]          same dtype: of each point, in NDC, in place of `radius`; or undefined
///   returns  idx               [N, H, W, K] int64, index into points
///            zbuf              [N, H, W, K] depth in view space, rising along K
///            dists             [N, H, W, K] squared distance in NDC from the pixel's centre to the point
///   All are -1 where no point is.
///
/// A point takes a pixel if its squared distance is less than its squared radius. Of equal depths the lower index comes
/// first. Points behind the camera (z < 0), those that are NaN or infinite, and those whose radius is NaN or not above
/// 0 are not drawn. The result is the same for any number of threads, and on CUDA. Any of N, P, H, W may be 0; H and W
/// are at most 65536.
///
/// Gradient: of zbuf and dists to points, with the points of each pixel held fixed. Radii have none. Deterministic on
/// the CPU for any number of threads and on CUDA, where sums are exact in fixed point. A sum with a gradient that is
/// NaN or infinite is NaN there.
///
/// Error: shapes, dtypes or devices that do not match, a size, option or range of points out of bounds. CUDA also
/// raises these, since the call waits for the length of its lists.
///
/// Source: Wiles et al., "SynSin: End-to-end View Synthesis from a Single Image", CVPR 2020; PyTorch3D's
/// rasterize_points.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> rasterize_points(const at::Tensor& points,
                                                                       const at::Tensor& cloud_to_packed_first_idx,
                                                                       const at::Tensor& num_points_per_cloud,
                                                                       const RasterizePointsOptions& options = {},
                                                                       const at::Tensor& radii = {}) {
  using T = at::Tensor;
  static const auto op = find_op<std::tuple<T, T, T>(const T&, const T&, const T&, const std::optional<T>&, int64_t,
                                                     int64_t, double, int64_t)>("bisque::rasterize_points");
  return op.call(points, cloud_to_packed_first_idx, num_points_per_cloud,
                 radii.defined() ? std::optional(radii) : std::nullopt, options.height, options.width, options.radius,
                 options.points_per_pixel);
}

}  // namespace bisque
