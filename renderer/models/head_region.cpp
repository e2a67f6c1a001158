#include <bisque/renderer/models/head_region.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

constexpr double kNegligible = 0.05;    // of the largest displacement
constexpr double kSmallHead = 1.0 / 3;  // of the model's height
constexpr double kBodyBelow = 2;   // a body extends this much farther below the moving part than the model above it
constexpr float kFollows = 0.99F;  // minimum weight of a vertex that follows the joint completely
constexpr float kHalf = 0.5F;

// Sizes around the moving part, in units of its longest side.
constexpr double kAbove = 2, kBeside = 0.75, kInFront = 0.75, kBehind = 1.25;
// A face is about as high as wide: if less moves (only the eyes), the head extends farther below it.
constexpr double kFaceHeight = 0.8;  // of its width
// In units of the head's height above the lower end of the moving part.
constexpr double kChin = 0.15, kNeck = 0.35;
// Distance beside the head at which the turn fades out, in units of its half width and depth.
constexpr double kFadeFrom = 1.25, kFadeTo = 2;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Box empty_box() { return {{kInfinity, kInfinity, kInfinity}, {-kInfinity, -kInfinity, -kInfinity}}; }

bool is_empty(const Box& box) { return !(box.low[0] <= box.high[0]); }

void extend(Box& box, const float* point) {
  for (size_t k = 0; k < 3; ++k) {
    box.low[k] = std::min(box.low[k], point[k]);
    box.high[k] = std::max(box.high[k], point[k]);
  }
}

double side(const Box& box, size_t axis) { return static_cast<double>(box.high[axis]) - box.low[axis]; }

double middle_of(const Box& box, size_t axis) { return (static_cast<double>(box.high[axis]) + box.low[axis]) / 2; }

const float* vert_of(const BlendshapeData& model, size_t vert) { return model.neutral.data() + 3 * vert; }

template <class Choose>
Box box_of(const BlendshapeData& model, const Choose& choose) {
  Box box = empty_box();
  for (size_t v = 0; v < static_cast<size_t>(model.num_verts()); ++v) {
    if (choose(v)) extend(box, vert_of(model, v));
  }
  return box;
}

bool is_any(const std::vector<bool>& flags) { return std::find(flags.begin(), flags.end(), true) != flags.end(); }

/// Calls visit(vertex, shape, squared length) for each delta.
template <class Visit>
void each_delta(const BlendshapeData& model, const Visit& visit) {
  for (size_t v = 0; v < static_cast<size_t>(model.num_verts()); ++v) {
    for (auto d = static_cast<size_t>(model.vert_offsets[v]); d < static_cast<size_t>(model.vert_offsets[v + 1]); ++d) {
      const double x = model.deltas[3 * d], y = model.deltas[3 * d + 1], z = model.deltas[3 * d + 2];
      visit(v, static_cast<size_t>(model.delta_shape[d]), x * x + y * y + z * z);
    }
  }
}

bool is_considerable(double square, double largest) {
  return square > 0 && square >= kNegligible * kNegligible * largest;
}

/// The shapes that move less than a third of the model's height.
std::vector<bool> small_shapes(const BlendshapeData& model, double model_height) {
  const size_t count = model.shape_names.size();
  std::vector<double> largest(count);
  std::vector<float> low(count, kInfinity), high(count, -kInfinity);
  each_delta(model, [&](size_t, size_t shape, double square) { largest[shape] = std::max(largest[shape], square); });
  each_delta(model, [&](size_t v, size_t shape, double square) {
    if (!is_considerable(square, largest[shape])) return;
    low[shape] = std::min(low[shape], vert_of(model, v)[1]);
    high[shape] = std::max(high[shape], vert_of(model, v)[1]);
  });
  std::vector<bool> small(count);
  for (size_t s = 0; s < count; ++s) {
    small[s] = low[s] <= high[s] && static_cast<double>(high[s]) - low[s] < kSmallHead * model_height;
  }
  return small;
}

std::vector<bool> facial_shapes(const BlendshapeData& model, double model_height) {
  std::vector<bool> facial;
  for (const std::string& name : model.shape_names) {
    const auto& known = arkit_names();
    facial.push_back(std::find(known.begin(), known.end(), resolve_shape_name(name).key) != known.end());
  }
  if (!is_any(facial)) facial = small_shapes(model, model_height);
  if (!is_any(facial)) facial.assign(facial.size(), true);
  return facial;
}

/// Whether facial shapes move each vertex by more than a negligible length.
std::vector<bool> moved_verts(const BlendshapeData& model, double model_height) {
  const std::vector<bool> facial = facial_shapes(model, model_height);
  std::vector<double> squares(static_cast<size_t>(model.num_verts()));
  double largest = 0;
  each_delta(model, [&](size_t v, size_t shape, double square) {
    if (!facial[shape]) return;
    squares[v] = std::max(squares[v], square);
    largest = std::max(largest, square);
  });
  std::vector<bool> moved(squares.size());
  for (size_t v = 0; v < squares.size(); ++v) moved[v] = is_considerable(squares[v], largest);
  return moved;
}

/// Whether the model's head weights are usable: they separate the head from a body, and the face follows the joint.
bool weights_part_the_head(const BlendshapeData& model, const std::vector<bool>& used, const std::vector<bool>& moved) {
  bool has_body = false, has_head = false;
  double moved_weight = 0, moved_count = 0;
  for (size_t v = 0; v < model.head_weights.size(); ++v) {
    if (!used[v]) continue;
    has_body |= model.head_weights[v] < kFollows;
    has_head |= model.head_weights[v] >= kHalf;
    if (moved[v]) moved_weight += model.head_weights[v], moved_count += 1;
  }
  return has_body && has_head && moved_weight >= kHalf * moved_count;
}

double smooth_step(double from, double to, double x) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

class HeadFinder {
 public:
  explicit HeadFinder(const BlendshapeData& model) : model_(model), used_(used_verts(model)) {}

  HeadRegion run() {
    region_.model = box_of(model_, [&](size_t v) { return used_[v]; });
    if (is_empty(region_.model)) region_.model = {{0, 0, 0}, {0, 0, 0}};
    region_.head = region_.model;
    region_.pivot = region_.model.middle();
    moved_ = moved_verts(model_, side(region_.model, 1));
    has_weights_ = weights_part_the_head(model_, used_, moved_);
    face_ = box_of(model_, [&](size_t v) { return used_[v] && moved_[v]; });
    const bool moves = !is_empty(face_);
    if (!moves && has_weights_) face_ = box_of(model_, [&](size_t v) { return used_[v] && follows_joint(v); });
    region_.is_known = !is_empty(face_);
    if (!region_.is_known) return std::move(region_);
    region_.is_small = moves && side(face_, 1) < kSmallHead * side(region_.model, 1) && (has_weights_ || is_far_up());
    find_head_box();
    if (has_weights_) {
      take_weights();
    } else if (region_.is_small) {
      make_weights();
    }
    return std::move(region_);
  }

 private:
  bool follows_joint(size_t vert) const { return model_.head_weights[vert] >= kHalf; }

  bool is_far_up() const {
    const double y = middle_of(face_, 1);
    return y - region_.model.low[1] >= kBodyBelow * (region_.model.high[1] - y);
  }

  // The head is the region around the face: the hair, the eyes and the skull, which no shape moves.
  void find_head_box() {
    const double size = std::max({side(face_, 0), side(face_, 1), side(face_, 2)});
    Box near = face_;
    const auto widen = [&](size_t axis, double below, double above) {
      near.low[axis] = static_cast<float>(face_.low[axis] - below * size);
      near.high[axis] = static_cast<float>(face_.high[axis] + above * size);
    };
    widen(0, kBeside, kBeside);
    widen(1, 0, kAbove);
    widen(2, kBehind, kInFront);
    Box head = box_of(model_, [&](size_t v) {
      return used_[v] && near.contains(vert_of(model_, v)) && (!has_weights_ || follows_joint(v));
    });
    extend(head, face_.low.data());
    extend(head, face_.high.data());
    head_height_ = side(head, 1);
    const double below = std::max(0.0, kFaceHeight * side(face_, 0) - side(face_, 1));
    head.low[1] = std::max(region_.model.low[1], static_cast<float>(face_.low[1] - kChin * head_height_ - below));
    region_.head = head;
  }

  void take_weights() {
    region_.pivot = model_.head_joint;
    region_.weights.assign(model_.head_weights.begin(), model_.head_weights.end());
    add_eyeballs();
  }

  void make_weights() {
    const double x = middle_of(region_.head, 0), z = middle_of(region_.head, 2);
    const double width = side(region_.head, 0) / 2, depth = side(region_.head, 2) / 2;
    const double end = face_.low[1], neck = kNeck * head_height_;
    region_.pivot = neck_middle(end - neck / 2);
    const auto beside = [](double distance, double half) { return half > 0 ? distance / half : 0; };
    for (size_t v = 0; v < static_cast<size_t>(model_.num_verts()); ++v) {
      const float* p = vert_of(model_, v);
      const double away = std::max(beside(std::abs(p[0] - x), width), beside(std::abs(p[2] - z), depth));
      const double weight = smooth_step(end - neck, end, p[1]) * (1 - smooth_step(kFadeFrom, kFadeTo, away));
      region_.weights.push_back(static_cast<float>(moved_[v] ? std::max(weight, p[1] >= end ? 1.0 : 0.0) : weight));
    }
    add_eyeballs();
  }

  // The middle of the neck, between the lower end of the moving part and `below`.
  std::array<float, 3> neck_middle(double below) const {
    Box slab = region_.head;
    slab.low[1] = static_cast<float>(below);
    slab.high[1] = face_.low[1];
    const Box neck = box_of(model_, [&](size_t v) { return used_[v] && slab.contains(vert_of(model_, v)); });
    const std::array<float, 3> middle = (is_empty(neck) ? region_.head : neck).middle();
    return {middle[0], face_.low[1], middle[2]};
  }

  void add_eyeballs() {
    for (const Side side : {Side::kLeft, Side::kRight}) {
      const auto eyeball = find_eyeball(model_, side);
      if (!eyeball) continue;
      for (const int64_t vert : eyeball->verts) region_.weights[static_cast<size_t>(vert)] = 1;
    }
  }

  const BlendshapeData& model_;
  const std::vector<bool> used_;
  std::vector<bool> moved_;
  bool has_weights_ = false;
  Box face_{};              // of the moving part
  double head_height_ = 0;  // above the lower end of the moving part
  HeadRegion region_;
};

}  // namespace

bool Box::contains(const float* point) const {
  for (size_t k = 0; k < 3; ++k) {
    if (!(point[k] >= low[k] && point[k] <= high[k])) return false;
  }
  return true;
}

std::array<float, 3> Box::middle() const {
  std::array<float, 3> middle{};
  for (size_t k = 0; k < 3; ++k) middle[k] = (low[k] + high[k]) / 2;
  return middle;
}

std::vector<bool> used_verts(const BlendshapeData& model) {
  std::vector<bool> used(static_cast<size_t>(model.num_verts()), model.faces.empty());
  for (const int32_t vert : model.faces) used[static_cast<size_t>(vert)] = true;
  return used;
}

HeadRegion find_head(const BlendshapeData& model) { return HeadFinder(model).run(); }

}  // namespace bisque
