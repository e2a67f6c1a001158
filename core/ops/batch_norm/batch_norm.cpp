#include <bisque/core/ops/batch_norm/batch_norm_kernels.h>
#include <bisque/core/ops/declare_prepared.h>
#include <bisque/core/ops/norm/norm_calls.h>
#include <bisque/core/ops/norm/norm_composed.h>
#include <bisque/core/ops/norm/norm_work.h>

namespace bisque {

template <class T>
void widen_stats(const OnCpu&, const T* from, double* to, int64_t size) {
  for (int64_t i = 0; i < size; ++i) to[i] = static_cast<double>(norm::widen(from[i]));
}

namespace {

using norm::OptionalTensor;
using op::Tensor;

/// Of x [samples, channels, inner], or [samples, inner, channels] where channels are last.
norm::View view_of_channels(const Tensor& x, bool weights, bool channels_last) {
  const int64_t samples = x.size(0), channels = x.size(1), inner = norm::inner_of(x);
  norm::View view{};
  view.slices = channels;
  view.weights = weights ? channels : 1;
  view.repeat = view.merge = 1;
  if (channels_last || inner < norm::kFewValues) {
    view.kind = norm::Kind::kColumns;
    view.batches = 1;
    view.rows = channels_last ? samples * inner : samples;
    view.columns = channels_last ? channels : channels * inner;
    if (!channels_last) view.repeat = view.merge = inner;
  } else {
    view.kind = norm::Kind::kPlanes;
    view.planes = samples;
    view.inner = view.slice_stride = inner;
    view.plane_stride = channels * inner;
    view.weight_of_slice = 1;
  }
  return view;
}

// --- The op ---

struct BatchNormCall {
  norm::ForwardCall norm;
  OptionalTensor running_mean, running_var;  // contiguous; none in training

  template <class On>
  void run(const On& on) const {
    if (norm.given) {
      widen(on, *running_mean, norm.mean);
      widen(on, *running_var, norm.var);
    }
    norm.run(on);
  }
  template <class On>
  static void widen(const On& on, const Tensor& running, const Tensor& stats) {
    op::dispatch_floating_and_half_types(running, [&](auto zero) {
      widen_stats(on, op::data<decltype(zero)>(running), op::mutable_data<double>(stats), running.numel());
    });
  }
  auto results() const { return norm.results(); }
};

OptionalTensor check_running(const char* name, const Tensor& x, const OptionalTensor& stats) {
  const char* op = "batch_norm";
  if (!stats) op::fail_argument(op, name, "be a tensor where training is false", "none");
  op::check(op, name, *stats).shape({x.size(1)}, "[C]").floating_or_half().on_device_of("x", x);
  return op::contiguous(*stats);
}

BatchNormCall prepare_batch_norm(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias,
                                 const OptionalTensor& running_mean, const OptionalTensor& running_var, bool training,
                                 double eps) {
  const char* op = "batch_norm";
  norm::check_channels(op, x);
  if (training && x.size(0) * norm::inner_of(x) == 1) {
    op::fail_argument(op, "x", "have more than 1 value a channel in training", op::shape_text(x));
  }
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  OptionalTensor mean, var;
  if (!training) {
    mean = check_running("running_mean", x, running_mean);
    var = check_running("running_var", x, running_var);
    op::check(op, "running_var", *var).like("running_mean", *mean);
  }
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_channels(x, weights.first() != nullptr, channels_last);
  return {{.view = view,
           .x = norm::dense(x, channels_last),
           .weights = std::move(weights),
           .y = norm::new_dense(x, channels_last),
           .mean = norm::new_stats(x, view.slices),
           .var = norm::new_stats(x, view.slices),
           .eps = eps,
           .given = !training},
          std::move(mean),
          std::move(var)};
}

norm::BackwardCall make_batch_norm_backward(const char* op, const Tensor& grad_y, const Tensor& x,
                                            const OptionalTensor& weight, const OptionalTensor& bias,
                                            const Tensor& mean, const Tensor& var, bool training, double eps,
                                            const norm::Needs& needs) {
  norm::check_channels(op, x);
  norm::check_gradient(op, grad_y, x);
  norm::check_stats(op, x, &mean, var, x.size(1));
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_channels(x, weights.first() != nullptr, channels_last);
  return norm::make_backward(view, norm::dense(x, channels_last), norm::in_format_of(grad_y, channels_last),
                             std::move(weights), mean, var, true, !training, eps, needs, channels_last);
}

norm::BackwardCall prepare_batch_norm_backward(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                               const OptionalTensor& bias, const Tensor& mean, const Tensor& var,
                                               bool training, double eps, bool need_x, bool need_weight,
                                               bool need_bias) {
  return make_batch_norm_backward("_batch_norm_backward", grad_y, x, weight, bias, mean, var, training, eps,
                                  {need_x, need_weight, need_bias});
}

norm::Gradients compose_batch_norm_backward(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                            const OptionalTensor& bias, const Tensor& mean, const Tensor& var,
                                            bool training, double eps, bool need_x, bool need_weight, bool need_bias) {
  norm::check_channels("_batch_norm_backward", x);
  const norm::Axes axes = {.sizes = {x.size(0), x.size(1), norm::inner_of(x)}, .slice = {0, 2}, .repeat = {0, 2}};
  const auto given = training ? std::nullopt : std::optional(norm::GivenStats{mean, var});
  return norm::composed_backward(axes, grad_y, x, weight, bias, given, eps, true, {need_x, need_weight, need_bias});
}

const op::PreparedOp<prepare_batch_norm> batch_norm({
    .schema = "bisque::batch_norm(Tensor x, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, "
              "bool training, float eps) -> (Tensor y, Tensor mean, Tensor var)",
    .shapes = "-> y as x, mean float64 [size(x, 1)], var float64 [size(x, 1)]",
    .backward = "bisque::_batch_norm_backward",
});

const op::PreparedOp<prepare_batch_norm_backward, compose_batch_norm_backward> batch_norm_backward({
    .schema = "bisque::_batch_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, bool training, float eps, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "-> grad_x as x if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
});

// --- Running statistics ---

struct UpdateCall {
  Tensor running_mean, running_var, mean, var;  // contiguous
  double momentum;
  int64_t count;

  template <class On>
  void run(const On& on) const {
    op::dispatch_floating_types(running_mean, [&](auto zero) {
      using T = decltype(zero);
      const int64_t channels = running_mean.size(0);
      op::run_params(on, RunningStats<T>{.mean = op::data<double>(mean),
                                         .var = op::data<double>(var),
                                         .samples = channels == 0 ? 0 : mean.size(0) / channels,
                                         .channels = channels,
                                         .count = static_cast<double>(count),
                                         .momentum = momentum,
                                         .running_mean = op::mutable_data<T>(running_mean),
                                         .running_var = op::mutable_data<T>(running_var)});
    });
  }
  void results() const {}
};

UpdateCall prepare_update(const Tensor& running_mean, const Tensor& running_var, const Tensor& mean, const Tensor& var,
                          double momentum, int64_t count) {
  const char* op = "_update_running_stats";
  op::check(op, "running_mean", running_mean).shape({op::kAny}, "[C]").floating();
  const int64_t channels = running_mean.size(0);
  op::check(op, "running_var", running_var).shape({channels}, "[C]").like("running_mean", running_mean);
  op::check(op, "mean", mean).shape({op::kAny}, "[samples C]").dtype(op::ScalarType::Double);
  op::check(op, "mean", mean).on_device_of("running_mean", running_mean);
  op::check(op, "var", var).shape({mean.size(0)}, "[samples C]").like("mean", mean);
  if (channels == 0 ? mean.size(0) != 0 : mean.size(0) == 0 || mean.size(0) % channels != 0) {
    op::fail_argument(op, "mean", "have a multiple of " + std::to_string(channels) + " values",
                      std::to_string(mean.size(0)));
  }
  for (const auto* running : {&running_mean, &running_var}) {
    if (!running->is_contiguous())
      op::fail_argument(op, "running_mean and running_var", "be contiguous", "other strides");
  }
  if (count < 2) op::fail_argument(op, "count", "be at least 2", std::to_string(count));
  return {running_mean, running_var, op::contiguous(mean), op::contiguous(var), momentum, count};
}

const op::PreparedOp<prepare_update> update_running_stats({
    .schema = "bisque::_update_running_stats(Tensor(a!) running_mean, Tensor(b!) running_var, Tensor mean, Tensor var, "
              "float momentum, int count) -> ()",
    .shapes = "running_mean [C], running_var [C] ->",
});

// --- Parts, for channels whose values are on many devices ---

struct StatsCall : norm::ForwardCall {
  std::tuple<Tensor, Tensor> results() const { return {mean, var}; }
};

StatsCall prepare_stats(const Tensor& x) {
  norm::check_channels("_batch_norm_stats", x);
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_channels(x, false, channels_last);
  return {{.view = view,
           .x = norm::dense(x, channels_last),
           .weights = {},
           .y = std::nullopt,
           .mean = norm::new_stats(x, view.slices),
           .var = norm::new_stats(x, view.slices),
           .eps = 0}};
}

struct GradSumsCall : norm::BackwardCall {
  Tensor results() const { return *sums; }
};

GradSumsCall prepare_grad_sums(const Tensor& grad_y, const Tensor& x, const Tensor& mean, const Tensor& var,
                               double eps) {
  GradSumsCall call{make_batch_norm_backward("_batch_norm_grad_sums", grad_y, x, std::nullopt, std::nullopt, mean, var,
                                             true, eps, {false, false, false})};
  const int64_t sizes[] = {2, x.size(1)};
  call.part = norm::Part::kSums;
  call.sums = op::new_empty_contiguous(x, {sizes, 2}, op::ScalarType::Double);
  return call;
}

struct GradInputCall : norm::BackwardCall {
  Tensor results() const { return grad_x; }
};

GradInputCall prepare_grad_input(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                 const Tensor& mean, const Tensor& var, const Tensor& sums, double count, double eps) {
  const char* op = "_batch_norm_grad_input";
  GradInputCall call{
      make_batch_norm_backward(op, grad_y, x, weight, std::nullopt, mean, var, true, eps, {true, false, false})};
  op::check(op, "sums", sums).shape({2, x.size(1)}, "[2, C]").dtype(op::ScalarType::Double).on_device_of("x", x);
  if (!(count >= 1)) op::fail_argument(op, "count", "be at least 1", std::to_string(count));
  call.part = norm::Part::kGradient;
  call.sums = op::contiguous(sums);
  call.count = count;
  return call;
}

const op::PreparedOp<prepare_stats> batch_norm_stats({
    .schema = "bisque::_batch_norm_stats(Tensor x) -> (Tensor mean, Tensor var)",
    .shapes = "-> mean float64 [size(x, 1)], var float64 [size(x, 1)]",
});

const op::PreparedOp<prepare_grad_sums> batch_norm_grad_sums({
    .schema = "bisque::_batch_norm_grad_sums(Tensor grad_y, Tensor x, Tensor mean, Tensor var, float eps)"
              " -> Tensor sums",
    .shapes = "-> sums float64 [2, size(x, 1)]",
});

const op::PreparedOp<prepare_grad_input> batch_norm_grad_input({
    .schema = "bisque::_batch_norm_grad_input(Tensor grad_y, Tensor x, Tensor? weight, Tensor mean, Tensor var, "
              "Tensor sums, float count, float eps) -> Tensor grad_x",
    .shapes = "-> grad_x as x",
});

}  // namespace
}  // namespace bisque
