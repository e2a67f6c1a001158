// Animation: what a model shows over time.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/take.h>

namespace bisque {

/// The frames of a take from `start` up to `end`, which is excluded.
struct TakePart {
  int64_t start = 0;
  std::optional<int64_t> end = std::nullopt;  // nothing: the take's end
};

/// Error: a part that is empty or not in a take of `num_frames`. `prefix` precedes the names start and end in messages.
void check_take_part(const TakePart& part, int64_t num_frames, const std::string& prefix = "");

struct AnimationOptions {
  std::optional<Binding> binding = std::nullopt;  // of the take to the model; nothing: by name, with bind_by_name
  std::vector<float> overrides = {};  // [S] coefficients for all times (override_coefficients), NaN for none; or empty
  TakePart part = {};
  bool with_angles = true;  // false: the head and the eyes do not turn
};

/// The coefficients of a model's shapes and the angles of its head and eyes over time: those of a take, except for
/// shapes with an override. Time 0 is the first frame of the take's part, or of the whole take.
///
///   const Animation animation(data, read_take("take.csv"));
///   const at::Tensor coefficients = animation.coefficients(0.5);  // [1, S], half a second later
class Animation {
 public:
  /// Without a take: one moment, with coefficients of 0. Error: overrides of another length than the model's shapes.
  explicit Animation(const BlendshapeData& model, std::vector<float> overrides = {});

  /// Error: a take that has shapes, of which the model has none; a part that is not in the take; a binding or overrides
  /// for another model or take.
  Animation(const BlendshapeData& model, Take take, AnimationOptions options = {});

  /// Coefficients and angles at a time. Between frames of the take they are interpolated linearly; before and after the
  /// take they are those of its first and last frame. Error: a time that is not finite.
  BoundFrame frame_at(double seconds) const;
  /// The coefficients at a time as [1, S] float32, for BlendshapeModel.
  at::Tensor coefficients(double seconds) const;
  /// The angles at a time; undefined for parts that the take does not turn.
  Pose pose(double seconds) const;

  /// The length of the take's part; 0 without a take.
  double seconds() const { return seconds_; }
  /// The rate of the take; that of FrameRate without a take.
  FrameRate rate() const { return take_.rate; }
  /// The frames at this rate that begin before the end, at least 1.
  int64_t num_frames(FrameRate rate) const;
  int64_t num_frames() const { return num_frames(rate()); }
  int64_t num_shapes() const { return num_shapes_; }

 private:
  Take take_;  // without frames if there is none
  Binding binding_;
  std::vector<float> overrides_;
  int64_t num_shapes_ = 0;
  int64_t start_ = 0;  // frame of the take at time 0
  double seconds_ = 0;
  bool with_angles_ = true;
};

}  // namespace bisque
