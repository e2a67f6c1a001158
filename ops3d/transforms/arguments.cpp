#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>

#include <algorithm>
#include <sstream>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>

namespace bisque::transforms {
namespace {

std::string shape_text(at::IntArrayRef last_sizes) {
  std::ostringstream text;
  text << "[...";
  for (const int64_t size : last_sizes) text << ", " << size;
  text << "]";
  return text.str();
}

at::IntArrayRef batch_sizes(const at::Tensor& tensor, int64_t num_last) {
  return tensor.sizes().slice(0, static_cast<size_t>(tensor.dim() - num_last));
}

bool broadcast(at::IntArrayRef a, at::IntArrayRef b) {
  for (size_t i = 1; i <= std::min(a.size(), b.size()); ++i) {
    const int64_t x = a[a.size() - i], y = b[b.size() - i];
    if (x != y && x != 1 && y != 1) return false;
  }
  return true;
}

}  // namespace

void check_last_sizes(const char* function, const char* argument, const at::Tensor& tensor, at::IntArrayRef sizes) {
  if (!tensor.is_floating_point()) {
    fail(function, ": expected ", argument, " to be of floating point, but got ", tensor.dtype().name(), ".");
  }
  const bool fits = tensor.dim() >= static_cast<int64_t>(sizes.size()) &&
                    tensor.sizes().slice(static_cast<size_t>(tensor.dim()) - sizes.size()) == sizes;
  if (!fits) {
    fail(function, ": expected ", argument, " to have shape ", shape_text(sizes), ", but got ", tensor.sizes(), ".");
  }
}

void check_batches(const char* function, const at::Tensor& a, const at::Tensor& b, int64_t num_last) {
  if (a.scalar_type() != b.scalar_type() || a.device() != b.device()) {
    fail(function, ": expected one dtype and device, but got ", a.dtype().name(), " on ", a.device(), " and ",
         b.dtype().name(), " on ", b.device(), ".");
  }
  if (!broadcast(batch_sizes(a, num_last), batch_sizes(b, num_last))) {
    fail(function, ": expected batches that are equal or 1, but got ", a.sizes(), " and ", b.sizes(), ".");
  }
}

}  // namespace bisque::transforms
