// Internal. Rings of verts around the openings of the demo head.
#pragma once
#include <utility>
#include <vector>

#include <bisque/renderer/models/demo_head/half_mesh.h>

namespace bisque::demo {

/// A position on a ring: whether it is on the upper side, and how far along it (like Place::along).
struct LoopPoint {
  bool upper;
  double along;
};

/// Adds rings to a mesh, each joined to the previous one; the first is joined to the perimeter, verts of the mesh. A
/// closed ring ends where it began; an open one begins and ends on the midline.
class RingBuilder {
 public:
  /// `loop` has one point for each vertex of the perimeter.
  RingBuilder(HalfMesh& mesh, const std::vector<int32_t>& perimeter, std::vector<LoopPoint> loop, bool closed)
      : mesh_(mesh), outer_(perimeter), loop_(std::move(loop)), closed_(closed) {}

  int size() const { return static_cast<int>(outer_.size()); }
  const LoopPoint& at(int k) const { return loop_[k]; }
  /// The verts of the last ring.
  const std::vector<int32_t>& outer() const { return outer_; }

  /// `point_of(k)` is the position of the ring's k-th vertex.
  template <typename PointOf>
  void add(Part upper, Part lower, double across, const PointOf& point_of) {
    std::vector<int32_t> ring;
    for (int k = 0; k < size(); ++k) ring.push_back(add_vert(k, at(k).upper ? upper : lower, across, point_of(k)));
    join(ring);
  }
  int32_t add_vert(int k, Part part, double across, Vec3 position);
  /// Makes `ring`, verts of the mesh, the last ring.
  void join(const std::vector<int32_t>& ring);

 private:
  HalfMesh& mesh_;
  std::vector<int32_t> outer_;
  std::vector<LoopPoint> loop_;
  bool closed_;
  int rows_ = 0;
};

}  // namespace bisque::demo
