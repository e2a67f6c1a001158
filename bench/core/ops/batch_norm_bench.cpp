#include <torch/csrc/autograd/autograd.h>

#include <bisque/core/ops/batch_norm/batch_norm.h>

#include "core/ops/norm_bench.h"

namespace bisque::bench {
namespace {

using Call = std::function<void()>;

std::tuple<at::Tensor, at::Tensor, at::Tensor> train(NormInputs& in) {
  auto results = batch_norm(in.x, in.weight, in.bias, std::nullopt, std::nullopt, true, 1e-5);
  update_running_stats(in.running_mean, in.running_var, std::get<1>(results), std::get<2>(results), 0.1,
                       in.x.numel() / in.x.size(1));
  return results;
}

Call ours(NormInputs inputs) {
  return [in = std::move(inputs)]() mutable { train(in); };
}

Call libtorchs(NormInputs inputs) {
  return [in = std::move(inputs)] {
    at::batch_norm(in.x, in.weight, in.bias, in.running_mean, in.running_var, true, 0.1, 1e-5, false);
  };
}

const Bench forward(
    {.name = "batchnorm2d_train_forward",
     .work = "batch norm of 32 x 64 x 56 x 56 in training, running statistics updated",
     .peer = "libtorch batch_norm"},
    [] { return ours(pictures()); }, [] { return libtorchs(pictures()); });

const Bench eval(
    {.name = "batchnorm2d_eval_forward", .work = "the same with running statistics", .peer = "libtorch batch_norm"},
    []() -> Call {
      return [in = pictures()] { batch_norm(in.x, in.weight, in.bias, in.running_mean, in.running_var, false, 1e-5); };
    },
    []() -> Call {
      return [in = pictures()] {
        at::batch_norm(in.x, in.weight, in.bias, in.running_mean, in.running_var, false, 0.1, 1e-5, false);
      };
    });

/// Inputs that require gradients, and the call that computes them.
template <class Forward>
Call both_ways(NormInputs inputs, Forward forward) {
  for (auto* leaf : {&inputs.x, &inputs.weight, &inputs.bias}) leaf->requires_grad_();
  return [in = std::move(inputs), forward]() mutable {
    torch::autograd::grad({forward(in)}, {in.x, in.weight, in.bias}, {in.grad});
  };
}

Call ours_both_ways(NormInputs inputs) {
  return both_ways(std::move(inputs), [](NormInputs& in) { return std::get<0>(train(in)); });
}

Call libtorchs_both_ways(NormInputs inputs) {
  return both_ways(std::move(inputs), [](NormInputs& in) {
    return at::batch_norm(in.x, in.weight, in.bias, in.running_mean, in.running_var, true, 0.1, 1e-5, false);
  });
}

const Bench backward(
    {.name = "batchnorm2d_train_backward",
     .work = "batch norm in training, forward and backward",
     .peer = "libtorch batch_norm"},
    [] { return ours_both_ways(pictures()); }, [] { return libtorchs_both_ways(pictures()); });

NormInputs channels_last() {
  NormInputs in = pictures();
  in.x = in.x.contiguous(at::MemoryFormat::ChannelsLast);
  in.grad = in.grad.contiguous(at::MemoryFormat::ChannelsLast);
  return in;
}

const Bench last(
    {.name = "batchnorm2d_train_backward_cl", .work = "the same of channels last", .peer = "libtorch batch_norm"},
    [] { return ours_both_ways(channels_last()); }, [] { return libtorchs_both_ways(channels_last()); });

Call ours_of(int64_t bytes) { return ours(pictures_of(bytes)); }
Call libtorchs_of(int64_t bytes) { return libtorchs(pictures_of(bytes)); }
BISQUE_NORM_SWEEP("batchnorm2d", ours_of, libtorchs_of)

}  // namespace
}  // namespace bisque::bench
