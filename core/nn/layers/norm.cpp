#include <bisque/core/nn/layers/norm.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <limits>

#include <bisque/core/error.h>
#include <bisque/core/nn/init.h>
#include <bisque/core/nn/layers/text.h>
#include <bisque/core/nn/state_dict.h>
#include <bisque/core/ops/batch_norm/batch_norm.h>
#include <bisque/core/ops/group_norm/group_norm.h>
#include <bisque/core/ops/row_norm/row_norm.h>

namespace bisque {
namespace {

std::optional<at::Tensor> given(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

at::Tensor empty_if(bool wanted, at::IntArrayRef sizes, const at::TensorOptions& type) {
  return wanted ? at::empty(sizes, type) : at::Tensor();
}

void reset_affine(const Parameter& weight, const Parameter& bias) {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

int64_t values_a_channel(const at::Tensor& x) { return x.size(1) == 0 ? 0 : x.numel() / x.size(1); }

[[noreturn]] void fail_one_value(const Module& norm, const at::Tensor& x) {
  fail(norm.type_name(), ": Expected more than 1 value per channel when training, got input size ", x.sizes(), ".");
}

}  // namespace

NormBase::NormBase(int64_t num_features, const BatchNormOptions& options, const at::TensorOptions& type)
    : num_features(num_features),
      options(options),
      weight(*this, "weight", empty_if(options.affine, {num_features}, type)),
      bias(*this, "bias", empty_if(options.affine && options.bias, {num_features}, type)),
      running_mean(*this, "running_mean", empty_if(options.track_running_stats, {num_features}, type)),
      running_var(*this, "running_var", empty_if(options.track_running_stats, {num_features}, type)),
      num_batches_tracked(*this, "num_batches_tracked",
                          empty_if(options.track_running_stats, {}, type.dtype(at::kLong))) {
  reset_parameters();
}

void NormBase::reset_parameters() {
  reset_running_stats();
  reset_affine(weight, bias);
}

void NormBase::reset_running_stats() {
  if (!options.track_running_stats) return;
  init::zeros_(running_mean);
  init::ones_(running_var);
  init::zeros_(num_batches_tracked);
}

std::string NormBase::extra_repr() const {
  return std::to_string(num_features) + ", eps=" + python_text(options.eps) +
         ", momentum=" + (options.momentum ? python_text(*options.momentum) : "None") +
         ", affine=" + python_text(options.affine) + ", bias=" + python_text(bias.defined()) +
         ", track_running_stats=" + python_text(options.track_running_stats);
}

void NormBase::upgrade_state(LoadState& state) {
  if (state.version().value_or(0) >= 2 || !options.track_running_stats || state.find("num_batches_tracked")) return;
  const bool is_known = num_batches_tracked.defined() && !num_batches_tracked.is_meta();
  state.set("num_batches_tracked", is_known ? at::Tensor(num_batches_tracked) : at::zeros({}, at::kLong));
}

void NormBase::check_dims(const at::Tensor& x, int64_t least, int64_t most) const {
  if (x.dim() >= least && x.dim() <= most) return;
  const std::string wanted = std::to_string(least) + "D" + (most > least ? " or " + std::to_string(most) + "D" : "");
  fail(type_name(), ": expected ", wanted, " input (got ", x.dim(), "D input).");
}

void NormBase::update(const at::Tensor& mean, const at::Tensor& var, double share, int64_t count) const {
  const at::NoGradGuard no_grad;
  const bool is_half = running_mean.scalar_type() != at::kFloat && running_mean.scalar_type() != at::kDouble;
  at::Tensor to_mean = running_mean, to_var = running_var;
  if (is_half) to_mean = to_mean.to(at::kFloat), to_var = to_var.to(at::kFloat);
  update_running_stats(to_mean, to_var, mean, var, share, count);
  if (!is_half) return;
  at::Tensor(running_mean).copy_(to_mean);
  at::Tensor(running_var).copy_(to_var);
}

double BatchNormBase::count_batch() const {
  if (num_batches_tracked.defined()) {
    const at::NoGradGuard no_grad;
    at::Tensor(num_batches_tracked).add_(1);
    if (!options.momentum) return 1.0 / static_cast<double>(num_batches_tracked.item<int64_t>());
  }
  return options.momentum.value_or(0);
}

void BatchNormBase::track(const at::Tensor& mean, const at::Tensor& var, int64_t count) const {
  if (!is_training() || !options.track_running_stats) return;
  const double share = count_batch();
  if (count > 0 && running_mean.defined()) update(mean, var, share, count);
}

at::Tensor BatchNormBase::forward(const at::Tensor& x) const {
  check_input(x);
  if (!uses_batch()) {
    return std::get<0>(batch_norm(x, given(weight), given(bias), running_mean, running_var, false, options.eps));
  }
  if (sync_ && is_training()) return forward_with_others(x);
  const int64_t count = values_a_channel(x);
  if (count == 1) fail_one_value(*this, x);
  const auto [y, mean, var] = batch_norm(x, given(weight), given(bias), {}, {}, true, options.eps);
  track(mean, var, count);
  return y;
}

at::Tensor BatchNormBase::forward_with_others(const at::Tensor& x) const {
  const BatchNormSync::Stats stats = sync_->gather(x);
  if (stats.count == 1) fail_one_value(*this, x);
  track(stats.mean, stats.var, static_cast<int64_t>(stats.count));
  return sync_->normalize(x, weight, bias, stats, options.eps);
}

at::Tensor InstanceNormBase::forward(const at::Tensor& x) const {
  const int64_t dims = num_spatial_dims();
  check_dims(x, dims + 1, dims + 2);
  const bool is_batch = x.dim() == dims + 2;
  const int64_t channels = x.size(is_batch ? 1 : 0);
  if (channels != num_features && options.affine) {
    fail(type_name(), ": expected input's size at dim=", is_batch ? 1 : 0, " to match num_features (", num_features,
         "), but got: ", channels, ".");
  }
  return is_batch ? normalize(x) : normalize(x.unsqueeze(0)).squeeze(0);
}

void InstanceNormBase::upgrade_state(LoadState& state) {
  if (!state.version() && !options.track_running_stats) {
    for (const char* name : {"running_mean", "running_var"}) {
      if (!state.erase(name)) continue;
      state.error_msgs().push_back("Unexpected running stats buffer " + state.prefix() + name + " for " + type_name() +
                                   " with track_running_stats=False; leave it out of the state, or track them.");
    }
  }
  NormBase::upgrade_state(state);
}

at::Tensor InstanceNormBase::normalize(const at::Tensor& x) const {
  if (!is_training() && options.track_running_stats) {
    return std::get<0>(batch_norm(x, given(weight), given(bias), running_mean, running_var, false, options.eps));
  }
  const int64_t count = x.size(0) == 0 ? 0 : values_a_channel(x) / x.size(0);
  if (count == 1) {
    fail(type_name(), ": Expected more than 1 spatial element when training, got input size ", x.sizes(), ".");
  }
  const auto [y, mean, var] = group_norm(x, given(weight), given(bias), std::max<int64_t>(x.size(1), 1), options.eps);
  if (options.track_running_stats && x.numel() > 0) update(mean, var, options.momentum.value_or(0), count);
  return y;
}

GroupNorm::GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options,
                     const at::TensorOptions& type)
    : num_groups(num_groups),
      num_channels(num_channels),
      options(options),
      weight(*this, "weight", empty_if(options.affine, {num_channels}, type)),
      bias(*this, "bias", empty_if(options.affine && options.bias, {num_channels}, type)) {
  if (num_groups < 1 || num_channels % num_groups != 0) {
    fail("GroupNorm: expected num_channels (", num_channels, ") to be divisible by num_groups (", num_groups, ").");
  }
  reset_parameters();
}

void GroupNorm::reset_parameters() { reset_affine(weight, bias); }

at::Tensor GroupNorm::forward(const at::Tensor& x) const {
  if (x.dim() < 2 || x.size(1) != num_channels) {
    fail("GroupNorm: expected an input [N, ", num_channels, ", ...], but got ", x.sizes(), ".");
  }
  if (x.numel() == num_groups) {  // over all samples together, as in torch
    fail("GroupNorm: Expected more than 1 value per channel when training, got input size ", x.sizes(), ".");
  }
  return std::get<0>(group_norm(x, given(weight), given(bias), num_groups, options.eps));
}

std::string GroupNorm::extra_repr() const {
  return std::to_string(num_groups) + ", " + std::to_string(num_channels) + ", eps=" + python_text(options.eps) +
         ", affine=" + python_text(options.affine) + ", bias=" + python_text(bias.defined());
}

namespace {

/// The product of the sizes. Error: x does not end with them.
int64_t checked_size(const char* name, const at::Tensor& x, at::IntArrayRef shape) {
  const auto ends = [&] {
    return x.dim() >= static_cast<int64_t>(shape.size()) && x.sizes().slice(x.sizes().size() - shape.size()) == shape;
  };
  if (shape.empty() || !ends()) {
    fail(name, ": Given normalized_shape=", python_text(shape), ", expected an input that ends with it, but got ",
         x.sizes(), ".");
  }
  int64_t size = 1;
  for (const int64_t each : shape) size *= each;
  return size;
}

}  // namespace

LayerNorm::LayerNorm(const NormalizedShape& normalized_shape, const LayerNormOptions& options,
                     const at::TensorOptions& type)
    : normalized_shape(normalized_shape),
      options(options),
      weight(*this, "weight", empty_if(options.elementwise_affine, normalized_shape, type)),
      bias(*this, "bias", empty_if(options.elementwise_affine && options.bias, normalized_shape, type)) {
  reset_parameters();
}

void LayerNorm::reset_parameters() { reset_affine(weight, bias); }

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  const int64_t size = checked_size("LayerNorm", x, normalized_shape);
  return std::get<0>(row_norm(x, given(weight), given(bias), size, options.eps));
}

std::string LayerNorm::extra_repr() const {
  return python_text(at::IntArrayRef(normalized_shape)) + ", eps=" + python_text(options.eps) +
         ", elementwise_affine=" + python_text(options.elementwise_affine) + ", bias=" + python_text(bias.defined());
}

RMSNorm::RMSNorm(const NormalizedShape& normalized_shape, const RMSNormOptions& options, const at::TensorOptions& type)
    : normalized_shape(normalized_shape),
      options(options),
      weight(*this, "weight", empty_if(options.elementwise_affine, normalized_shape, type)) {
  reset_parameters();
}

void RMSNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
}

at::Tensor RMSNorm::forward(const at::Tensor& x) const {
  const int64_t size = checked_size("RMSNorm", x, normalized_shape);
  // Like torch: the epsilon of the accumulation dtype, float32 for half precision.
  const double epsilon = x.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                                        : double{std::numeric_limits<float>::epsilon()};
  return std::get<0>(row_norm(x, given(weight), {}, size, options.eps.value_or(epsilon), false));
}

std::string RMSNorm::extra_repr() const {
  return python_text(at::IntArrayRef(normalized_shape)) +
         ", eps=" + (options.eps ? python_text(*options.eps) : "None") +
         ", elementwise_affine=" + python_text(options.elementwise_affine);
}

}  // namespace bisque
