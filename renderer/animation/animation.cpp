#include <bisque/renderer/animation/animation.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <bisque/core/error.h>

namespace bisque {
namespace {

Binding bind_shapes(const Take& take, const BlendshapeData& model) {
  Binding binding = bind_by_name(take.names, model.shape_names, corrective_shapes(model));
  if (binding.bound.empty() && !binding.model_lacks.empty()) {
    fail("Animation: the take and the model have no shape name in common; expected ARKit's names or another known ",
         "spelling in both, or a binding by a name map.");
  }
  return binding;
}

void check_take(const Take& take) {
  const int64_t columns = static_cast<int64_t>(take.names.size());
  if (static_cast<int64_t>(take.values.size()) != take.num_frames * columns || take.rate.num < 1 || take.rate.den < 1) {
    fail("Animation: the take has ", take.values.size(), " values in ", take.num_frames, " frames of ", columns,
         " columns at ", take.rate.num, "/", take.rate.den, " Hz, expected a value per frame and column and a rate.");
  }
}

void check_binding(const Binding& binding, const Take& take, const BlendshapeData& model) {
  const auto columns = static_cast<int64_t>(take.names.size());
  const auto fits = [&](const BoundShape& bound) {
    return bound.column >= 0 && bound.column < columns && bound.shape >= 0 && bound.shape < model.num_shapes();
  };
  const auto is_column = [&](int64_t column) { return column < columns; };
  if (binding.num_columns != columns || binding.num_shapes != model.num_shapes() ||
      !std::all_of(binding.bound.begin(), binding.bound.end(), fits) ||
      !std::all_of(binding.angle_columns.begin(), binding.angle_columns.end(), is_column)) {
    fail("Animation: the binding is of ", binding.num_columns, " columns to ", binding.num_shapes,
         " shapes, expected one of the take's ", columns, " columns to the model's ", model.num_shapes(), " shapes.");
  }
}

void check_overrides(const std::vector<float>& overrides, const BlendshapeData& model) {
  if (overrides.empty() || static_cast<int64_t>(overrides.size()) == model.num_shapes()) return;
  fail("Animation: expected an override for each of the model's ", model.num_shapes(), " shapes, or none, but got ",
       overrides.size(), ".");
}

}  // namespace

void check_take_part(const TakePart& part, int64_t num_frames, const std::string& prefix) {
  if (part.start < 0 || part.start >= num_frames) {
    fail(prefix, "start is ", part.start, "; the take has frames 0 to ", num_frames - 1, ".");
  }
  const int64_t end = part.end.value_or(num_frames);
  if (end <= part.start || end > num_frames) {
    fail(prefix, "end is ", end, "; expected one after ", prefix, "start (", part.start, ") and at most ", num_frames,
         ".");
  }
}

Animation::Animation(const BlendshapeData& model, std::vector<float> overrides)
    : overrides_(std::move(overrides)), num_shapes_(model.num_shapes()) {
  check_overrides(overrides_, model);
}

Animation::Animation(const BlendshapeData& model, Take take, AnimationOptions options)
    : take_(std::move(take)),
      binding_(options.binding ? std::move(*options.binding) : bind_shapes(take_, model)),
      overrides_(std::move(options.overrides)),
      num_shapes_(model.num_shapes()),
      start_(options.part.start),
      with_angles_(options.with_angles) {
  check_take(take_);
  check_binding(binding_, take_, model);
  check_overrides(overrides_, model);
  check_take_part(options.part, take_.num_frames);
  seconds_ = static_cast<double>(options.part.end.value_or(take_.num_frames) - start_) / take_.rate.hz();
}

int64_t Animation::num_frames(FrameRate rate) const { return std::max<int64_t>(1, std::llround(seconds_ * rate.hz())); }

BoundFrame Animation::frame_at(double seconds) const {
  if (!std::isfinite(seconds)) fail("Animation: expected a finite time, but got ", seconds, ".");
  BoundFrame frame;
  if (take_.num_frames > 0) {
    const double position = static_cast<double>(start_) + seconds * take_.rate.hz();
    frame = bound_frame(take_, binding_, std::clamp(position, 0.0, static_cast<double>(take_.num_frames)));
  }
  frame.coefficients.resize(static_cast<size_t>(num_shapes_));
  for (size_t i = 0; i < overrides_.size(); ++i) {
    if (!std::isnan(overrides_[i])) frame.coefficients[i] = overrides_[i];
  }
  return frame;
}

at::Tensor Animation::coefficients(double seconds) const {
  return at::tensor(frame_at(seconds).coefficients).unsqueeze(0);
}

Pose Animation::pose(double seconds) const {
  Pose pose;
  if (take_.num_frames == 0 || !with_angles_) return pose;
  const BoundFrame frame = frame_at(seconds);
  at::Tensor* parts[] = {&pose.head, &pose.left_eye, &pose.right_eye};
  for (size_t part = 0; part < 3; ++part) {
    const auto columns = binding_.angle_columns.begin() + 3 * static_cast<std::ptrdiff_t>(part);
    const bool turns = std::any_of(columns, columns + 3, [](int64_t column) { return column >= 0; });
    if (turns) *parts[part] = at::tensor(at::ArrayRef<float>(frame.angles.data() + 3 * part, 3)).unsqueeze(0);
  }
  return pose;
}

}  // namespace bisque
