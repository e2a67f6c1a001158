#include <bisque/renderer/models/normal_verts.h>

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/models/groups.h>
#include <bisque/renderer/models/head_region.h>

namespace bisque {
namespace {

constexpr double kSameNormal = 0.99984769515639124;  // cosine of one degree
constexpr double kOtherSide = -0.9;                  // maximum cosine between the faces of a sheet's two sides
// Limits that keep the time linear for malicious files: more vertices than these at one position remain separate.
constexpr size_t kMostKinds = 32;
constexpr size_t kMostEdges = 16;

/// Numbers of one place: seams are computed twice, and differ by rounding.
struct Tolerance {
  double length;  // of positions and deltas
  double cell;    // side of the grid's cells
};

Tolerance tolerance_of(const BlendshapeData& model, const std::vector<bool>& used) {
  constexpr double kOfSize = 1e-6, kOfCoordinate = 5e-7;
  std::array<double, 3> low{}, high{};
  bool is_first = true;
  for (size_t v = 0; v < used.size(); ++v) {
    for (size_t k = 0; k < 3 && used[v]; ++k) {
      const double x = model.neutral[3 * v + k];
      low[k] = is_first ? x : std::min(low[k], x);
      high[k] = is_first ? x : std::max(high[k], x);
    }
    is_first &= !used[v];
  }
  double length = 0;
  for (size_t k = 0; k < 3; ++k) {
    length = std::max({length, kOfSize * (high[k] - low[k]), kOfCoordinate * std::max(-low[k], high[k])});
  }
  return {length, length > 0 ? 4 * length : 1};
}

bool are_near(const float* a, const float* b, double tolerance) {
  for (size_t k = 0; k < 3; ++k) {
    if (!(std::abs(static_cast<double>(a[k]) - b[k]) <= tolerance)) return false;
  }
  return true;
}

/// Points in a grid of cells; finds the first point that was added near another one.
class PointGrid {
 public:
  PointGrid(const float* points, size_t count, const Tolerance& tolerance)
      : points_(points), tolerance_(tolerance), slots_(std::bit_ceil(2 * count + 2), -1), next_(count, -1) {}

  /// The first point near `point`, which is added if there is none.
  int32_t find_or_add(int32_t point) {
    const float* p = at(point);
    std::array<int64_t, 3> low{}, high{};
    for (size_t k = 0; k < 3; ++k) {
      low[k] = cell_of(p[k] - tolerance_.length);
      high[k] = cell_of(p[k] + tolerance_.length);
    }
    for (int64_t x = low[0]; x <= high[0]; ++x) {
      for (int64_t y = low[1]; y <= high[1]; ++y) {
        for (int64_t z = low[2]; z <= high[2]; ++z) {
          for (int32_t other = slots_[slot_of(x, y, z)]; other >= 0; other = next_[static_cast<size_t>(other)]) {
            if (are_near(p, at(other), tolerance_.length)) return other;
          }
        }
      }
    }
    int32_t& slot = slots_[slot_of(cell_of(p[0]), cell_of(p[1]), cell_of(p[2]))];
    next_[static_cast<size_t>(point)] = slot;
    slot = point;
    return point;
  }

 private:
  const float* at(int32_t point) const { return points_ + 3 * static_cast<size_t>(point); }
  int64_t cell_of(double x) const { return static_cast<int64_t>(std::floor(x / tolerance_.cell)); }
  size_t slot_of(int64_t x, int64_t y, int64_t z) const {
    uint64_t hash = 0;
    for (const int64_t part : {x, y, z}) {
      hash = (hash ^ static_cast<uint64_t>(part)) * 0x9E3779B97F4A7C15;
      hash ^= hash >> 32;
    }
    return hash & (slots_.size() - 1);
  }

  const float* points_;
  Tolerance tolerance_;
  std::vector<int32_t> slots_;  // the last point of each chain
  std::vector<int32_t> next_;
};

/// Disjoint sets of vertices; the root of a set is its first vertex.
class Sets {
 public:
  explicit Sets(size_t count) : parents_(count) { std::iota(parents_.begin(), parents_.end(), 0); }
  int32_t root(int32_t vert) {
    while (parent(vert) != vert) vert = parent(vert) = parent(parent(vert));
    return vert;
  }
  void join(int32_t a, int32_t b) {
    a = root(a), b = root(b);
    any_ |= a != b;
    parent(std::max(a, b)) = std::min(a, b);
  }
  bool any() const { return any_; }
  std::vector<int32_t> roots() {
    for (size_t v = 0; v < parents_.size(); ++v) parents_[v] = root(static_cast<int32_t>(v));
    return std::move(parents_);
  }

 private:
  int32_t& parent(int32_t vert) { return parents_[static_cast<size_t>(vert)]; }
  std::vector<int32_t> parents_;
  bool any_ = false;
};

class SeamFinder {
 public:
  SeamFinder(const BlendshapeData& model, const std::vector<float>& normals)
      : model_(model), normals_(normals), sets_(static_cast<size_t>(model.num_verts())) {}

  std::vector<int32_t> run() {
    if (!find_places()) return {};
    join_equal_normals();
    join_along_edges();
    return sets_.any() ? sets_.roots() : std::vector<int32_t>{};
  }

 private:
  // A directed edge of a face between two places. `low` and `high` are the places' first vertices.
  struct Edge {
    int32_t low, high;
    int32_t from, to;
    int32_t face;
    bool is_forward;  // from the place `low` to `high`
  };

  // The vertices at one position under all coefficients and angles; false if each has a separate position.
  bool find_places() {
    const auto num_verts = static_cast<size_t>(model_.num_verts());
    const std::vector<bool> used = used_verts(model_);
    const Tolerance tolerance = tolerance_of(model_, used);
    tolerance_ = tolerance.length;
    PointGrid grid(model_.neutral.data(), num_verts, tolerance);
    places_.assign(num_verts, -1);
    for (size_t v = 0; v < num_verts; ++v) {
      if (!used[v]) continue;
      const int32_t vert = static_cast<int32_t>(v), first = grid.find_or_add(vert);
      if (first == vert) continue;
      places_[v] = places_[static_cast<size_t>(first)] = first;
    }
    collect_shared();
    if (shared_.empty()) return false;
    mark_eyeballs();
    part_motions();
    collect_shared();
    return !shared_.empty();
  }

  // The vertices that share a position, by position.
  void collect_shared() {
    shared_.clear();
    for (size_t v = 0; v < places_.size(); ++v) {
      if (places_[v] >= 0) shared_.push_back(static_cast<int32_t>(v));
    }
    std::stable_sort(shared_.begin(), shared_.end(), [&](int32_t a, int32_t b) { return place(a) < place(b); });
  }

  // Calls visit(vertex, kinds) for each shared vertex; `kinds` are vertices that earlier visits to its position stored
  // there.
  template <class Visit>
  void visit_places(const Visit& visit) const {
    std::vector<int32_t> kinds;
    int32_t last = -1;
    for (const int32_t vert : shared_) {
      if (place(vert) != last) kinds.clear();
      last = place(vert);
      visit(vert, kinds);
    }
  }

  // Splits each position into sets that move alike.
  void part_motions() {
    std::vector<int32_t> parts(places_.size(), -1);
    visit_places([&](int32_t vert, std::vector<int32_t>& kinds) {
      const auto same =
          std::find_if(kinds.begin(), kinds.end(), [&](int32_t other) { return move_alike(other, vert); });
      if (same != kinds.end()) {
        parts[static_cast<size_t>(vert)] = parts[static_cast<size_t>(*same)] = *same;
      } else if (kinds.size() < kMostKinds) {
        kinds.push_back(vert);
      }
    });
    places_ = std::move(parts);
  }

  void mark_eyeballs() {
    for (const Side side : {Side::kLeft, Side::kRight}) {
      const auto eyeball = find_eyeball(model_, side);
      if (!eyeball) continue;
      auto& marks = eyeballs_[static_cast<size_t>(side)];
      marks.resize(static_cast<size_t>(model_.num_verts()));
      for (const int64_t vert : eyeball->verts) marks[static_cast<size_t>(vert)] = true;
    }
  }

  const float* position(int32_t vert) const { return model_.neutral.data() + 3 * static_cast<size_t>(vert); }

  std::pair<size_t, size_t> deltas_of(int32_t vert) const {
    const auto v = static_cast<size_t>(vert);
    return {static_cast<size_t>(model_.vert_offsets[v]), static_cast<size_t>(model_.vert_offsets[v + 1])};
  }

  bool move_alike(int32_t a, int32_t b) const {
    constexpr float kSameWeight = 1e-3F;
    const auto i = static_cast<size_t>(a), j = static_cast<size_t>(b);
    if (!model_.head_weights.empty() && std::abs(model_.head_weights[i] - model_.head_weights[j]) > kSameWeight) {
      return false;
    }
    const auto turn_alike = [&](const std::vector<bool>& marks) { return marks.empty() || marks[i] == marks[j]; };
    return std::all_of(eyeballs_.begin(), eyeballs_.end(), turn_alike) && have_like_deltas(a, b);
  }

  // A shape that one of them does not list does not move it.
  bool have_like_deltas(int32_t a, int32_t b) const {
    static constexpr float kNone[3] = {0, 0, 0};
    auto [at_a, end_a] = deltas_of(a);
    auto [at_b, end_b] = deltas_of(b);
    while (at_a < end_a || at_b < end_b) {
      const int32_t shape_a = at_a < end_a ? model_.delta_shape[at_a] : INT32_MAX;
      const int32_t shape_b = at_b < end_b ? model_.delta_shape[at_b] : INT32_MAX;
      const float* delta_a = shape_a <= shape_b ? model_.deltas.data() + 3 * at_a++ : kNone;
      const float* delta_b = shape_b <= shape_a ? model_.deltas.data() + 3 * at_b++ : kNone;
      if (!are_near(delta_a, delta_b, tolerance_)) return false;
    }
    return true;
  }

  bool has_normal(int32_t vert) const {
    if (normals_.empty()) return false;
    const float* n = &normals_[3 * static_cast<size_t>(vert)];
    return n[0] != 0 || n[1] != 0 || n[2] != 0;
  }

  double cosine_of_normals(int32_t a, int32_t b) const {
    const auto normal = [&](int32_t vert) {
      return Eigen::Vector3d(Eigen::Map<const Eigen::Vector3f>(&normals_[3 * static_cast<size_t>(vert)]).cast<double>())
          .normalized();
    };
    return normal(a).dot(normal(b));
  }

  void join_equal_normals() {
    if (normals_.empty()) return;
    visit_places([&](int32_t vert, std::vector<int32_t>& kinds) {
      if (!has_normal(vert)) return;
      const auto same = std::find_if(kinds.begin(), kinds.end(),
                                     [&](int32_t other) { return cosine_of_normals(other, vert) >= kSameNormal; });
      if (same != kinds.end()) {
        sets_.join(*same, vert);
      } else if (kinds.size() < kMostKinds) {
        kinds.push_back(vert);
      }
    });
  }

  bool is_shared(int32_t vert) const { return places_[static_cast<size_t>(vert)] >= 0; }
  int32_t place(int32_t vert) const { return is_shared(vert) ? places_[static_cast<size_t>(vert)] : vert; }

  // The edges of opaque faces with an end that several vertices share.
  std::vector<Edge> edges_at_places() const {
    std::vector<bool> hidden;
    const std::vector<std::string> transparent = transparent_groups(model_);
    for (const std::string& name : model_.group_names) {
      hidden.push_back(std::find(transparent.begin(), transparent.end(), name) != transparent.end());
    }
    std::vector<Edge> edges;
    for (size_t face = 0; face < static_cast<size_t>(model_.num_faces()); ++face) {
      const int32_t group = model_.face_groups.empty() ? -1 : model_.face_groups[face];
      if (group >= 0 && hidden[static_cast<size_t>(group)]) continue;
      for (size_t k = 0; k < 3; ++k) {
        const int32_t from = model_.faces[3 * face + k], to = model_.faces[3 * face + (k + 1) % 3];
        if (!is_shared(from) && !is_shared(to)) continue;
        const int32_t a = place(from), b = place(to);
        if (a == b) continue;
        edges.push_back({std::min(a, b), std::max(a, b), from, to, static_cast<int32_t>(face), a < b});
      }
    }
    return edges;
  }

  void join_along_edges() {
    if (std::all_of(shared_.begin(), shared_.end(), [&](int32_t vert) { return has_normal(vert); })) return;
    std::vector<Edge> edges = edges_at_places();
    const auto key = [](const Edge& edge) { return std::pair(edge.low, edge.high); };
    std::stable_sort(edges.begin(), edges.end(), [&](const Edge& a, const Edge& b) { return key(a) < key(b); });
    for (size_t begin = 0, end = 0; begin < edges.size(); begin = end) {
      while (end < edges.size() && key(edges[end]) == key(edges[begin])) ++end;
      join_borders({edges.begin() + static_cast<ptrdiff_t>(begin), edges.begin() + static_cast<ptrdiff_t>(end)});
    }
  }

  // Each border of the surface along an edge continues in the opposite one with the smallest bend.
  void join_borders(const std::vector<Edge>& edges) {
    std::vector<Edge> forward, backward;
    if (edges.size() > 2 * kMostEdges) return;
    for (const Edge& edge : edges) {
      const auto is_reverse = [&](const Edge& other) { return other.from == edge.to && other.to == edge.from; };
      if (std::none_of(edges.begin(), edges.end(), is_reverse)) (edge.is_forward ? forward : backward).push_back(edge);
    }
    for (const Edge& edge : forward) {
      if (backward.empty()) return;
      const auto next = std::max_element(backward.begin(), backward.end(), [&](const Edge& a, const Edge& b) {
        return cosine_of_faces(edge.face, a.face) < cosine_of_faces(edge.face, b.face);
      });
      if (cosine_of_faces(edge.face, next->face) <= kOtherSide) continue;
      join_ends(edge.from, next->to);
      join_ends(edge.to, next->from);
      backward.erase(next);
    }
  }

  void join_ends(int32_t a, int32_t b) {
    if (!has_normal(a) || !has_normal(b)) sets_.join(a, b);
  }

  double cosine_of_faces(int32_t a, int32_t b) const { return unit_normal(a).dot(unit_normal(b)); }

  Eigen::Vector3d unit_normal(int32_t face) const {
    std::array<Eigen::Vector3d, 3> p;
    for (size_t k = 0; k < 3; ++k) {
      p[k] =
          Eigen::Map<const Eigen::Vector3f>(position(model_.faces[3 * static_cast<size_t>(face) + k])).cast<double>();
    }
    return (p[1] - p[0]).cross(p[2] - p[0]).stableNormalized();
  }

  const BlendshapeData& model_;
  const std::vector<float>& normals_;
  Sets sets_;
  std::array<std::vector<bool>, 2> eyeballs_;  // by side; empty without one
  std::vector<int32_t> places_;                // [V] the first vertex at the position, -1 for a single vertex
  std::vector<int32_t> shared_;                // the vertices that share a position, by position
  double tolerance_ = 0;
};

}  // namespace

std::vector<int32_t> find_normal_verts(const BlendshapeData& model, const std::vector<float>& normals) {
  return SeamFinder(model, normals).run();
}

std::vector<float> neutral_normals(const BlendshapeData& model) {
  std::vector<Eigen::Vector3d> sums(static_cast<size_t>(model.num_verts()), Eigen::Vector3d::Zero());
  const auto position = [&](int32_t vert) -> Eigen::Vector3d {
    return Eigen::Map<const Eigen::Vector3f>(model.neutral.data() + 3 * static_cast<size_t>(vert)).cast<double>();
  };
  const auto shared = [&](size_t vert) {
    return model.normal_verts.empty() ? vert : static_cast<size_t>(model.normal_verts[vert]);
  };
  for (size_t f = 0; f < model.faces.size(); f += 3) {
    const Eigen::Vector3d first = position(model.faces[f]);
    const Eigen::Vector3d cross = (position(model.faces[f + 1]) - first).cross(position(model.faces[f + 2]) - first);
    for (size_t k = 0; k < 3; ++k) sums[shared(static_cast<size_t>(model.faces[f + k]))] += cross;
  }
  std::vector<float> normals;
  normals.reserve(3 * sums.size());
  for (size_t v = 0; v < sums.size(); ++v) {
    const Eigen::Vector3d unit = sums[shared(v)].stableNormalized();
    for (const double part : {unit.x(), unit.y(), unit.z()}) normals.push_back(static_cast<float>(part));
  }
  return normals;
}

}  // namespace bisque
