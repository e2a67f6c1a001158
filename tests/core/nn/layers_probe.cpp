// Exposes C++ layers to a Python test in the same process, each with the expression that makes torch.nn's.
#include <ATen/ATen.h>
#include <torch/library.h>
#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>

#include <functional>

#include <bisque/core/error.h>
#include <bisque/core/nn/init.h>
#include <bisque/core/nn/layers/activation.h>
#include <bisque/core/nn/layers/conv.h>
#include <bisque/core/nn/layers/dropout.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/norm.h>
#include <bisque/core/nn/layers/sync_batch_norm.h>

namespace bisque {
namespace {

struct Layer {
  std::shared_ptr<Module> module;
  std::function<at::Tensor(const at::Tensor&)> call;
};

template <class M>
Layer layer(M&& made) {
  auto module = share(std::move(made));
  return {module, [module](const at::Tensor& x) { return (*module)(x); }};
}

struct Case {
  const char* python;  // in torch.nn
  std::vector<int64_t> input;
  std::function<Layer()> make;
};

#define CASE(python, input, ...)                                          \
  {                                                                       \
    python, std::vector<int64_t> input, [] { return layer(__VA_ARGS__); } \
  }
#define SIZES(...) \
  { __VA_ARGS__ }

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      CASE("Linear(5, 3)", SIZES(4, 2, 5), Linear(5, 3)),
      CASE("Linear(5, 3, bias=False)", SIZES(5), Linear(5, 3, {.bias = false})),
      CASE("Conv1d(4, 6, 3)", SIZES(2, 4, 11), Conv1d(4, 6, 3)),
      CASE("Conv1d(4, 6, 3, padding='same', dilation=2)", SIZES(2, 4, 11),
           Conv1d(4, 6, 3, {.padding = ConvPadding<1>::same(), .dilation = 2})),
      CASE("Conv2d(4, 6, (3, 5), stride=(2, 1), padding=(1, 2), groups=2, bias=False)", SIZES(2, 4, 9, 8),
           Conv2d(4, 6, {3, 5}, {.stride = {2, 1}, .padding = {1, 2}, .groups = 2, .bias = false})),
      CASE("Conv2d(4, 6, 3, padding=1, padding_mode='reflect')", SIZES(4, 9, 8),
           Conv2d(4, 6, 3, {.padding = 1, .padding_mode = PaddingMode::kReflect})),
      CASE("Conv2d(4, 6, (3, 4), padding='same', padding_mode='circular')", SIZES(1, 4, 9, 8),
           Conv2d(4, 6, {3, 4}, {.padding = ConvPadding<2>::same(), .padding_mode = PaddingMode::kCircular})),
      CASE("Conv2d(4, 6, 3, padding=(1, 2), padding_mode='replicate')", SIZES(1, 4, 9, 8),
           Conv2d(4, 6, 3, {.padding = {1, 2}, .padding_mode = PaddingMode::kReplicate})),
      CASE("Conv3d(2, 4, 2, dilation=2)", SIZES(2, 2, 5, 6, 7), Conv3d(2, 4, 2, {.dilation = 2})),
      CASE("Embedding(10, 4)", SIZES(3, 5), Embedding(10, 4)),
      CASE("Embedding(10, 4, padding_idx=-3, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True)", SIZES(3, 5),
           Embedding(10, 4, {.padding_idx = -3, .max_norm = 1.0, .norm_type = 1, .scale_grad_by_freq = true})),
      CASE("Embedding(10, 4, sparse=True)", SIZES(7), Embedding(10, 4, {.sparse = true})),
      CASE("Dropout()", SIZES(40, 5), Dropout()),
      CASE("Dropout(0.2, inplace=True)", SIZES(40, 5), Dropout(0.2, true)),
      CASE("Dropout1d(0.3)", SIZES(4, 20, 3), Dropout1d(0.3)),
      CASE("Dropout1d(0.3)", SIZES(20, 3), Dropout1d(0.3)),
      CASE("Dropout2d(0.3)", SIZES(4, 20, 3, 2), Dropout2d(0.3)),
      CASE("Dropout2d(0.3)", SIZES(4, 20, 3), Dropout2d(0.3)),
      CASE("Dropout3d(0.3, inplace=True)", SIZES(20, 3, 2, 2), Dropout3d(0.3, true)),
      CASE("ReLU()", SIZES(30), ReLU()),
      CASE("ReLU(inplace=True)", SIZES(30), ReLU(true)),
      CASE("ReLU6()", SIZES(30), ReLU6()),
      CASE("SiLU()", SIZES(30), SiLU()),
      CASE("Mish(inplace=True)", SIZES(30), Mish(true)),
      CASE("Hardswish()", SIZES(30), Hardswish()),
      CASE("SELU()", SIZES(30), SELU()),
      CASE("LeakyReLU()", SIZES(30), LeakyReLU()),
      CASE("LeakyReLU(0.00001, inplace=True)", SIZES(30), LeakyReLU(0.00001, true)),
      CASE("ELU(0.5)", SIZES(30), ELU(0.5)),
      CASE("PReLU(4)", SIZES(5, 4, 3), PReLU(4)),
      CASE("PReLU(init=0.1)", SIZES(5, 4), PReLU(1, 0.1)),
      CASE("GELU()", SIZES(30), GELU()),
      CASE("GELU(approximate='tanh')", SIZES(30), GELU(GELU::Approximate::kTanh)),
      CASE("Softplus(2.0, 15.0)", SIZES(30), Softplus(2, 15)),
      CASE("Sigmoid()", SIZES(30), Sigmoid()),
      CASE("Tanh()", SIZES(30), Tanh()),
      CASE("Softmax(dim=-1)", SIZES(5, 4), Softmax(-1)),
      CASE("LogSoftmax(dim=0)", SIZES(5, 4), LogSoftmax(0)),
      CASE("Identity()", SIZES(5), Identity()),
      CASE("Flatten()", SIZES(5, 2, 3), Flatten()),
      CASE("Flatten(0, 1)", SIZES(5, 2, 3), Flatten(0, 1)),
      CASE("BatchNorm1d(6)", SIZES(5, 6), BatchNorm1d(6)),
      CASE("BatchNorm1d(6, momentum=None)", SIZES(5, 6, 3), BatchNorm1d(6, {.momentum = std::nullopt})),
      CASE("BatchNorm2d(6, eps=0.001, momentum=0.2)", SIZES(3, 6, 4, 5),
           BatchNorm2d(6, {.eps = 0.001, .momentum = 0.2})),
      CASE("BatchNorm2d(6, affine=False)", SIZES(3, 6, 4, 5), BatchNorm2d(6, {.affine = false})),
      CASE("BatchNorm2d(6, bias=False)", SIZES(3, 6, 4, 5), BatchNorm2d(6, {.bias = false})),
      CASE("BatchNorm3d(6, track_running_stats=False)", SIZES(2, 6, 2, 3, 4),
           BatchNorm3d(6, {.track_running_stats = false})),
      CASE("InstanceNorm1d(6)", SIZES(2, 6, 7), InstanceNorm1d(6)),
      CASE("InstanceNorm1d(6)", SIZES(6, 7), InstanceNorm1d(6)),
      CASE("InstanceNorm2d(6, affine=True, track_running_stats=True)", SIZES(3, 6, 4, 5),
           InstanceNorm2d(6, {.affine = true, .track_running_stats = true})),
      CASE("InstanceNorm3d(6, momentum=0.3, track_running_stats=True)", SIZES(3, 6, 2, 3, 4),
           InstanceNorm3d(6, {.momentum = 0.3, .track_running_stats = true})),
      CASE("GroupNorm(3, 6)", SIZES(2, 6, 5, 4), GroupNorm(3, 6)),
      CASE("GroupNorm(2, 6, affine=False)", SIZES(4, 6), GroupNorm(2, 6, {.affine = false})),
      CASE("GroupNorm(6, 6, bias=False)", SIZES(2, 6, 5), GroupNorm(6, 6, {.bias = false})),
      CASE("LayerNorm(7)", SIZES(3, 2, 7), LayerNorm(7)),
      CASE("LayerNorm((4, 5), eps=0.01)", SIZES(3, 4, 5), LayerNorm({4, 5}, {.eps = 0.01})),
      CASE("LayerNorm((5,), bias=False)", SIZES(3, 4, 5), LayerNorm({5}, {.bias = false})),
      CASE("LayerNorm(7, elementwise_affine=False)", SIZES(3, 7), LayerNorm(7, {.elementwise_affine = false})),
      CASE("RMSNorm(7)", SIZES(3, 2, 7), RMSNorm(7)),
      CASE("RMSNorm((4, 5), eps=0.01)", SIZES(3, 4, 5), RMSNorm({4, 5}, {.eps = 0.01})),
      CASE("RMSNorm(7, elementwise_affine=False)", SIZES(3, 7), RMSNorm(7, {.elementwise_affine = false})),
  };
  return all;
}

std::vector<Layer>& made() {
  static std::vector<Layer> layers;
  return layers;
}

int64_t make(int64_t index) {
  made().push_back(cases()[static_cast<size_t>(index)].make());
  return static_cast<int64_t>(made().size()) - 1;
}

int64_t make_synced(int64_t num_features, bool is_cumulative, const std::string& group) {
  const BatchNormOptions options{.momentum = is_cumulative ? std::nullopt : std::optional(0.1)};
  made().push_back(layer(SyncBatchNorm(num_features, options, c10d::resolve_process_group(group))));
  return static_cast<int64_t>(made().size()) - 1;
}

/// A network as users write it: typed members, a norm after a convolution, converted as a whole.
struct TypedNet : ModuleOf<TypedNet> {
  explicit TypedNet(int64_t channels)
      : conv(*this, "conv", channels, channels, 1, ConvOptions<2>{.bias = false}), norm(*this, "norm", channels) {}
  at::Tensor forward(const at::Tensor& x) const { return norm(conv(x)); }

  Child<Conv2d> conv;
  Child<BatchNorm2d> norm;
};

int64_t make_converted(int64_t channels, const std::string& group) {
  const auto net = std::make_shared<TypedNet>(channels);
  SyncBatchNorm::convert(net, c10d::resolve_process_group(group));
  made().push_back({net, [net](const at::Tensor& x) { return (*net)(x); }});
  return static_cast<int64_t>(made().size()) - 1;
}

Module& module_of(int64_t handle) { return *made()[static_cast<size_t>(handle)].module; }

std::vector<std::string> expressions() {
  std::vector<std::string> all;
  for (const Case& each : cases()) all.push_back(each.python);
  return all;
}

std::vector<int64_t> input_of(int64_t index) { return cases()[static_cast<size_t>(index)].input; }

std::tuple<std::vector<std::string>, std::vector<at::Tensor>> tensors_of(const Named<at::Tensor>& named) {
  std::tuple<std::vector<std::string>, std::vector<at::Tensor>> lists;
  for (const auto& [name, tensor] : named) {
    std::get<0>(lists).push_back(name);
    std::get<1>(lists).push_back(tensor);
  }
  return lists;
}

at::Tensor fill(const std::string& name, at::Tensor tensor, double a, double b, double c, double d,
                std::optional<at::Generator> generator) {
  using namespace init;
  if (name == "uniform_") return uniform_(tensor, a, b, generator);
  if (name == "normal_") return normal_(tensor, a, b, generator);
  if (name == "trunc_normal_") return trunc_normal_(tensor, a, b, c, d, generator);
  if (name == "eye_") return eye_(tensor);
  if (name == "dirac_") return dirac_(tensor, static_cast<int64_t>(a));
  if (name == "orthogonal_") return orthogonal_(tensor, a, generator);
  if (name == "sparse_") return sparse_(tensor, a, b, generator);
  if (name == "xavier_uniform_") return xavier_uniform_(tensor, a, generator);
  if (name == "xavier_normal_") return xavier_normal_(tensor, a, generator);
  const Fan fan = b == 0 ? Fan::kIn : Fan::kOut;
  const auto after = static_cast<Nonlinearity>(static_cast<int>(c));
  if (name == "kaiming_uniform_") return kaiming_uniform_(tensor, a, fan, after, generator);
  if (name == "kaiming_normal_") return kaiming_normal_(tensor, a, fan, after, generator);
  fail("fill: there is no ", name, ".");
}

TORCH_LIBRARY(bisque_layers_probe, m) {
  m.def("expressions() -> str[]", expressions);
  m.def("input_of(int index) -> int[]", input_of);
  m.def("make(int index) -> int", make);
  m.def("make_synced(int num_features, bool is_cumulative, str group) -> int", make_synced);
  m.def("make_converted(int channels, str group) -> int", make_converted);
  m.def("forget() -> ()", [] { made().clear(); });
  m.def("repr(int handle) -> str", [](int64_t handle) { return module_of(handle).repr(); });
  m.def("parameters(int handle) -> (str[], Tensor[])",
        [](int64_t handle) { return tensors_of(module_of(handle).named_parameters()); });
  m.def("buffers(int handle) -> (str[], Tensor[])",
        [](int64_t handle) { return tensors_of(module_of(handle).named_buffers()); });
  m.def("train(int handle, bool on) -> ()", [](int64_t handle, bool on) { module_of(handle).train(on); });
  m.def("double_(int handle) -> ()", [](int64_t handle) { module_of(handle).double_(); });
  m.def("bfloat16(int handle) -> ()", [](int64_t handle) { module_of(handle).bfloat16(); });
  m.def("half(int handle) -> ()", [](int64_t handle) { module_of(handle).half(); });
  m.def("call(int handle, Tensor x) -> Tensor",
        [](int64_t handle, const at::Tensor& x) { return made()[static_cast<size_t>(handle)].call(x); });
  m.def("fill(str name, Tensor t, float a, float b, float c, float d, Generator? generator) -> Tensor", fill);
}

}  // namespace
}  // namespace bisque
