#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_big.h>

#include <cmath>
#include <limits>

namespace bisque::raster {
namespace {

// 2^38 pixels from the picture's middle: edges that end farther off are bent, the same for all faces that share them.
constexpr double kFarthest = 0x1p50;

struct Point {
  double x, y, depth;
};

template <class T>
Point point(const Vertex<T>& v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.depth)};
}

// Where the edge meets the near plane. (x z, y z, z) is linear in view space. Both faces of an edge compute the same
// point, since they pass the same end as `front`.
template <class T>
Point cut(const Vertex<T>& front, const Vertex<T>& behind, double near) {
  const double z0 = front.z, z1 = behind.z;
  const double t = (z0 - near) / (z0 - z1);
  const double x0 = z0 * front.x, y0 = z0 * front.y;
  const double x = x0 + t * (z1 * behind.x - x0);
  const double y = y0 + t * (z1 * behind.y - y0);
  return {x / near, y / near, -1 / near};
}

template <class T>
int visible_points(const Vertex<T>* const corners[3], const Frame<T>& frame, Point out[4]) {
  const double near = frame.z_clip;
  int n = 0;
  for (int k = 0; k < 3; ++k) {
    const Vertex<T>& a = *corners[k];
    const Vertex<T>& b = *corners[(k + 1) % 3];
    const bool a_behind = frame.perspective && a.depth > 0, b_behind = frame.perspective && b.depth > 0;
    if (!a_behind) out[n++] = point(a);
    if (a_behind != b_behind) out[n++] = a_behind ? cut(b, a, near) : cut(a, b, near);
  }
  return n;
}

int64_t snap(double pixels, int32_t middle) {
  const double grid = std::nearbyint(pixels * kGridUnit);
  return static_cast<int64_t>(std::clamp(grid, -kFarthest, kFarthest)) + middle;
}

// ceil(a / b) and floor(a / b) for b > 0.
int64_t divide_up(int64_t a, int64_t b) { return a / b + (a % b > 0); }
int64_t divide_down(int64_t a, int64_t b) { return a / b - (a % b < 0); }

using Wide = __int128;

// An edge function at the pixel centres of a tile, divided by the grid unit: inside where base + dx row - dy column >=
// 0.
struct TileEdge {
  int64_t base, dx, dy;
};

TileEdge tile_edge(int64_t ax, int64_t ay, int64_t bx, int64_t by, int64_t tile_x, int64_t tile_y) {
  const int64_t dx = bx - ax, dy = by - ay;
  const bool owns_centres_on_it = dy < 0 || (dy == 0 && dx > 0);
  const Wide at_first = static_cast<Wide>(dx) * (tile_y - ay) - static_cast<Wide>(dy) * (tile_x - ax);
  const Wide base = (at_first - (owns_centres_on_it ? 0 : 1)) >> kGridBits;
  // Beyond this, no pixel of the tile can change the sign: steps are below 2^52, and there are 64.
  constexpr int64_t kPlenty = INT64_C(1) << 60;
  const Wide bounded = base > kPlenty    ? static_cast<Wide>(kPlenty)
                       : base < -kPlenty ? static_cast<Wide>(-kPlenty)
                                         : base;
  return {static_cast<int64_t>(bounded), dx, dy};
}

// Narrows [begin, end) to the columns of a row inside the edge.
void narrow(const TileEdge& edge, int row, int64_t* begin, int64_t* end) {
  const int64_t at = edge.base + edge.dx * row;
  if (edge.dy > 0) {
    *end = std::min(*end, divide_down(at, edge.dy) + 1);
  } else if (edge.dy < 0) {
    *begin = std::max(*begin, divide_up(-at, -edge.dy));
  } else if (at < 0) {
    *end = 0;
  }
}

double doubled_area(const Polygon& polygon) {
  double area = 0;
  for (int i = 0; i + 2 < polygon.corners; ++i) {
    const double dx1 = static_cast<double>(polygon.x[i + 1] - polygon.x[0]);
    const double dy1 = static_cast<double>(polygon.y[i + 1] - polygon.y[0]);
    const double dx2 = static_cast<double>(polygon.x[i + 2] - polygon.x[0]);
    const double dy2 = static_cast<double>(polygon.y[i + 2] - polygon.y[0]);
    area += dx1 * dy2 - dx2 * dy1;
  }
  return area;
}

// The distance in pixels of a tile's first pixel from the inner side of an edge, as a function of the tile's place,
// raised by what it gains within the tile, and by a pixel: more than the rounding of polygons too thin for their
// orientation to be sure.
void bound_edge(double ax, double ay, double bx, double by, float out[3]) {
  const double length = std::hypot(bx - ax, by - ay);
  const double step_x = length > 0 ? (ay - by) / length : 0, step_y = length > 0 ? (bx - ax) / length : 0;
  const double from_x = step_x * ax / kGridUnit, from_y = step_y * ay / kGridUnit;
  const double gain_x = step_x * kTileWidth, gain_y = step_y * kTileHeight;
  const double slack = 1 + 1e-5 * (std::abs(from_x) + std::abs(from_y));
  out[0] = static_cast<float>(gain_x);
  out[1] = static_cast<float>(gain_y);
  out[2] = static_cast<float>(std::max(0.0, gain_x) + std::max(0.0, gain_y) - from_x - from_y + slack);
}

double squared_distance_to_segment(double x, double y, double x0, double y0, double x1, double y1) {
  const double ex = x1 - x0, ey = y1 - y0, wx = x - x0, wy = y - y0;
  const double length = ex * ex + ey * ey;
  const double t = length > 0 ? std::clamp((wx * ex + wy * ey) / length, 0.0, 1.0) : 0.0;
  const double rx = wx - t * ex, ry = wy - t * ey;
  return rx * rx + ry * ry;
}

}  // namespace

template <class T>
Polygon visible_polygon(const Vertex<T>* const corners[3], const Frame<T>& frame) {
  Point points[4];
  Polygon polygon;
  polygon.corners = visible_points(corners, frame, points);
  for (int k = 0; k < polygon.corners; ++k) {
    polygon.x[k] = snap(points[k].x, frame.middle_x());
    polygon.y[k] = snap(points[k].y, frame.middle_y());
    polygon.depth[k] = points[k].depth;
  }
  return polygon;
}

bool tiles_of(const Polygon& polygon, int32_t width, int32_t height, BigFace* out) {
  if (polygon.corners < 3) return false;
  const auto [x_min, x_max] = std::minmax_element(polygon.x, polygon.x + polygon.corners);
  const auto [y_min, y_max] = std::minmax_element(polygon.y, polygon.y + polygon.corners);
  const int64_t column0 = std::max<int64_t>(0, (*x_min + kGridUnit - 1) >> kGridBits);
  const int64_t column1 = std::min<int64_t>(width - 1, *x_max >> kGridBits);
  const int64_t row0 = std::max<int64_t>(0, (*y_min + kGridUnit - 1) >> kGridBits);
  const int64_t row1 = std::min<int64_t>(height - 1, *y_max >> kGridBits);
  if (column0 > column1 || row0 > row1) return false;
  out->tile_x0 = static_cast<uint16_t>(column0 >> kTileWidthBits);
  out->tile_x1 = static_cast<uint16_t>(column1 >> kTileWidthBits);
  out->tile_y0 = static_cast<uint16_t>(row0 >> kTileHeightBits);
  out->tile_y1 = static_cast<uint16_t>(row1 >> kTileHeightBits);
  const bool turned = doubled_area(polygon) < 0;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % polygon.corners, from = turned ? l : k, to = turned ? k : l;
    bound_edge(static_cast<double>(polygon.x[from]), static_cast<double>(polygon.y[from]),
               static_cast<double>(polygon.x[to]), static_cast<double>(polygon.y[to]), out->edge[k]);
  }
  return true;
}

bool spans_in_tile(const Polygon& polygon, int i, bool cull, int32_t tile_x, int32_t tile_y, TileSpans* out) {
  const int index[3] = {0, i + 1, i + 2};
  int64_t x[3], y[3];
  double depth[3];
  for (int k = 0; k < 3; ++k) {
    x[k] = polygon.x[index[k]];
    y[k] = polygon.y[index[k]];
    depth[k] = polygon.depth[index[k]];
  }
  const Wide area = static_cast<Wide>(x[1] - x[0]) * (y[2] - y[0]) - static_cast<Wide>(y[1] - y[0]) * (x[2] - x[0]);
  if (area == 0 || (cull && area > 0)) return false;
  if (area < 0) {
    std::swap(x[1], x[2]);
    std::swap(y[1], y[2]);
    std::swap(depth[1], depth[2]);
  }
  const int64_t origin_x = static_cast<int64_t>(tile_x) * kSmallWidth,
                origin_y = static_cast<int64_t>(tile_y) * kSmallHeight;
  TileEdge crossing[3];
  int num_crossing = 0;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3;
    const TileEdge edge = tile_edge(x[k], y[k], x[l], y[l], origin_x, origin_y);
    const int64_t down = edge.dx * (kTileHeight - 1), across = -edge.dy * (kTileWidth - 1);
    if (edge.base + std::max<int64_t>(0, down) + std::max<int64_t>(0, across) < 0) return false;
    if (edge.base + std::min<int64_t>(0, down) + std::min<int64_t>(0, across) < 0) crossing[num_crossing++] = edge;
  }
  const auto row_of = [&](int64_t grid) {
    return std::clamp<int64_t>((grid - origin_y) >> kGridBits, -1, kTileHeight);
  };
  out->row_begin = static_cast<int>(std::max<int64_t>(0, row_of(*std::min_element(y, y + 3) - 1) + 1));
  out->row_end = static_cast<int>(std::min<int64_t>(kTileHeight, row_of(*std::max_element(y, y + 3)) + 1));
  for (int row = out->row_begin; row < out->row_end; ++row) {
    int64_t begin = 0, end = kTileWidth;
    for (int k = 0; k < num_crossing; ++k) narrow(crossing[k], row, &begin, &end);
    out->begin[row] = static_cast<int16_t>(std::min<int64_t>(begin, kTileWidth));
    out->end[row] = static_cast<int16_t>(std::max<int64_t>(end, 0));
  }
  const double dx1 = static_cast<double>(x[1] - x[0]), dy1 = static_cast<double>(y[1] - y[0]);
  const double dx2 = static_cast<double>(x[2] - x[0]), dy2 = static_cast<double>(y[2] - y[0]);
  const double e1 = depth[1] - depth[0], e2 = depth[2] - depth[0];
  const double inverse = 1 / (area < 0 ? -static_cast<double>(area) : static_cast<double>(area));
  const double step_x = (e1 * dy2 - e2 * dy1) * inverse, step_y = (e2 * dx1 - e1 * dx2) * inverse;
  out->depth = depth[0] + step_x * static_cast<double>(origin_x - x[0]) + step_y * static_cast<double>(origin_y - y[0]);
  out->depth_x = step_x * kGridUnit;
  out->depth_y = step_y * kGridUnit;
  return true;
}

template <class T>
void interpolate_carefully(const Vertex<T>* const corners[3], const Frame<T>& frame, double x, double y, T bary[3],
                           T* z) {
  double cx[3], cy[3], cz[3], weight[3];
  bool behind = false;
  for (int k = 0; k < 3; ++k) {
    cx[k] = corners[k]->x;
    cy[k] = corners[k]->y;
    cz[k] = corners[k]->z;
    behind = behind || (frame.perspective && corners[k]->depth > 0);
  }
  const double dx1 = cx[1] - cx[0], dy1 = cy[1] - cy[0], dx2 = cx[2] - cx[0], dy2 = cy[2] - cy[0];
  const double length = std::abs(dx1) + std::abs(dy1) + std::abs(dx2) + std::abs(dy2);
  if (!behind && std::abs(dx1 * dy2 - dx2 * dy1) < kSliver * length) {
    for (int k = 0; k < 3; ++k) {
      cx[k] = std::nearbyint(cx[k] * kGridUnit) / kGridUnit;
      cy[k] = std::nearbyint(cy[k] * kGridUnit) / kGridUnit;
    }
  }
  double sum = 0;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    const double cross = (cx[l] - x) * (cy[m] - y) - (cx[m] - x) * (cy[l] - y);
    weight[k] = frame.perspective ? cross * cz[l] * cz[m] : cross;
    sum += weight[k];
  }
  double total = 0;
  for (double& w : weight) {
    w = std::max(0.0, w / sum);  // not NaN: a covering face has an area on the grid
    total += w;
  }
  double depth = 0;
  for (int k = 0; k < 3; ++k) {
    const double w = total > 0 ? weight[k] / total : 1.0 / 3;
    bary[k] = static_cast<T>(w);
    depth += w * cz[k];
  }
  *z = static_cast<T>(depth);
}

template <class T>
T distance_to_visible(const Vertex<T>* const corners[3], const Frame<T>& frame, double x, double y) {
  Point points[4];
  const int n = visible_points(corners, frame, points);
  double nearest = std::numeric_limits<double>::infinity();
  for (int k = 0; k < n; ++k) {
    const Point& a = points[k];
    const Point& b = points[(k + 1) % n];
    nearest = std::min(nearest, squared_distance_to_segment(x, y, a.x, a.y, b.x, b.y));
  }
  return static_cast<T>(nearest);
}

template Polygon visible_polygon(const Vertex<float>* const[3], const Frame<float>&);
template Polygon visible_polygon(const Vertex<double>* const[3], const Frame<double>&);
template void interpolate_carefully(const Vertex<float>* const[3], const Frame<float>&, double, double, float[3],
                                    float*);
template void interpolate_carefully(const Vertex<double>* const[3], const Frame<double>&, double, double, double[3],
                                    double*);
template float distance_to_visible(const Vertex<float>* const[3], const Frame<float>&, double, double);
template double distance_to_visible(const Vertex<double>* const[3], const Frame<double>&, double, double);

}  // namespace bisque::raster
