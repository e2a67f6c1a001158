#include <bisque/core/ops/batch_norm/batch_norm_prepare.h>
#include <bisque/core/ops/norm/norm_work.h>

#include <tuple>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;
using Results = std::tuple<Tensor, Tensor, Tensor>;
using Stats = std::tuple<Tensor, Tensor>;

void widen_running(const Tensor& running, const Tensor& stats) {
  op::by_float_or_half_type(running, [&](auto zero) {
    const auto* from = op::data<decltype(zero)>(running);
    double* to = op::mutable_data<double>(stats);
    for (int64_t i = 0; i < running.numel(); ++i) to[i] = static_cast<double>(norm::widen(from[i]));
  });
}

Results batch_norm_cpu(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias,
                       const OptionalTensor& running_mean, const OptionalTensor& running_var, bool training,
                       double eps) {
  const auto call = prepare_batch_norm(x, weight, bias, running_mean, running_var, training, eps);
  if (!training) {
    widen_running(*call.running_mean, call.mean);
    widen_running(*call.running_var, call.var);
  }
  op::by_float_or_half_type(x, [&](auto zero) { norm::forward_cpu_kernel(call.params<decltype(zero)>()); });
  return {*call.y, call.mean, call.var};
}

Results batch_norm_meta(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias,
                        const OptionalTensor& running_mean, const OptionalTensor& running_var, bool training,
                        double eps) {
  const auto call = prepare_batch_norm(x, weight, bias, running_mean, running_var, training, eps);
  return {*call.y, call.mean, call.var};
}

const op::Register batch_norm({
    .schema = "bisque::batch_norm(Tensor x, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, "
              "bool training, float eps) -> (Tensor y, Tensor mean, Tensor var)",
    .shapes = "-> y as x, mean float64 [size(x, 1)], var float64 [size(x, 1)]",
    .backward = "bisque::_batch_norm_backward",
    .cpu = BISQUE_KERNEL(batch_norm_cpu),
    .meta = BISQUE_KERNEL(batch_norm_meta),
});

Stats batch_norm_stats_cpu(const Tensor& x) {
  const auto call = prepare_batch_norm_stats(x);
  op::by_float_or_half_type(x, [&](auto zero) { norm::forward_cpu_kernel(call.params<decltype(zero)>()); });
  return {call.mean, call.var};
}

Stats batch_norm_stats_meta(const Tensor& x) {
  const auto call = prepare_batch_norm_stats(x);
  return {call.mean, call.var};
}

const op::Register batch_norm_stats({
    .schema = "bisque::_batch_norm_stats(Tensor x) -> (Tensor mean, Tensor var)",
    .shapes = "-> mean float64 [size(x, 1)], var float64 [size(x, 1)]",
    .cpu = BISQUE_KERNEL(batch_norm_stats_cpu),
    .meta = BISQUE_KERNEL(batch_norm_stats_meta),
});

void update_running_stats_cpu(const Tensor& running_mean, const Tensor& running_var, const Tensor& mean,
                              const Tensor& var, double momentum, int64_t count) {
  running_stats_call(running_mean, running_var, mean, var, momentum, count, running_stats_cpu_kernel);
}

void update_running_stats_meta(const Tensor& running_mean, const Tensor& running_var, const Tensor& mean,
                               const Tensor& var, double momentum, int64_t count) {
  running_stats_call(running_mean, running_var, mean, var, momentum, count, [](const auto&, bool) {});
}

const op::Register update_running_stats({
    .schema = "bisque::_update_running_stats(Tensor(a!) running_mean, Tensor(b!) running_var, Tensor mean, Tensor var, "
              "float momentum, int count) -> ()",
    .shapes = "running_mean [C], running_var [C] ->",
    .cpu = BISQUE_KERNEL(update_running_stats_cpu),
    .meta = BISQUE_KERNEL(update_running_stats_meta),
});

}  // namespace
}  // namespace bisque
