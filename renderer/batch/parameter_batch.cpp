#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

#include <bisque/core/error.h>
#include <bisque/renderer/batch/parameter_batch.h>

namespace bisque {
namespace {

using at::Tensor;

/// The shape [N, item...] in messages.
std::string shape_text(at::IntArrayRef item) {
  std::ostringstream text;
  text << "[N";
  for (const int64_t size : item) text << ", " << size;
  text << "]";
  return text.str();
}

/// [1, ...] or [N, ...] as [N, ...]; the tensor itself if it is that already.
Tensor expanded(const Tensor& rows, int64_t size) {
  if (rows.size(0) == size) return rows;
  std::vector<int64_t> sizes = rows.sizes().vec();
  sizes[0] = size;
  return rows.expand(sizes);
}

}  // namespace

ParameterBatch::ParameterBatch(std::string owner, std::initializer_list<Given> given) : owner_(std::move(owner)) {
  std::optional<at::TensorOptions> options;
  const char* first = nullptr;
  for (const auto& [name, value, item_dims] : given) {
    const Tensor& tensor = value.tensor();
    if (!tensor.defined()) continue;
    if (!options && tensor.is_floating_point()) options = tensor.options().requires_grad(false);
    if (tensor.dim() != item_dims + 1 || tensor.size(0) == 1) continue;
    if (first && tensor.size(0) != size_) {
      fail(owner_, ": expected parameters of one batch size, but ", first, " has ", size_, " rows and ", name, " ",
           tensor.size(0), ".");
    }
    first = name;
    size_ = tensor.size(0);
  }
  options_ = options.value_or(at::TensorOptions(at::kFloat));
}

Tensor ParameterBatch::checked(const char* name, const Tensor& tensor) const {
  if (tensor.device() != options_.device()) {
    fail(owner_, ": expected ", name, " to be on ", options_.device(), ", but it is on ", tensor.device(), ".");
  }
  if (!tensor.is_floating_point() && !tensor.is_complex()) return tensor.to(options_.dtype());
  if (tensor.dtype() != options_.dtype() ||
      (tensor.scalar_type() != at::kFloat && tensor.scalar_type() != at::kDouble)) {
    fail(owner_, ": expected parameters of one dtype, float32 or float64, but ", name, " has ", tensor.scalar_type(),
         " beside ", options_.dtype(), ".");
  }
  return tensor;
}

Tensor ParameterBatch::get(const char* name, const BatchValue& value, at::IntArrayRef item) const {
  if (!value.has_value()) return {};
  Tensor rows;
  if (const auto& numbers = value.numbers(); !numbers.empty()) {
    const int64_t count = c10::multiply_integers(item);
    if (numbers.size() != 1 && static_cast<int64_t>(numbers.size()) != count) {
      fail(owner_, ": expected ", name, " to be ", count, " numbers or a tensor, but got ", numbers.size(),
           " numbers.");
    }
    rows = at::tensor(numbers, at::kDouble).to(options_);
    rows = (numbers.size() == 1 ? rows.expand({count}) : rows).reshape(item).unsqueeze(0);
  } else {
    rows = checked(name, value.tensor());
    if (rows.sizes() == item) rows = rows.unsqueeze(0);
    if (item.empty() && rows.dim() == 2 && rows.size(1) == 1) rows = rows.squeeze(1);
    const bool fits = rows.dim() == static_cast<int64_t>(item.size()) + 1 && rows.sizes().slice(1) == item &&
                      (rows.size(0) == 1 || rows.size(0) == size_);
    if (!fits) {
      fail(owner_, ": expected ", name, " to have shape ", shape_text(item), " with N = ", size_, ", but got ",
           value.tensor().sizes(), ".");
    }
  }
  return expanded(rows, size_);
}

Tensor ParameterBatch::get_pair(const char* name, const BatchValue& value) const {
  const Tensor& tensor = value.tensor();
  const bool is_single = tensor.defined() ? tensor.dim() < 2 || tensor.size(1) == 1 : value.numbers().size() == 1;
  return is_single ? get(name, value).unsqueeze(1).expand({size_, 2}) : get(name, value, {2});
}

Tensor ParameterBatch::get_image_size(const BatchValue& value) const {
  const Tensor sizes = get("image_size", value, {2});
  if (sizes.defined() && sizes.is_cpu() && !(sizes >= 1).all().item<bool>()) {
    fail(owner_, ": expected image_size of 1 or more, but got ", sizes.amin().item<double>(), ".");
  }
  return sizes;
}

}  // namespace bisque
