#include <bisque/ops3d/io/ear_clipping.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace bisque {
namespace {

// Twice the signed area of a triangle; positive if it is counterclockwise.
double orient(const Point2& a, const Point2& b, const Point2& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

bool coincide(const Point2& a, const Point2& b) { return a.x == b.x && a.y == b.y; }

struct Box {
  Point2 low;
  Point2 high;
};

Box box_of(std::span<const Point2> points) {
  Box box{points[0], points[0]};
  for (const Point2& point : points) {
    box.low = {std::min(box.low.x, point.x), std::min(box.low.y, point.y)};
    box.high = {std::max(box.high.x, point.x), std::max(box.high.y, point.y)};
  }
  return box;
}

// A uniform grid of the points that can be in an ear.
class PointGrid {
 public:
  PointGrid(std::span<const Point2> points, const std::vector<int32_t>& members) : box_(box_of(points)) {
    side_ = static_cast<int32_t>(std::clamp(std::sqrt(static_cast<double>(members.size()) / 2), 1.0, 1024.0));
    scale_ = {scale(box_.low.x, box_.high.x), scale(box_.low.y, box_.high.y)};
    const auto num_cells = static_cast<size_t>(side_) * static_cast<size_t>(side_);
    begins_.resize(num_cells + 1);
    for (const int32_t i : members) ++begins_[cell_of(points[static_cast<size_t>(i)]) + 1];
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    ends_.assign(begins_.begin(), begins_.end() - 1);
    entries_.resize(members.size());
    for (const int32_t i : members) {
      entries_[static_cast<size_t>(ends_[cell_of(points[static_cast<size_t>(i)])]++)] = i;
    }
  }

  // Whether `blocks(i)` is true for a point of the cells that overlap `box`; removes the points that `is_gone`.
  template <class IsGone, class Blocks>
  bool any(const Box& box, int64_t& steps, const IsGone& is_gone, const Blocks& blocks) {
    const int32_t first_column = column_of(box.low), last_column = column_of(box.high);
    const int32_t last_row = row_of(box.high);
    for (int32_t row = row_of(box.low); row <= last_row; ++row) {
      for (int32_t column = first_column; column <= last_column; ++column) {
        --steps;
        const auto cell = static_cast<size_t>(row) * static_cast<size_t>(side_) + static_cast<size_t>(column);
        for (int32_t at = begins_[cell]; at < ends_[cell];) {
          --steps;
          int32_t& entry = entries_[static_cast<size_t>(at)];
          if (is_gone(entry)) {
            std::swap(entry, entries_[static_cast<size_t>(--ends_[cell])]);
            continue;
          }
          if (blocks(entry)) return true;
          ++at;
        }
      }
    }
    return false;
  }

 private:
  double scale(double low, double high) const { return high > low ? side_ / (high - low) : 0; }
  int32_t line_of(double offset, double scale) const {
    return std::clamp(static_cast<int32_t>(std::min(offset * scale, static_cast<double>(side_))), 0, side_ - 1);
  }
  int32_t column_of(const Point2& point) const { return line_of(point.x - box_.low.x, scale_.x); }
  int32_t row_of(const Point2& point) const { return line_of(point.y - box_.low.y, scale_.y); }
  size_t cell_of(const Point2& point) const {
    return static_cast<size_t>(row_of(point)) * static_cast<size_t>(side_) + static_cast<size_t>(column_of(point));
  }

  Box box_;
  int32_t side_ = 1;
  Point2 scale_;
  std::vector<int32_t> begins_;  // of the cells in entries_
  std::vector<int32_t> ends_;
  std::vector<int32_t> entries_;
};

class EarClipper {
 public:
  EarClipper(std::span<const Point2> points, int64_t& steps, std::vector<std::array<int32_t, 3>>& triangles)
      : points_(points),
        triangles_(triangles),
        left_(static_cast<int64_t>(points.size())),
        steps_(steps),
        next_(points.size()),
        previous_(points.size()),
        is_queued_(points.size()),
        grid_(points, link_and_find_blockers()) {}

  bool run() {
    bool is_strict = true;  // accept only ears with an area that no corner touches
    while (left_ > 3) {
      const int64_t before = left_;
      queue_all();
      for (size_t i = 0; i < queue_.size() && left_ > 3; ++i) {
        if (steps_ <= 0) return clip_fan(false);
        const int32_t tip = queue_[i];
        is_queued_[at(tip)] = false;
        if (is_removed(tip) || !is_ear(tip, is_strict)) continue;
        clip(tip);
        is_strict = true;
      }
      if (left_ == before && !is_strict) return clip_fan(true);
      if (left_ == before) is_strict = false;
    }
    return clip_fan(true);
  }

 private:
  static size_t at(int32_t corner) { return static_cast<size_t>(corner); }
  const Point2& point(int32_t corner) const { return points_[at(corner)]; }
  bool is_removed(int32_t corner) const { return next_[at(corner)] < 0; }
  bool is_convex(int32_t corner) const {
    return orient(point(previous_[at(corner)]), point(corner), point(next_[at(corner)])) > 0;
  }

  // Only corners that are not convex can be in the triangle of another one without another corner that is.
  std::vector<int32_t> link_and_find_blockers() {
    const auto count = static_cast<int32_t>(points_.size());
    for (int32_t i = 0; i < count; ++i) {
      next_[at(i)] = i + 1 == count ? 0 : i + 1;
      previous_[at(i)] = i == 0 ? count - 1 : i - 1;
    }
    std::vector<int32_t> blockers;
    for (int32_t i = 0; i < count; ++i) {
      if (!is_convex(i)) blockers.push_back(i);
    }
    return blockers;
  }

  void enqueue(int32_t corner) {
    if (is_queued_[at(corner)]) return;
    is_queued_[at(corner)] = true;
    queue_.push_back(corner);
  }

  // Every other corner first, which gives better-shaped triangles than consecutive ones.
  void queue_all() {
    queue_.clear();
    for (const bool is_odd : {false, true}) {
      int32_t corner = first_;
      for (int64_t i = 0; i < left_; ++i, corner = next_[at(corner)]) {
        if ((i % 2 == 1) == is_odd) enqueue(corner);
      }
    }
    steps_ -= 2 * left_;
  }

  bool is_ear(int32_t tip, bool is_strict) {
    const std::array<int32_t, 3> corners{previous_[at(tip)], tip, next_[at(tip)]};
    const std::array<Point2, 3> ear{point(corners[0]), point(corners[1]), point(corners[2])};
    --steps_;
    const double area = orient(ear[0], ear[1], ear[2]);
    if (is_strict ? !(area > 0) : !(area >= 0)) return false;
    const auto is_gone = [&](int32_t i) { return is_removed(i) || is_convex(i); };
    const auto blocks = [&](int32_t i) {
      const bool is_own = i == corners[0] || i == corners[1] || i == corners[2];
      return !is_own && (is_strict ? touches(ear, i) : is_inside(ear, i));
    };
    return !grid_.any(box_of(ear), steps_, is_gone, blocks);
  }

  bool is_inside(const std::array<Point2, 3>& ear, int32_t corner) const {
    const Point2& p = point(corner);
    return orient(ear[0], ear[1], p) > 0 && orient(ear[1], ear[2], p) > 0 && orient(ear[2], ear[0], p) > 0;
  }

  // Whether the polygon enters the ear at this corner, or touches it there.
  bool touches(const std::array<Point2, 3>& ear, int32_t corner) const {
    const Point2& p = point(corner);
    for (size_t k = 0; k < 3; ++k) {
      if (orient(ear[k], ear[(k + 1) % 3], p) < 0) return false;
    }
    for (size_t k = 0; k < 3; ++k) {
      if (!coincide(p, ear[k])) continue;
      const auto enters = [&](int32_t neighbour) {
        const Point2& q = point(neighbour);
        return orient(ear[k], ear[(k + 1) % 3], q) > 0 && orient(ear[k], q, ear[(k + 2) % 3]) > 0;
      };
      return enters(previous_[at(corner)]) || enters(next_[at(corner)]);
    }
    return true;
  }

  void clip(int32_t tip) {
    const int32_t before = previous_[at(tip)], after = next_[at(tip)];
    triangles_.push_back({before, tip, after});
    next_[at(before)] = after;
    previous_[at(after)] = before;
    next_[at(tip)] = -1;
    first_ = after;
    --left_;
    enqueue(before);
    enqueue(after);
  }

  // The rest, as a fan.
  bool clip_fan(bool result) {
    const int32_t center = first_;
    for (int32_t i = next_[at(center)]; next_[at(i)] != center; i = next_[at(i)]) {
      triangles_.push_back({center, i, next_[at(i)]});
    }
    return result;
  }

  std::span<const Point2> points_;
  std::vector<std::array<int32_t, 3>>& triangles_;
  int64_t left_;    // remaining corners
  int64_t& steps_;  // remaining steps
  int32_t first_ = 0;
  std::vector<int32_t> next_;  // -1 for a clipped corner
  std::vector<int32_t> previous_;
  std::vector<bool> is_queued_;
  std::vector<int32_t> queue_;
  PointGrid grid_;
};

}  // namespace

bool clip_ears(std::span<const Point2> polygon, int64_t& steps, std::vector<std::array<int32_t, 3>>& triangles) {
  return EarClipper(polygon, steps, triangles).run();
}

}  // namespace bisque
