#include <bisque/renderer/data/take_windows.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include <bisque/core/data/dataset.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/read_take.h>
#include <bisque/renderer/takes/shape_index.h>
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

size_t column_of(const std::string& name, const Take& take, const ShapeIndex& columns, const std::string& where) {
  const std::vector<int64_t> found = columns.find(name);
  if (found.empty()) {
    fail(where, ": has no column ", quoted_text(name), "; the nearest are ",
         comma_list(nearest_names(name, take.names)), ".");
  }
  const auto text_of = [&](int64_t column) { return printable(take.names[static_cast<size_t>(column)]); };
  if (found.size() > 1) {
    fail(where, ": has two columns for ", quoted_text(name), ", ", text_of(found[0]), " and ", text_of(found[1]), ".");
  }
  return static_cast<size_t>(found[0]);
}

at::Tensor frames_of(const Take& take, const std::vector<std::string>& names, const std::string& where) {
  const ShapeIndex index(take.names);
  std::vector<size_t> columns;
  columns.reserve(names.size());
  for (const std::string& name : names) columns.push_back(column_of(name, take, index, where));
  at::Tensor frames = at::empty({take.num_frames, static_cast<int64_t>(names.size())}, at::TensorOptions(at::kFloat));
  auto* to = frames.mutable_data_ptr<float>();
  for (int64_t frame = 0; frame < take.num_frames; ++frame) {
    const float* row = take.values.data() + static_cast<size_t>(frame) * take.names.size();
    for (const size_t column : columns) *to++ = row[column];
  }
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
  frames_.push_back(frames_of(take, options_.names, where));
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
