// Faces at pixels, for the CPU's exact path and CUDA: coverage in exact integers, interpolation, distances, and which
// pixels a face takes. See rasterize_meshes_grid.h. One order of operations and no fused multiply-add: all agree.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_grid.h>

namespace bisque::raster {

// 2^38 pixels from the picture's middle: edges that end farther off are bent, the same for all faces that share them.
inline constexpr double kFarthest = 0x1p50;

using Wide = __int128;

struct Point {
  double x, y, depth;
};

/// A vertex in pixels, with the depth that the z-buffer compares (see Vertex): NaN where it cannot be drawn.
template <class T>
BISQUE_HOST_DEVICE inline Vertex<T> place_vertex(const Viewport<T>& viewport, const T* in) {
  Vertex<T> v{in[0] * -viewport.scale, in[1] * -viewport.scale, in[2], in[2]};
  const bool front = v.z >= viewport.z_clip;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  if (viewport.perspective) {
    v.depth = front ? T(-1) / v.z : static_cast<T>(kBehind);
  } else if (!viewport.clips && !front) {
    v.depth = nan;
  }
  // Inf - Inf and NaN - NaN are NaN.
  if (!((v.x - v.x) + (v.y - v.y) + (v.z - v.z) == 0)) v.depth = nan;
  return v;
}

/// Where along an edge on the screen the near plane cuts it: 1 / z is linear there if perspective, else z.
template <class R>
BISQUE_HOST_DEVICE inline R cut_place(R front, R behind, R near, bool perspective) {
  return (front - near) / (front - behind) * (perspective ? behind / near : R(1));
}

/// Where the edge meets the near plane. Both faces of an edge compute the same point, since they pass the same end as
/// `front`.
template <class T>
BISQUE_HOST_DEVICE inline Point cut(const Vertex<T>& front, const Vertex<T>& behind, const Viewport<T>& viewport) {
  const double near = viewport.z_clip;
  const double at = cut_place<double>(front.z, behind.z, near, viewport.perspective);
  const double x = front.x, y = front.y;
  return {x + at * (behind.x - x), y + at * (behind.y - y), viewport.perspective ? -1 / near : near};
}

template <class T>
BISQUE_HOST_DEVICE inline bool is_behind(const Vertex<T>& v, const Viewport<T>& viewport) {
  return viewport.clips && v.z < viewport.z_clip;
}

/// Corners of the visible part of a face, in order: 3 or 4, or none.
template <class T>
BISQUE_HOST_DEVICE inline int visible_points(const Vertex<T>* const corners[3], const Viewport<T>& viewport,
                                             Point out[4]) {
  int n = 0;
  for (int k = 0; k < 3; ++k) {
    const Vertex<T>& a = *corners[k];
    const Vertex<T>& b = *corners[(k + 1) % 3];
    const bool a_behind = is_behind(a, viewport), b_behind = is_behind(b, viewport);
    if (!a_behind) {
      out[n++] = {static_cast<double>(a.x), static_cast<double>(a.y), static_cast<double>(a.depth)};
    }
    if (a_behind != b_behind) out[n++] = a_behind ? cut(b, a, viewport) : cut(a, b, viewport);
  }
  return n;
}

BISQUE_HOST_DEVICE inline int64_t snap(double pixels, int32_t middle) {
  const double grid = nearbyint(pixels * kGridUnit);
  const double bounded = grid > kFarthest ? kFarthest : grid < -kFarthest ? -kFarthest : grid;
  return static_cast<int64_t>(bounded) + middle;
}

template <class T>
BISQUE_HOST_DEVICE inline Polygon visible_polygon(const Vertex<T>* const corners[3], const Viewport<T>& viewport) {
  Point points[4];
  Polygon polygon;
  polygon.corners = visible_points(corners, viewport, points);
  for (int k = 0; k < polygon.corners; ++k) {
    polygon.x[k] = snap(points[k].x, viewport.middle_x());
    polygon.y[k] = snap(points[k].y, viewport.middle_y());
    polygon.depth[k] = points[k].depth;
  }
  return polygon;
}

/// Pixels that a polygon may take, its blur included. Empty where x0 > x1 or y0 > y1.
struct PixelBox {
  BISQUE_HOST_DEVICE bool empty() const { return x0 > x1 || y0 > y1; }
  int32_t x0, y0, x1, y1;  // inclusive
};

template <class T>
BISQUE_HOST_DEVICE inline PixelBox pixels_of(const Polygon& polygon, const Viewport<T>& viewport) {
  if (polygon.corners < 3) return {0, 0, -1, -1};
  int64_t x0 = polygon.x[0], x1 = x0, y0 = polygon.y[0], y1 = y0;
  for (int k = 1; k < polygon.corners; ++k) {
    x0 = std::min(x0, polygon.x[k]);
    x1 = std::max(x1, polygon.x[k]);
    y0 = std::min(y0, polygon.y[k]);
    y1 = std::max(y1, polygon.y[k]);
  }
  const int64_t grow = viewport.blur_grid;
  const auto first = [](int64_t grid, int32_t size) {
    const int64_t pixel = (grid + kGridUnit - 1) >> kGridBits;
    return static_cast<int32_t>(pixel < 0 ? 0 : pixel > size ? size : pixel);
  };
  const auto last = [](int64_t grid, int32_t size) {
    const int64_t pixel = grid >> kGridBits;
    return static_cast<int32_t>(pixel < -1 ? -1 : pixel >= size ? size - 1 : pixel);
  };
  return {first(x0 - grow, viewport.width), first(y0 - grow, viewport.height), last(x1 + grow, viewport.width),
          last(y1 + grow, viewport.height)};
}

/// An edge function at the pixel centres of a tile, divided by the grid unit: inside where base + dx row - dy column >=
/// 0.
struct TileEdge {
  BISQUE_HOST_DEVICE int64_t at(int column, int row) const { return base + dx * row - dy * column; }
  int64_t base, dx, dy;
};

/// `x` and `y` are the grid coordinates of the tile's first pixel; a tile is at most 64 pixels wide and high.
BISQUE_HOST_DEVICE inline TileEdge tile_edge(int64_t ax, int64_t ay, int64_t bx, int64_t by, int64_t x, int64_t y) {
  const int64_t dx = bx - ax, dy = by - ay;
  const bool owns_centres_on_it = dy < 0 || (dy == 0 && dx > 0);
  const Wide at_first = static_cast<Wide>(dx) * (y - ay) - static_cast<Wide>(dy) * (x - ax);
  const Wide base = (at_first - (owns_centres_on_it ? 0 : 1)) >> kGridBits;
  // Beyond this, no pixel of the tile can change the sign: steps are below 2^52, and there are 64.
  constexpr int64_t kPlenty = INT64_C(1) << 60;
  const Wide plenty = kPlenty;
  const int64_t bounded = base > plenty ? kPlenty : base < -plenty ? -kPlenty : static_cast<int64_t>(base);
  return {bounded, dx, dy};
}

/// Twice the area of triangle (0, i + 1, i + 2) of a polygon on the grid; positive for back faces.
BISQUE_HOST_DEVICE inline Wide doubled_area(const Polygon& p, int i) {
  return static_cast<Wide>(p.x[i + 1] - p.x[0]) * (p.y[i + 2] - p.y[0]) -
         static_cast<Wide>(p.y[i + 1] - p.y[0]) * (p.x[i + 2] - p.x[0]);
}

/// Which pixels of a tile a polygon covers: those inside all edges of one of its triangles.
struct Coverage {
  BISQUE_HOST_DEVICE bool contains(int column, int row) const {
    for (int i = 0; i < triangles; ++i) {
      // No sign bit in any.
      if ((edge[i][0].at(column, row) | edge[i][1].at(column, row) | edge[i][2].at(column, row)) >= 0) return true;
    }
    return false;
  }
  int triangles = 0;  // none where the polygon is not drawn: no area, or culled
  TileEdge edge[2][3];
};

BISQUE_HOST_DEVICE inline Coverage cover(const Polygon& p, bool cull, int64_t tile_x, int64_t tile_y) {
  Coverage coverage;
  for (int i = 0; i + 2 < p.corners; ++i) {
    const Wide area = doubled_area(p, i);
    if (area == 0 || (cull && area > 0)) continue;
    const int a = 0, b = area > 0 ? i + 1 : i + 2, c = area > 0 ? i + 2 : i + 1;
    TileEdge* const edge = coverage.edge[coverage.triangles++];
    edge[0] = tile_edge(p.x[a], p.y[a], p.x[b], p.y[b], tile_x, tile_y);
    edge[1] = tile_edge(p.x[b], p.y[b], p.x[c], p.y[c], tile_x, tile_y);
    edge[2] = tile_edge(p.x[c], p.y[c], p.x[a], p.y[a], tile_x, tile_y);
  }
  return coverage;
}

/// The lowest values of a triangle's edge functions that a pixel which it takes can have, for a quick rejection. A
/// pixel at a distance d (pixels) outside an edge has the value -d times the edge's length on the grid; the vertices'
/// rounding turns the edge, which adds up to the pixel's distance from its ends.
template <class T>
BISQUE_HOST_DEVICE inline void lowest_edges(const Polygon& polygon, const Coverage& coverage, const PixelBox& box,
                                            const Viewport<T>& viewport, int64_t lowest[3]) {
  const double reach = 2.0 * (box.x1 - box.x0 + box.y1 - box.y0 + 2) + 4 * viewport.blur_pixels;
  for (int k = 0; k < 3; ++k) {
    const TileEdge& edge = coverage.edge[0][k];
    const double length = std::abs(static_cast<double>(edge.dx)) + std::abs(static_cast<double>(edge.dy));
    const double value = (viewport.blur_pixels + 1.0 / 512) * length * (1 + 1e-5) + reach + 2;
    lowest[k] = polygon.corners != 3 ? INT64_MIN : viewport.blur == 0 ? 0 : -static_cast<int64_t>(value);
  }
}

/// The corners that interpolate_carefully takes: on a sliver, those on the grid that says that it covers the pixel.
template <class T, class R>
BISQUE_HOST_DEVICE inline void careful_corners(const Vertex<T>* const corners[3], const Viewport<T>& viewport,
                                               bool inside, R x[3], R y[3], R z[3]) {
  bool behind = false;
  for (int k = 0; k < 3; ++k) {
    x[k] = corners[k]->x;
    y[k] = corners[k]->y;
    z[k] = corners[k]->z;
    behind = behind || is_behind(*corners[k], viewport);
  }
  const R dx1 = x[1] - x[0], dy1 = y[1] - y[0], dx2 = x[2] - x[0], dy2 = y[2] - y[0];
  const R length = std::abs(dx1) + std::abs(dy1) + std::abs(dx2) + std::abs(dy2);
  if (behind || !inside || !(std::abs(dx1 * dy2 - dx2 * dy1) < static_cast<R>(kSliver) * length)) return;
  for (int k = 0; k < 3; ++k) {
    x[k] = nearbyint(x[k] * kGridUnit) / kGridUnit;
    y[k] = nearbyint(y[k] * kGridUnit) / kGridUnit;
  }
}

/// Takes away negative weights; returns the sum of the others. Weights count as those of a face whose signed size is
/// `size`. That of their sum would turn where, seen from the face, the pixel lies beyond the horizon of its plane.
template <class R>
BISQUE_HOST_DEVICE inline R clip_weights(R size, R weight[3]) {
  R total = 0;
  for (int k = 0; k < 3; ++k) {
    const R w = size < 0 ? -weight[k] : weight[k];
    weight[k] = w > 0 ? w : 0;
    total += weight[k];
  }
  return total;
}

/// Barycentric coordinates and depth of a pixel (in Vertex coordinates) in double precision, for faces that float does
/// not serve: cut by the near plane, far larger than the picture, or slivers thinner than kSliver. Within the face no
/// coordinate is negative.
template <class T>
BISQUE_HOST_DEVICE void interpolate_carefully(const Vertex<T>* const corners[3], const Viewport<T>& viewport, double x,
                                              double y, bool inside, T bary[3], T* z) {
  double cx[3], cy[3], cz[3], weight[3];
  careful_corners(corners, viewport, inside, cx, cy, cz);
  double sum = 0, area = 0;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    const double cross = (cx[l] - x) * (cy[m] - y) - (cx[m] - x) * (cy[l] - y);
    weight[k] = viewport.perspective ? cross * cz[l] * cz[m] : cross;
    sum += weight[k];
    area += cross;
  }
  if (viewport.perspective) area *= cz[0] * cz[1] * cz[2];
  double total = sum;
  if (inside || viewport.clips_bary) total = clip_weights(inside ? sum : area, weight);
  double depth = 0;
  for (int k = 0; k < 3; ++k) {
    const double w = inside && !(total > 0) ? 1.0 / 3 : weight[k] / total;
    bary[k] = static_cast<T>(w);
    depth += w * cz[k];
  }
  *z = static_cast<T>(depth);
}

/// Squared distance from the origin to a segment.
template <class R>
BISQUE_HOST_DEVICE inline R squared_distance_to_segment(R ax, R ay, R bx, R by) {
  const R ex = bx - ax, ey = by - ay, squared = ex * ex + ey * ey;
  const R length = squared > std::numeric_limits<R>::min() ? squared : std::numeric_limits<R>::min();
  const R along = -(ax * ex + ay * ey) / length;
  const R t = along > R(0) ? (along < R(1) ? along : R(1)) : R(0);
  const R x = ax + t * ex, y = ay + t * ey;
  return x * x + y * y;
}

/// The same from the end that is nearer to the origin: the other may be so far off that its digits would be lost.
template <class R>
BISQUE_HOST_DEVICE inline R squared_distance_to_long_segment(R ax, R ay, R bx, R by) {
  return ax * ax + ay * ay <= bx * bx + by * by ? squared_distance_to_segment(ax, ay, bx, by)
                                                : squared_distance_to_segment(bx, by, ax, ay);
}

/// Squared distance in pixels from a pixel to the outline of the visible part of a face.
template <class T>
BISQUE_HOST_DEVICE T distance_to_visible(const Vertex<T>* const corners[3], const Viewport<T>& viewport, double x,
                                         double y) {
  Point points[4];
  const int n = visible_points(corners, viewport, points);
  double nearest = std::numeric_limits<double>::infinity();
  for (int k = 0; k < n; ++k) {
    const Point &a = points[k], &b = points[(k + 1) % n];
    const double distance = squared_distance_to_long_segment(a.x - x, a.y - y, b.x - x, b.y - y);
    if (distance < nearest) nearest = distance;
  }
  return static_cast<T>(nearest);
}

/// A face moved to have a pixel at the origin: what the SIMD path does in resolve, in the same order of operations.
template <class T>
struct FaceAtPixel {
  BISQUE_HOST_DEVICE FaceAtPixel(const Vertex<T>* const corners[3], const Viewport<T>& viewport, T pixel_x, T pixel_y,
                                 bool inside)
      : corners(corners), viewport(viewport), pixel_x(pixel_x), pixel_y(pixel_y), inside(inside) {
    for (int k = 0; k < 3; ++k) {
      x[k] = corners[k]->x - pixel_x;
      y[k] = corners[k]->y - pixel_y;
    }
    for (int k = 0; k < 3; ++k) {
      const int l = (k + 1) % 3, m = (k + 2) % 3;
      weight[k] = x[l] * y[m] - x[m] * y[l];
    }
    size = weight[0] + weight[1] + weight[2];
    const T extent = (std::abs(x[1] - x[0]) + std::abs(y[1] - y[0])) + (std::abs(x[2] - x[0]) + std::abs(y[2] - y[0]));
    const double sliver = inside ? kSliver : kOutsideSliver;
    needs_double = std::abs(size) < extent * static_cast<T>(sliver) || extent > static_cast<T>(kFloatExtent);
    for (int k = 0; k < 3; ++k) needs_double = needs_double || is_behind(*corners[k], viewport);
    if (!viewport.perspective) return;
    for (int k = 0; k < 3; ++k) weight[k] *= corners[k]->depth;  // negative
    size = -size;
  }

  /// As reported: clipped where that is asked for.
  BISQUE_HOST_DEVICE void interpolate(T bary[3], T* z) const {
    if (needs_double) return interpolate_carefully(corners, viewport, pixel_x, pixel_y, inside, bary, z);
    T w[3] = {weight[0], weight[1], weight[2]};
    if (viewport.clips_bary) {
      const T sum = clip_weights(size, w);
      for (int k = 0; k < 3; ++k) bary[k] = w[k] / sum;  // exactly 1 at a corner, whose depth is that of all its faces
    } else {
      const T scale = T(1) / (w[0] + w[1] + w[2]);
      for (int k = 0; k < 3; ++k) bary[k] = w[k] * scale;
    }
    *z = bary[0] * corners[0]->z + bary[1] * corners[1]->z + bary[2] * corners[2]->z;
  }

  /// Squared, to the outline, in NDC.
  BISQUE_HOST_DEVICE T distance() const {
    T nearest;
    if (needs_double) {
      nearest = distance_to_visible(corners, viewport, pixel_x, pixel_y);
    } else {
      nearest = squared_distance_to_segment(x[0], y[0], x[1], y[1]);
      for (int k = 1; k < 3; ++k) {
        const int l = (k + 1) % 3;
        const T other = squared_distance_to_segment(x[k], y[k], x[l], y[l]);
        if (other < nearest) nearest = other;
      }
    }
    return nearest / (viewport.scale * viewport.scale);
  }

  /// Whether the face takes the pixel, if not farther than `farthest`, and at which depth.
  BISQUE_HOST_DEVICE bool takes(T farthest, T* z) const {
    T bary[3];
    interpolate(bary, z);
    if (!(*z >= 0 && *z <= farthest)) return false;
    return inside || distance() < viewport.blur;
  }

  const Vertex<T>* const* corners;
  const Viewport<T>& viewport;
  T pixel_x, pixel_y;
  bool inside;
  T x[3], y[3], weight[3];
  T size;             // signed as the weights of a pixel inside
  bool needs_double;  // see interpolate_carefully
};

/// A face of a pixel's list: its number within the mesh, and whether the pixel is outside it (within the blur).
BISQUE_HOST_DEVICE inline int32_t list_code(int32_t face, bool outside) { return 2 * face + (outside ? 1 : 0); }

/// Writes one entry of the results. `code` is negative where there is none.
template <class T>
BISQUE_HOST_DEVICE inline void write_entry(const RasterizeMeshes<T>& params, const Viewport<T>& viewport,
                                           const Vertex<T>* verts, int64_t first_face, int32_t code, int column,
                                           int row, int64_t entry) {
  T* const bary = params.bary_coords + 3 * entry;
  if (code < 0) {
    params.pix_to_face[entry] = -1;
    params.zbuf[entry] = bary[0] = bary[1] = bary[2] = T(-1);
    if (params.dists != nullptr) params.dists[entry] = T(-1);
    return;
  }
  const int64_t face = first_face + (code >> 1);
  const bool inside = (code & 1) == 0;
  const int64_t* const index = params.faces + 3 * face;
  const Vertex<T>* const corners[3] = {verts + index[0], verts + index[1], verts + index[2]};
  const FaceAtPixel<T> at(corners, viewport, column - T(0.5) * (viewport.width - 1),
                          row - T(0.5) * (viewport.height - 1), inside);
  params.pix_to_face[entry] = face;
  at.interpolate(bary, params.zbuf + entry);
  if (params.dists != nullptr) params.dists[entry] = inside ? -at.distance() : at.distance();
}

}  // namespace bisque::raster
