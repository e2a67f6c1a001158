// rasterize_points and its gradient: the params, and what CPU and CUDA share: which points are drawn, and which pixels
// they take. No torch, no CUDA.
#pragma once
#include <array>
#include <cmath>
#include <cstdint>

#include <bisque/core/ops/each.h>

namespace bisque {

template <class T>
struct RasterizePoints {
  const T* points;                           // [P, 3] x_ndc, y_ndc, z_view, packed
  const int64_t* cloud_to_packed_first_idx;  // [N]
  const int64_t* num_points_per_cloud;       // [N]
  const T* radii;                            // [P], or null: all have `radius`
  int64_t height, width;
  double radius;
  int64_t points_per_pixel;
  int64_t* idx;  // [N, height, width, points_per_pixel]
  T* zbuf;       // the same
  T* dists;      // the same
  // Scratch of CUDA:
  int64_t* list_offsets;  // [N * (tiles + 1) + 1], tiles of 16 x 16 pixels: where the points of each end
  int64_t* scan_sums;     // [1024]
  int32_t* list_points;   // [num_list_points] points (within the cloud) of each tile, in no order
  int64_t P, N, num_list_points;

  void run(const OnCpu& on) const;
  std::array<int64_t, 1> count(const OnCuda& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
struct RasterizePointsBackward {
  const T* grad_zbuf;   // [N, H, W, K]
  const T* grad_dists;  // [N, H, W, K]
  const T* points;      // [P, 3]
  const int64_t* idx;   // [N, H, W, K]
  T* grad_points;       // [P, 3]
  // Scratch of CUDA:
  T* largest;     // [P, 3] the greatest absolute value that is added to each sum
  int64_t* sums;  // [P, 3, 2] exact sums in fixed point: units, and their fractions
  int64_t P, N, H, W, K;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

}  // namespace bisque

namespace bisque::point_raster {

/// A picture's pixels in NDC.
template <class T>
struct Viewport {
  BISQUE_HOST_DEVICE Viewport(int64_t height, int64_t width)
      : height(static_cast<int32_t>(height)),
        width(static_cast<int32_t>(width)),
        shorter_side(static_cast<T>(height < width ? height : width)) {}

  BISQUE_HOST_DEVICE T x(int32_t column) const { return static_cast<T>(width - 1 - 2 * column) / shorter_side; }
  BISQUE_HOST_DEVICE T y(int32_t row) const { return static_cast<T>(height - 1 - 2 * row) / shorter_side; }

  int32_t height, width;
  T shorter_side;
};

/// Pixels from x0 to x1 and y0 to y1, both included.
struct PixelBox {
  int32_t x0 = 0, y0 = 0, x1 = -1, y1 = -1;
  BISQUE_HOST_DEVICE bool empty() const { return x1 < x0 || y1 < y0; }
};

/// A point as it is drawn.
template <class T>
struct Disc {
  T x, y, z, radius;

  template <class P>
  BISQUE_HOST_DEVICE Disc(const P& params, int64_t point)
      : x(params.points[3 * point]),
        y(params.points[3 * point + 1]),
        z(params.points[3 * point + 2]),
        radius(params.radii ? params.radii[point] : static_cast<T>(params.radius)) {}

  /// Whether it is in front of the camera, finite, and has a size.
  BISQUE_HOST_DEVICE bool is_drawn() const { return z >= 0 && radius > 0 && x - x == 0 && y - y == 0 && z - z == 0; }

  /// Sets the squared distance to a place in NDC. False where that is not below the squared radius.
  BISQUE_HOST_DEVICE bool covers(T at_x, T at_y, T* dist) const {
    const T dx = at_x - x, dy = at_y - y;
    *dist = dx * dx + dy * dy;
    return *dist < radius * radius;
  }

  /// All pixels that it covers, and few others.
  BISQUE_HOST_DEVICE PixelBox box(const Viewport<T>& viewport) const {
    if (!is_drawn()) return {};
    PixelBox box;
    pixels_along(x, viewport.width, viewport.shorter_side, &box.x0, &box.x1);
    pixels_along(y, viewport.height, viewport.shorter_side, &box.y0, &box.y1);
    return box;
  }

 private:
  // What covers() rounds moves its border by less than the margin.
  BISQUE_HOST_DEVICE void pixels_along(T middle, int32_t size, T shorter_side, int32_t* first, int32_t* last) const {
    const double half = static_cast<double>(shorter_side) / 2, at = (size - 1) / 2.0 - middle * half;
    const double reach = radius * half, margin = 1e-3 + 2e-6 * (std::abs(middle * half) + reach);
    const double low = at - reach - margin, high = at + reach + margin;
    *first = low > 0 ? static_cast<int32_t>(low < size ? low + 1 : size) : 0;
    *last = high >= size ? size - 1 : high >= 0 ? static_cast<int32_t>(high) : -1;
  }
};

/// Tiles of a picture. Each has a list of points, and a last list has the points that lie on more than a few.
struct TileGrid {
  BISQUE_HOST_DEVICE TileGrid(int64_t height, int64_t width, int32_t side)
      : side(side),
        columns(static_cast<int32_t>((width + side - 1) / side)),
        rows(static_cast<int32_t>((height + side - 1) / side)) {}

  BISQUE_HOST_DEVICE int64_t tiles() const { return static_cast<int64_t>(columns) * rows; }
  BISQUE_HOST_DEVICE int64_t lists() const { return tiles() + 1; }

  /// Calls use(list) for each list that has a point with this box.
  template <class Use>
  BISQUE_HOST_DEVICE void for_each_list(const PixelBox& box, Use&& use) const {
    if (box.empty()) return;
    const int32_t x0 = box.x0 / side, x1 = box.x1 / side, y0 = box.y0 / side, y1 = box.y1 / side;
    if (static_cast<int64_t>(x1 - x0 + 1) * (y1 - y0 + 1) > kFewTiles) return use(tiles());
    for (int32_t y = y0; y <= y1; ++y) {
      for (int32_t x = x0; x <= x1; ++x) use(static_cast<int64_t>(y) * columns + x);
    }
  }

  static constexpr int64_t kFewTiles = 16;
  int32_t side, columns, rows;
};

/// Whether the points of a cloud are a range of all points.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_point_range(const P& p, int64_t cloud) {
  const BadValue bad = check_index(p.num_points_per_cloud, cloud, p.P + 1);
  return bad.array ? bad : check_index(p.cloud_to_packed_first_idx, cloud, p.P - p.num_points_per_cloud[cloud] + 1);
}

/// What an entry of a pixel with its centre at (x, y) adds to the gradient of its point.
template <class P, class T>
BISQUE_HOST_DEVICE inline void entry_gradient(const P& p, T x, T y, int64_t entry, T grad[3]) {
  const T* const point = p.points + 3 * p.idx[entry];
  const T twice = 2 * p.grad_dists[entry];
  grad[0] = twice * (point[0] - x);
  grad[1] = twice * (point[1] - y);
  grad[2] = p.grad_zbuf[entry];
}

}  // namespace bisque::point_raster
