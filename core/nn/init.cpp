#include <bisque/core/nn/init.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include <bisque/core/error.h>

namespace bisque::init {
namespace {

void check_dims(const char* function, const at::Tensor& tensor, bool good, const char* expected) {
  if (!good) {
    fail("init::", function, ": expected a tensor of ", expected, " dimensions, but got ", tensor.dim(), ".");
  }
}

double normal_below(double x) { return 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }

/// Redraws normal values until all are within the bounds, rounded like the tensor's dtype.
void truncate_by_normal(at::Tensor& tensor, double mean, double std, double low, double high,
                        const Generator& generator) {
  const auto rounded = [&](double bound) {
    return at::scalar_tensor(bound, tensor.options().device(at::kCPU)).item<double>();
  };
  const double least = rounded(low), most = rounded(high);
  tensor.normal_(mean, std, generator);
  while (true) {
    const at::Tensor outside = tensor.lt(least).logical_or_(tensor.gt(most));
    if (!outside.any().item<bool>()) return;
    tensor.copy_(at::where(outside, at::empty_like(tensor).normal_(mean, std, generator), tensor));
  }
}

/// For bounds that normal values rarely meet: uniform candidates, accepted with the probability of their density.
void truncate_by_uniform(at::Tensor& tensor, double mean, double std, double low, double high,
                         const Generator& generator) {
  const double peak = (std::clamp(mean, low, high) - mean) / std, log_peak = -0.5 * peak * peak;
  at::Tensor drawn = at::empty_like(tensor), chance = at::empty_like(tensor), pending;
  while (true) {
    drawn.uniform_(low, high, generator);
    tensor.copy_(pending.defined() ? at::where(pending, drawn, tensor) : drawn);
    drawn.sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(log_peak);
    const at::Tensor rejected = chance.uniform_(0, 1, generator).log_().gt(drawn);
    pending = pending.defined() ? rejected.logical_and(pending) : rejected;
    if (!pending.any().item<bool>()) return;
  }
}

}  // namespace

double calculate_gain(Nonlinearity nonlinearity, double negative_slope) {
  switch (nonlinearity) {
    case Nonlinearity::kTanh:
      return 5.0 / 3;
    case Nonlinearity::kReLU:
      return std::sqrt(2.0);
    case Nonlinearity::kLeakyReLU:
      return std::sqrt(2.0 / (1 + negative_slope * negative_slope));
    case Nonlinearity::kSELU:
      return 0.75;
    default:
      return 1;
  }
}

std::pair<int64_t, int64_t> fan_in_and_fan_out(const at::Tensor& weight) {
  check_dims("fan_in_and_fan_out", weight, weight.dim() >= 2, "two or more");
  int64_t field = 1;
  for (int64_t d = 2; d < weight.dim(); ++d) field *= weight.size(d);
  return {weight.size(1) * field, weight.size(0) * field};
}

at::Tensor uniform_(at::Tensor tensor, double low, double high, Generator generator) {
  const at::NoGradGuard no_grad;
  return tensor.is_meta() ? tensor : tensor.uniform_(low, high, generator);
}

at::Tensor normal_(at::Tensor tensor, double mean, double std, Generator generator) {
  const at::NoGradGuard no_grad;
  return tensor.is_meta() ? tensor : tensor.normal_(mean, std, generator);
}

at::Tensor trunc_normal_(at::Tensor tensor, double mean, double std, double low, double high, Generator generator) {
  if (!(std > 0)) fail("init::trunc_normal_: expected std to be positive, but got ", std, ".");
  if (!(low <= high)) fail("init::trunc_normal_: expected low <= high, but got ", low, " and ", high, ".");
  if (tensor.is_meta()) return tensor;
  const at::NoGradGuard no_grad;
  const double share = normal_below((high - mean) / std) - normal_below((low - mean) / std);
  (share > 0.3 ? truncate_by_normal : truncate_by_uniform)(tensor, mean, std, low, high, generator);
  return tensor;
}

at::Tensor constant_(at::Tensor tensor, double value) {
  const at::NoGradGuard no_grad;
  return tensor.fill_(value);
}

at::Tensor ones_(at::Tensor tensor) { return constant_(std::move(tensor), 1); }
at::Tensor zeros_(at::Tensor tensor) { return constant_(std::move(tensor), 0); }

at::Tensor eye_(at::Tensor tensor) {
  check_dims("eye_", tensor, tensor.dim() == 2, "two");
  const at::NoGradGuard no_grad;
  tensor.zero_().diagonal().fill_(1);
  return tensor;
}

at::Tensor dirac_(at::Tensor tensor, int64_t groups) {
  check_dims("dirac_", tensor, tensor.dim() >= 3 && tensor.dim() <= 5, "three to five");
  if (groups < 1 || tensor.size(0) % groups != 0) {
    fail("init::dirac_: expected groups to divide the ", tensor.size(0), " output channels, but got ", groups, ".");
  }
  const at::NoGradGuard no_grad;
  tensor.zero_();
  at::Tensor middle = tensor;  // [out, in] at the middle of the kernel
  while (middle.dim() > 2) middle = middle.select(2, middle.size(2) / 2);
  for (at::Tensor& group : middle.chunk(groups, 0)) group.diagonal().fill_(1);
  return tensor;
}

at::Tensor orthogonal_(at::Tensor tensor, double gain, Generator generator) {
  check_dims("orthogonal_", tensor, tensor.dim() >= 2, "two or more");
  if (tensor.numel() == 0 || tensor.is_meta()) return tensor;
  const at::NoGradGuard no_grad;
  const int64_t rows = tensor.size(0), columns = tensor.numel() / rows;
  at::Tensor drawn = at::empty({rows, columns}, tensor.options()).normal_(0, 1, generator);
  const bool is_wide = rows < columns;
  auto [q, r] = at::linalg_qr(is_wide ? drawn.t() : drawn);
  q = q * r.diagonal().sign();  // makes q uniform over the orthogonal matrices (Mezzadri, 2007)
  return tensor.copy_((is_wide ? q.t() : q).reshape(tensor.sizes())).mul_(gain);
}

at::Tensor sparse_(at::Tensor tensor, double sparsity, double std, Generator generator) {
  check_dims("sparse_", tensor, tensor.dim() == 2, "two");
  if (tensor.is_meta()) return tensor;
  const at::NoGradGuard no_grad;
  tensor.normal_(0, std, generator);
  const int64_t rows = tensor.size(0), zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  for (int64_t column = 0; column < tensor.size(1); ++column) {
    const at::Tensor chosen = at::randperm(rows).slice(0, 0, zeros).to(tensor.device());
    tensor.select(1, column).index_fill_(0, chosen, 0);
  }
  return tensor;
}

at::Tensor xavier_uniform_(at::Tensor tensor, double gain, Generator generator) {
  const auto [in, out] = fan_in_and_fan_out(tensor);
  const double std = gain * std::sqrt(2.0 / static_cast<double>(in + out)), bound = std::sqrt(3.0) * std;
  return uniform_(std::move(tensor), -bound, bound, generator);
}

at::Tensor xavier_normal_(at::Tensor tensor, double gain, Generator generator) {
  const auto [in, out] = fan_in_and_fan_out(tensor);
  return normal_(std::move(tensor), 0, gain * std::sqrt(2.0 / static_cast<double>(in + out)), generator);
}

namespace {

double kaiming_std(const at::Tensor& tensor, double negative_slope, Fan fan, Nonlinearity nonlinearity) {
  const auto [in, out] = fan_in_and_fan_out(tensor);
  return calculate_gain(nonlinearity, negative_slope) / std::sqrt(static_cast<double>(fan == Fan::kIn ? in : out));
}

}  // namespace

at::Tensor kaiming_uniform_(at::Tensor tensor, double negative_slope, Fan fan, Nonlinearity nonlinearity,
                            Generator generator) {
  const double bound = std::sqrt(3.0) * kaiming_std(tensor, negative_slope, fan, nonlinearity);
  return tensor.numel() == 0 ? tensor : uniform_(std::move(tensor), -bound, bound, generator);
}

at::Tensor kaiming_normal_(at::Tensor tensor, double negative_slope, Fan fan, Nonlinearity nonlinearity,
                           Generator generator) {
  const double std = kaiming_std(tensor, negative_slope, fan, nonlinearity);
  return tensor.numel() == 0 ? tensor : normal_(std::move(tensor), 0, std, generator);
}

}  // namespace bisque::init
