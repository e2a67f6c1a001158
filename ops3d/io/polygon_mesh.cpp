#include <bisque/ops3d/io/polygon_mesh.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/ear_clipping.h>

namespace bisque {
namespace {

using Vector3 = std::array<double, 3>;
using Triangle = std::array<int32_t, 3>;  // corner numbers within a polygon

constexpr size_t kMaxClippedCorners = size_t{1} << 17;
// Maximum steps of clip_ears() per mesh. Usual polygons of 1,000 corners take 10 to 160 per corner.
constexpr int64_t kFreeSteps = int64_t{1} << 24;
constexpr int64_t kStepsPerCorner = 64;
// A triangle of a fan may be inverted by this fraction of the polygon's area, because collinear corners are by
// rounding.
constexpr double kInvertedArea = 1e-7;
// A triangle is inverted if its normal is within 45 degrees of the opposite of the polygon's. Those of a fold in a
// nonplanar polygon are not.
constexpr double kInvertedCosine = 0.5;  // squared

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

// Splits polygons one after the other and reuses its buffers.
class PolygonSplitter {
 public:
  explicit PolygonSplitter(const std::vector<float>& verts) : verts_(verts) {}

  // The n - 2 triangles of a polygon, valid until the next call.
  const std::vector<Triangle>& split(std::span<const int32_t> corners) {
    corners_ = corners;
    triangles_.clear();
    if (corners.size() == 3 || fan_covers_polygon()) return fan();
    const bool is_small = corners.size() <= kMaxClippedCorners;
    const bool is_exact = is_small && clip();
    if (!is_exact) ++num_intricate_;
    return is_small ? triangles_ : fan();
  }

  // The number of polygons that could not be split within the limits.
  int64_t num_intricate() const { return num_intricate_; }

 private:
  const float* position(size_t corner) const { return &verts_[static_cast<size_t>(corners_[corner]) * 3]; }

  Vector3 from_first(size_t corner) const {
    const float* first = position(0);
    const float* to = position(corner);
    return {double{to[0]} - first[0], double{to[1]} - first[1], double{to[2]} - first[2]};
  }

  // Calls action(twice the area vector) for the triangles of the fan, while it returns true.
  template <class Action>
  bool for_each_area(const Action& action) const {
    Vector3 before = from_first(1);
    for (size_t i = 2; i < corners_.size(); ++i) {
      const Vector3 after = from_first(i);
      if (!action(cross(before, after))) return false;
      before = after;
    }
    return true;
  }

  // Whether no triangle of the fan is inverted against the whole. Sets the polygon's normal (Newell's).
  bool fan_covers_polygon() {
    normal_ = {};
    for_each_area([&](const Vector3& area) {
      for (size_t axis = 0; axis < 3; ++axis) normal_[axis] += area[axis];
      return true;
    });
    const double squared_normal = dot(normal_, normal_);
    if (!std::isfinite(squared_normal)) return true;  // a corner is infinite or NaN
    return for_each_area([&](const Vector3& area) {
      const double along = dot(area, normal_);
      if (along >= -kInvertedArea * squared_normal) return true;
      return along * along < kInvertedCosine * dot(area, area) * squared_normal;
    });
  }

  const std::vector<Triangle>& fan() {
    for (size_t i = 2; i < corners_.size(); ++i) {
      triangles_.push_back({0, static_cast<int32_t>(i - 1), static_cast<int32_t>(i)});
    }
    return triangles_;
  }

  bool clip() {
    project();
    steps_ += kStepsPerCorner * static_cast<int64_t>(corners_.size());
    return clip_ears(points_, steps_, triangles_);
  }

  // The polygon projected along the axis nearest to its normal, counterclockwise; coordinates stay exact.
  void project() {
    const auto larger = [](double a, double b) { return std::abs(a) < std::abs(b); };
    const auto axis = static_cast<size_t>(std::max_element(normal_.begin(), normal_.end(), larger) - normal_.begin());
    size_t x = (axis + 1) % 3, y = (axis + 2) % 3;
    if (normal_[axis] < 0) std::swap(x, y);
    points_.resize(corners_.size());
    for (size_t i = 0; i < corners_.size(); ++i) points_[i] = {position(i)[x], position(i)[y]};
  }

  const std::vector<float>& verts_;
  std::span<const int32_t> corners_;
  Vector3 normal_{};
  std::vector<Point2> points_;
  std::vector<Triangle> triangles_;
  int64_t steps_ = kFreeSteps;
  int64_t num_intricate_ = 0;
};

void append_triangles(std::vector<int32_t>& to, const std::vector<int32_t>& corners, size_t first,
                      const std::vector<Triangle>& triangles) {
  for (const Triangle& triangle : triangles) {
    for (const int32_t corner : triangle) to.push_back(corners[first + static_cast<size_t>(corner)]);
  }
}

void split_polygons(const PolygonMesh& mesh, MeshData& result, const std::string& where) {
  const size_t num_triangles = mesh.corner_verts.size() - 2 * mesh.polygon_sizes.size();
  result.faces.reserve(num_triangles * 3);
  if (!mesh.corner_uvs.empty()) result.uv_faces.reserve(num_triangles * 3);
  if (!mesh.corner_normals.empty()) result.normal_faces.reserve(num_triangles * 3);
  if (!mesh.polygon_groups.empty()) result.face_groups.reserve(num_triangles);
  PolygonSplitter splitter(result.verts);
  size_t first = 0;
  size_t first_intricate = 0;  // polygon, from 1
  for (size_t p = 0; p < mesh.polygon_sizes.size(); ++p) {
    const auto size = static_cast<size_t>(mesh.polygon_sizes[p]);
    const std::vector<Triangle>& triangles = splitter.split(std::span(mesh.corner_verts).subspan(first, size));
    append_triangles(result.faces, mesh.corner_verts, first, triangles);
    if (!mesh.corner_uvs.empty()) append_triangles(result.uv_faces, mesh.corner_uvs, first, triangles);
    if (!mesh.corner_normals.empty()) append_triangles(result.normal_faces, mesh.corner_normals, first, triangles);
    if (!mesh.polygon_groups.empty()) {
      result.face_groups.insert(result.face_groups.end(), triangles.size(), mesh.polygon_groups[p]);
    }
    if (first_intricate == 0 && splitter.num_intricate() > 0) first_intricate = p + 1;
    first += size;
  }
  if (first_intricate > 0) {
    result.warnings.push_back(where + ": concave faces with too many corners are split as fans, so that triangles of " +
                              "them overlap (" + std::to_string(splitter.num_intricate()) + ", the first is face " +
                              std::to_string(first_intricate) + ").");
  }
}

// The corners of a polygon, rotated to the lexicographically smallest sequence.
void append_least_rotation(std::span<const int32_t> corners, std::vector<int32_t>& to) {
  const size_t size = corners.size();
  const auto corner = [&](size_t i) { return corners[i < size ? i : i - size]; };
  size_t best = 0, other = 1, length = 0;  // rotations to compare, and the length of their common prefix
  while (other < size && best < size && length < size) {
    const int32_t a = corner(best + length), b = corner(other + length);
    if (a == b) {
      ++length;
      continue;
    }
    (a > b ? best : other) += length + 1;
    if (best == other) ++other;
    length = 0;
  }
  const auto first = corners.begin() + static_cast<std::ptrdiff_t>(std::min(best, other));
  to.insert(to.end(), first, corners.end());
  to.insert(to.end(), corners.begin(), first);
}

struct Polygon {
  std::span<const int32_t> corners;
  int64_t number;
};

bool is_less(const Polygon& a, const Polygon& b) {
  return std::lexicographical_compare(a.corners.begin(), a.corners.end(), b.corners.begin(), b.corners.end());
}

// The polygons of a mesh, each from its smallest corner, sorted by their corners; `corners` holds them.
std::vector<Polygon> sorted_polygons(const PolygonMesh& mesh, std::vector<int32_t>& corners) {
  corners.reserve(mesh.corner_verts.size());  // spans of it stay valid
  std::vector<Polygon> polygons;
  polygons.reserve(mesh.polygon_sizes.size());
  for (const int32_t polygon_size : mesh.polygon_sizes) {
    const auto size = static_cast<size_t>(polygon_size);
    const size_t first = corners.size();
    append_least_rotation(std::span(mesh.corner_verts).subspan(first, size), corners);
    polygons.push_back({std::span<const int32_t>(corners).subspan(first, size), static_cast<int64_t>(polygons.size())});
  }
  std::stable_sort(polygons.begin(), polygons.end(), is_less);
  return polygons;
}

}  // namespace

MeshData triangulate(PolygonMesh mesh, const std::string& where) {
  MeshData result;
  result.verts = std::move(mesh.verts);
  result.uvs = std::move(mesh.uvs);
  result.normals = std::move(mesh.normals);
  result.group_names = std::move(mesh.group_names);
  result.materials = std::move(mesh.materials);
  result.textures = std::move(mesh.textures);
  result.warnings = std::move(mesh.warnings);
  if (mesh.corner_verts.size() == 3 * mesh.polygon_sizes.size()) {
    result.faces = std::move(mesh.corner_verts);
    result.uv_faces = std::move(mesh.corner_uvs);
    result.normal_faces = std::move(mesh.corner_normals);
    result.face_groups = std::move(mesh.polygon_groups);
  } else {
    split_polygons(mesh, result, where);
    result.polygon_sizes = std::move(mesh.polygon_sizes);
  }
  return result;
}

Colors triangle_colors(Colors polygon_colors, const std::vector<int32_t>& polygon_sizes) {
  if (polygon_sizes.empty() || polygon_colors.empty()) return polygon_colors;
  const auto channels = static_cast<size_t>(polygon_colors.channels);
  Colors colors{{}, polygon_colors.channels};
  for (size_t p = 0; p < polygon_sizes.size(); ++p) {
    const float* color = &polygon_colors.values[p * channels];
    for (int32_t i = 2; i < polygon_sizes[p]; ++i) colors.values.insert(colors.values.end(), color, color + channels);
  }
  return colors;
}

void drop_small_polygons(PolygonMesh& mesh, Colors& polygon_colors, const std::string& where) {
  std::vector<int32_t>& sizes = mesh.polygon_sizes;
  const auto is_small = [](int32_t size) { return size < 3; };
  const auto count = std::count_if(sizes.begin(), sizes.end(), is_small);
  if (count == 0) return;
  const auto first = std::find_if(sizes.begin(), sizes.end(), is_small) - sizes.begin();
  const auto channels = polygon_colors.empty() ? size_t{0} : static_cast<size_t>(polygon_colors.channels);
  size_t from_corner = 0, to_corner = 0, to = 0;
  for (size_t from = 0; from < sizes.size(); ++from) {
    const auto size = static_cast<size_t>(sizes[from]);
    if (size >= 3) {
      std::copy_n(mesh.corner_verts.begin() + static_cast<std::ptrdiff_t>(from_corner), size,
                  mesh.corner_verts.begin() + static_cast<std::ptrdiff_t>(to_corner));
      std::copy_n(polygon_colors.values.begin() + static_cast<std::ptrdiff_t>(from * channels), channels,
                  polygon_colors.values.begin() + static_cast<std::ptrdiff_t>(to * channels));
      sizes[to++] = sizes[from];
      to_corner += size;
    }
    from_corner += size;
  }
  sizes.resize(to);
  mesh.corner_verts.resize(to_corner);
  polygon_colors.values.resize(to * channels);
  mesh.warnings.push_back(where + ": skips faces of fewer than 3 corners (" + std::to_string(count) +
                          ", the first is face " + std::to_string(first) + ").");
}

void check_corners(const PolygonMesh& mesh, const std::string& where) {
  const auto num_verts = static_cast<uint64_t>(mesh.num_verts());
  const auto& corners = mesh.corner_verts;
  uint32_t largest = 0;  // also of negative ones
  for (const int32_t vert : corners) largest = std::max(largest, static_cast<uint32_t>(vert));
  if (corners.empty() || largest < num_verts) return;
  const auto bad = std::find_if(corners.begin(), corners.end(),
                                [&](int32_t vert) { return static_cast<uint32_t>(vert) >= num_verts; });
  int64_t left = bad - corners.begin(), face = 0;
  while (left >= mesh.polygon_sizes[static_cast<size_t>(face)]) left -= mesh.polygon_sizes[static_cast<size_t>(face++)];
  fail(where, ": face ", face, " refers to vertex ", *bad, ", but the file has ", num_verts, " verts.");
}

int64_t find_other_polygon(const PolygonMesh& mesh, const PolygonMesh& reference) {
  if (mesh.polygon_sizes == reference.polygon_sizes && mesh.corner_verts == reference.corner_verts) return -1;
  std::vector<int32_t> mesh_corners, reference_corners;
  const std::vector<Polygon> ours = sorted_polygons(mesh, mesh_corners);
  const std::vector<Polygon> theirs = sorted_polygons(reference, reference_corners);
  std::vector<Polygon> others;
  std::set_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(others), is_less);
  if (others.empty()) return -1;
  const auto earlier = [](const Polygon& a, const Polygon& b) { return a.number < b.number; };
  return std::min_element(others.begin(), others.end(), earlier)->number;
}

}  // namespace bisque
