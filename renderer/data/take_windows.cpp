#include <bisque/renderer/data/take_windows.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include <bisque/core/data/dataset.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/binding.h>
#include <bisque/renderer/takes/read_take.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque::data {
namespace {

TakeWindowsOptions checked(TakeWindowsOptions options, size_t num_takes) {
  if (options.length < 1) fail("TakeWindows: expected a length of 1 or more, but got ", options.length, ".");
  if (options.stride < 0) fail("TakeWindows: expected a stride of 0 or more, but got ", options.stride, ".");
  if (num_takes == 0) fail("TakeWindows: expected one take or more, but got none.");
  if (options.stride == 0) options.stride = options.length;
  return options;
}

/// The columns of a take for each name: those of shapes as they bind to a model with shapes of these names, and angles.
Binding bind_names(const Take& take, const std::vector<std::string>& names, const std::string& where) {
  Binding binding = bind_by_name(take.names, names);
  for (size_t i = 0; i < names.size(); ++i) {
    const int angle = resolve_shape_name(names[i]).angle;
    const int64_t column = angle < 0 ? -1 : binding.angle_columns[static_cast<size_t>(angle)];
    if (column >= 0) binding.bound.push_back({column, static_cast<int64_t>(i), 1});
  }
  std::vector<bool> is_bound(names.size());
  for (const BoundShape& bound : binding.bound) is_bound[static_cast<size_t>(bound.shape)] = true;
  const auto missing = std::find(is_bound.begin(), is_bound.end(), false);
  if (missing != is_bound.end()) {
    const std::string& name = names[static_cast<size_t>(missing - is_bound.begin())];
    fail(where, ": has no column ", quoted_text(name), "; the nearest are ",
         comma_list(nearest_names(name, take.names)), ".");
  }
  return binding;
}

at::Tensor frames_of(const Take& take, const Binding& binding) {
  const std::vector<float> values = bound_coefficients(take, binding);
  at::Tensor frames = at::empty({take.num_frames, binding.num_shapes}, at::TensorOptions(at::kFloat));
  std::copy(values.begin(), values.end(), frames.mutable_data_ptr<float>());
  return frames;
}

int64_t count_windows(int64_t num_frames, const TakeWindowsOptions& options) {
  const int64_t full = num_frames < options.length ? 0 : (num_frames - options.length) / options.stride + 1;
  const int64_t covered = full == 0 ? 0 : (full - 1) * options.stride + options.length;
  const bool has_tail = covered < num_frames && full * options.stride < num_frames;
  return full + (options.tail == Tail::kPad && has_tail ? 1 : 0);
}

}  // namespace

TakeWindows::TakeWindows(const std::vector<std::string>& paths, TakeWindowsOptions options)
    : options_(checked(std::move(options), paths.size())) {
  for (const std::string& path : paths) add(read_take(path), path);
}

TakeWindows::TakeWindows(const std::vector<Take>& takes, TakeWindowsOptions options)
    : options_(checked(std::move(options), takes.size())) {
  for (size_t i = 0; i < takes.size(); ++i) add(takes[i], "TakeWindows: take " + std::to_string(i));
}

void TakeWindows::add(const Take& take, const std::string& where) {
  if (options_.names.empty()) options_.names = take.names;
  const Binding binding = bind_names(take, options_.names, where);
  for (const std::string& note : binding.notes) notes_.push_back(where + ": " + note);
  frames_.push_back(frames_of(take, binding));
  rates_.push_back(take.rate);
  ends_.push_back(size() + count_windows(take.num_frames, options_));
}

TakeWindow TakeWindows::operator[](int64_t index) const {
  check_index("TakeWindows", index, size());
  const auto take = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin());
  const at::Tensor& frames = frames_[take];
  const int64_t first = (take == 0 ? index : index - ends_[take - 1]) * options_.stride;
  const int64_t count = std::min(options_.length, frames.size(0) - first);
  at::Tensor window = frames.narrow(0, first, count);
  if (count < options_.length) {
    window = at::cat({window, window.slice(0, count - 1).expand({options_.length - count, -1})});
  }
  return {std::move(window), static_cast<int64_t>(take), first, count};
}

}  // namespace bisque::data
