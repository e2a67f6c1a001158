// Called by checkpoint_test.py, in Python's process: files between C++ and torch.
#include <ATen/ATen.h>
#include <torch/library.h>
#include <torch/optim/adamw.h>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/optimizer_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/core/nn/layers/activation.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/norm.h>

namespace bisque {
namespace {

ReadOptions options_of(bool mmap, const std::string& location) {
  ReadOptions options;
  options.mmap = mmap;
  if (!location.empty()) options.map_location = location.c_str();
  return options;
}

/// Through C++ from file to file: what was read is what is written.
void resave(const std::string& from, const std::string& to, bool mmap, const std::string& location) {
  save(load(from, options_of(mmap, location)), to, {.sync = false});
}

/// The tensors of a dict or list, in order.
std::vector<at::Tensor> tensors(const std::string& path, bool mmap) {
  const Value value = load(path, options_of(mmap, ""));
  std::vector<at::Tensor> all;
  if (const auto* list = value.get_if<List>()) {
    for (const Value& each : *list) all.push_back(each.as<at::Tensor>());
  } else {
    for (const auto& entry : value.as<Dict>()) all.push_back(entry.second.as<at::Tensor>());
  }
  return all;
}

/// Continues the training of a net with AdamW from a Python file for some steps, and saves both.
void train(const std::string& from, const std::string& to, int64_t steps) {
  Sequential net(BatchNorm1d(3), Linear(3, 8), Tanh(), Linear(8, 2));
  torch::optim::AdamW optimizer(net.parameters());
  const Value checkpoint = load(from);
  const Dict& parts = checkpoint.as<Dict>();
  net.load_state_dict(StateDict(parts.at("model")));
  load_optimizer_state(optimizer, parts.at("optimizer"));
  int64_t step = parts.at("step").as<int64_t>();
  for (int64_t i = 0; i < steps; ++i, ++step) {
    optimizer.zero_grad();
    const at::Tensor x = at::arange(15, at::kFloat).view({5, 3}).mul(0.1 * static_cast<double>(step + 1)).sin();
    net.call_tensor(x).square().mean().backward();
    optimizer.step();
  }
  save(Dict{{"model", net.state_dict()}, {"optimizer", optimizer_state(optimizer)}, {"step", step}}, to);
}

std::string error_of_load(const std::string& path) {
  try {
    load(path);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TORCH_LIBRARY(bisque_checkpoint_probe, m) {
  m.def("resave(str source, str target, bool mmap, str location) -> ()", resave);
  m.def("tensors(str path, bool mmap) -> Tensor[]", tensors);
  m.def("train(str source, str target, int steps) -> ()", train);
  m.def("error_of_load(str path) -> str", error_of_load);
}

}  // namespace
}  // namespace bisque
