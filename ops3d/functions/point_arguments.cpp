#include <ATen/ATen.h>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/ops3d/functions/point_arguments.h>

namespace bisque {

void check_points(const char* function, const char* name, const at::Tensor& points) {
  if (points.dim() != 3) fail(function, ": expected ", name, " to have shape [N, P, D], but got ", points.sizes());
  if (points.scalar_type() != at::kFloat && points.scalar_type() != at::kDouble) {
    fail(function, ": expected ", name, " to be float32 or float64, but got ", dtype_name(points.scalar_type()));
  }
}

void check_same_kind(const char* function, const char* name, const at::Tensor& other, const char* of,
                     const at::Tensor& points) {
  if (other.scalar_type() == points.scalar_type() && other.device() == points.device()) return;
  fail(function, ": expected ", name, " to be ", dtype_name(points.scalar_type()), " on ", points.device(), " as ", of,
       ", but got ", dtype_name(other.scalar_type()), " on ", other.device());
}

void check_weights(const char* function, const at::Tensor& weights, const at::Tensor& points) {
  const auto expected = points.sizes().slice(0, 2);
  if (weights.sizes() != expected || weights.device() != points.device()) {
    fail(function, ": expected weights to have shape [N, P] = ", expected, " on ", points.device(), ", but got ",
         weights.sizes(), " on ", weights.device());
  }
}

void check_lengths(const char* function, const char* name, const at::Tensor& lengths, const at::Tensor& points) {
  const auto expected = points.sizes().slice(0, 1);
  if (lengths.sizes() != expected || lengths.scalar_type() != at::kLong || lengths.device() != points.device()) {
    fail(function, ": expected ", name, " to be int64 [N] = ", expected, " on ", points.device(), ", but got ",
         dtype_name(lengths.scalar_type()), " ", lengths.sizes(), " on ", lengths.device());
  }
  if (!lengths.is_cpu() || lengths.numel() == 0) return;  // to look at them on CUDA would stall it
  const auto low = lengths.min().item<int64_t>(), high = lengths.max().item<int64_t>();
  if (low < 0 || high > points.size(1)) {
    fail(function, ": expected ", name, " to lie in [0, ", points.size(1), "], but they go from ", low, " to ", high);
  }
}

at::Tensor is_within_lengths(const at::Tensor& lengths, const at::Tensor& points) {
  return at::arange(points.size(1), lengths.options()) < lengths.unsqueeze(1);
}

at::Tensor weights_within_lengths(const char* function, const std::optional<at::Tensor>& weights,
                                  const std::optional<at::Tensor>& lengths, const at::Tensor& points) {
  if (weights) check_weights(function, *weights, points);
  if (lengths) check_lengths(function, "lengths", *lengths, points);
  const auto result = weights ? weights->to(points.scalar_type()) : at::ones({1, 1}, points.options());
  const auto whole = result.expand(points.sizes().slice(0, 2));
  return lengths ? whole.masked_fill(is_within_lengths(*lengths, points).logical_not(), 0) : whole;
}

}  // namespace bisque
