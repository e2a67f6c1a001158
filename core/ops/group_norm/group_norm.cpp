#include <bisque/core/ops/declare_prepared.h>
#include <bisque/core/ops/norm/norm_calls.h>
#include <bisque/core/ops/norm/norm_composed.h>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;

void check_groups(const char* op, const Tensor& x, int64_t groups) {
  norm::check_channels(op, x);
  if (groups < 1 || x.size(1) % groups != 0) {
    op::fail_argument(op, "groups", "divide the " + std::to_string(x.size(1)) + " channels of x",
                      std::to_string(groups));
  }
}

/// Of x [samples, channels, inner], or [samples, inner, channels] where channels are last.
norm::View view_of_groups(const Tensor& x, int64_t groups, const norm::Weights& weights, bool channels_last) {
  const int64_t samples = x.size(0), channels = x.size(1), inner = norm::inner_of(x), in_group = channels / groups;
  const bool weighted = weights.first() != nullptr;
  norm::View view{};
  view.slices = samples * groups;
  view.planes = view.repeat = view.merge = 1;
  view.inner = view.slice_stride = in_group * inner;
  view.weights = weighted ? channels : 1;
  if (channels_last) {
    view.kind = norm::Kind::kColumns;
    view.batches = samples;
    view.rows = inner;
    view.columns = channels;
    view.merge = in_group;
  } else if (weighted && inner < (samples < 4 ? norm::kFewValues : 4 * norm::kFewValues)) {
    // Short runs are better as rows with weights for each value: these are laid out once for all samples.
    view.kind = norm::Kind::kElements;
    view.repeat = inner;
  } else {
    view.kind = norm::Kind::kPlanes;
    view.weight_of_slice = in_group;
    if (weighted && in_group > 1) {
      view.planes = in_group;
      view.inner = view.plane_stride = inner;
      view.weight_of_plane = 1;
    }
  }
  return view;
}

norm::ForwardCall prepare_group_norm(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias,
                                     int64_t groups, double eps) {
  check_groups("group_norm", x, groups);
  norm::Weights weights = norm::check_weights("group_norm", x, weight, bias, x.size(1));
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_groups(x, groups, weights, channels_last);
  return {view,
          norm::dense(x, channels_last),
          std::move(weights),
          norm::new_dense(x, channels_last),
          norm::new_stats(x, view.slices),
          norm::new_stats(x, view.slices),
          eps};
}

norm::BackwardCall prepare_group_norm_backward(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                               const OptionalTensor& bias, const Tensor& mean, const Tensor& var,
                                               int64_t groups, double eps, bool need_x, bool need_weight,
                                               bool need_bias) {
  const char* op = "_group_norm_backward";
  check_groups(op, x, groups);
  norm::check_gradient(op, grad_y, x);
  norm::check_stats(op, x, &mean, var, x.size(0) * groups);
  norm::Weights weights = norm::check_weights(op, x, weight, bias, x.size(1));
  const bool channels_last = norm::is_channels_last(x);
  const norm::View view = view_of_groups(x, groups, weights, channels_last);
  return norm::make_backward(view, norm::dense(x, channels_last), norm::in_format_of(grad_y, channels_last),
                             std::move(weights), mean, var, true, false, eps, {need_x, need_weight, need_bias},
                             channels_last);
}

norm::Gradients compose_group_norm_backward(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                            const OptionalTensor& bias, const Tensor&, const Tensor&, int64_t groups,
                                            double eps, bool need_x, bool need_weight, bool need_bias) {
  check_groups("_group_norm_backward", x, groups);
  const norm::Axes axes = {
      .sizes = {x.size(0), groups, x.size(1) / groups, norm::inner_of(x)}, .slice = {2, 3}, .repeat = {0, 3}};
  return norm::composed_backward(axes, grad_y, x, weight, bias, {}, eps, true, {need_x, need_weight, need_bias});
}

const op::PreparedOp<prepare_group_norm> group_norm({
    .schema = "bisque::group_norm(Tensor x, Tensor? weight, Tensor? bias, int groups, float eps)"
              " -> (Tensor y, Tensor mean, Tensor var)",
    .shapes = "-> y as x, mean float64 [size(x, 0) * groups], var float64 [size(x, 0) * groups]",
    .backward = "bisque::_group_norm_backward",
});

const op::PreparedOp<prepare_group_norm_backward, compose_group_norm_backward> group_norm_backward({
    .schema = "bisque::_group_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, int groups, float eps, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "-> grad_x as x if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
});

}  // namespace
}  // namespace bisque
