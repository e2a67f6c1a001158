#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_big.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>

#include <cmath>
#include <limits>

namespace bisque::raster {
namespace {

// ceil(a / b) and floor(a / b) for b > 0.
int64_t divide_up(int64_t a, int64_t b) { return a / b + (a % b > 0); }
int64_t divide_down(int64_t a, int64_t b) { return a / b - (a % b < 0); }

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

// The distance in pixels of a tile's first pixel from the inner side of an edge, as a function of the tile's place,
// raised by what it gains within the tile, by the blur, and by a pixel: more than the rounding of polygons too thin for
// their orientation to be sure.
void bound_edge(double ax, double ay, double bx, double by, double blur, float out[3]) {
  const double length = std::sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay));  // std::hypot would need glibc 2.35
  const double step_x = length > 0 ? (ay - by) / length : 0, step_y = length > 0 ? (bx - ax) / length : 0;
  const double from_x = step_x * ax / kGridUnit, from_y = step_y * ay / kGridUnit;
  const double gain_x = step_x * kTileWidth, gain_y = step_y * kTileHeight;
  const double slack = 1 + blur + 1e-5 * (std::abs(from_x) + std::abs(from_y));
  out[0] = static_cast<float>(gain_x);
  out[1] = static_cast<float>(gain_y);
  out[2] = static_cast<float>(std::max(0.0, gain_x) + std::max(0.0, gain_y) - from_x - from_y + slack);
}

}  // namespace

template <class T>
bool tiles_of(const Polygon& polygon, const Viewport<T>& viewport, BigFace* out) {
  const PixelBox box = pixels_of(polygon, viewport);
  if (box.empty()) return false;
  out->tile_x0 = static_cast<uint16_t>(box.x0 >> kTileWidthBits);
  out->tile_x1 = static_cast<uint16_t>(box.x1 >> kTileWidthBits);
  out->tile_y0 = static_cast<uint16_t>(box.y0 >> kTileHeightBits);
  out->tile_y1 = static_cast<uint16_t>(box.y1 >> kTileHeightBits);
  Wide area = 0;
  for (int i = 0; i + 2 < polygon.corners; ++i) area += doubled_area(polygon, i);
  const bool turned = area < 0;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % polygon.corners, from = turned ? l : k, to = turned ? k : l;
    bound_edge(static_cast<double>(polygon.x[from]), static_cast<double>(polygon.y[from]),
               static_cast<double>(polygon.x[to]), static_cast<double>(polygon.y[to]), viewport.blur_pixels,
               out->edge[k]);
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
  const Wide area = doubled_area(polygon, i);
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
  // From the farthest corner: one that is cut may lie so far off, and so near, that no digit would be left.
  const auto a = std::max_element(depth, depth + 3) - depth, b = (a + 1) % 3, c = (a + 2) % 3;
  const double dx1 = static_cast<double>(x[b] - x[a]), dy1 = static_cast<double>(y[b] - y[a]);
  const double dx2 = static_cast<double>(x[c] - x[a]), dy2 = static_cast<double>(y[c] - y[a]);
  const double e1 = depth[b] - depth[a], e2 = depth[c] - depth[a];
  const double inverse = 1 / (area < 0 ? -static_cast<double>(area) : static_cast<double>(area));
  const double step_x = (e1 * dy2 - e2 * dy1) * inverse, step_y = (e2 * dx1 - e1 * dx2) * inverse;
  out->depth = depth[a] + step_x * static_cast<double>(origin_x - x[a]) + step_y * static_cast<double>(origin_y - y[a]);
  out->depth_x = step_x * kGridUnit;
  out->depth_y = step_y * kGridUnit;
  return true;
}

template Polygon visible_polygon(const Vertex<float>* const[3], const Viewport<float>&);
template Polygon visible_polygon(const Vertex<double>* const[3], const Viewport<double>&);
template bool tiles_of(const Polygon&, const Viewport<float>&, BigFace*);
template bool tiles_of(const Polygon&, const Viewport<double>&, BigFace*);
template void interpolate_carefully(const Vertex<float>* const[3], const Viewport<float>&, double, double, bool,
                                    float[3], float*);
template void interpolate_carefully(const Vertex<double>* const[3], const Viewport<double>&, double, double, bool,
                                    double[3], double*);
template float distance_to_visible(const Vertex<float>* const[3], const Viewport<float>&, double, double);
template double distance_to_visible(const Vertex<double>* const[3], const Viewport<double>&, double, double);

}  // namespace bisque::raster
