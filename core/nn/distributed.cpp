#include <bisque/core/nn/distributed.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <tuple>

#include <bisque/core/error.h>

namespace bisque {
namespace {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Parameters and buffers without those that are None.
NamedTensors state_of(const Module& module) {
  NamedTensors all;
  for (const auto& [name, tensor] : module.named_parameters()) all.emplace_back(name, tensor);
  for (const auto& [name, tensor] : module.named_buffers()) {
    if (tensor.defined()) all.emplace_back(name, tensor);
  }
  return all;
}

std::vector<at::Tensor> detached_values(const NamedTensors& named) {
  std::vector<at::Tensor> tensors;
  for (const auto& [name, tensor] : named) tensors.push_back(tensor.detach());
  return tensors;
}

/// FNV-1a, the same on all machines.
int64_t fingerprint(const NamedTensors& named) {
  std::ostringstream text;
  for (const auto& [name, tensor] : named) text << name << tensor.sizes() << tensor.scalar_type() << ';';
  uint64_t hash = 14695981039346656037u;
  for (const char each : text.str()) hash = (hash ^ static_cast<unsigned char>(each)) * 1099511628211u;
  return static_cast<int64_t>(hash);
}

/// Tensors of other sizes would break the group in a later call.
void check_same(const char* name, const NamedTensors& named, const ProcessGroup& group) {
  const auto all = group.all_gather(at::full({1}, fingerprint(named), at::kLong));
  for (size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank].equal(all[0])) continue;
    fail(name, ": the module of rank ", rank,
         " has other parameters or buffers than that of rank 0; expected the same ",
         "names, shapes and dtypes on all ranks.");
  }
}

/// Calls exchange() with the values of all tensors of one dtype and device as one tensor, and copies them back.
void for_each_kind(const std::vector<at::Tensor>& tensors, const std::function<void(const at::Tensor&)>& exchange) {
  const at::NoGradGuard no_gradients;
  std::map<std::tuple<at::ScalarType, at::DeviceType, at::DeviceIndex>, std::vector<at::Tensor>> kinds;
  for (const at::Tensor& tensor : tensors) {
    kinds[{tensor.scalar_type(), tensor.device().type(), tensor.device().index()}].push_back(tensor);
  }
  for (const auto& [kind, members] : kinds) {
    std::vector<at::Tensor> flat;
    for (const at::Tensor& member : members) flat.push_back(member.reshape({-1}));
    const at::Tensor joined = at::cat(flat);
    exchange(joined);
    int64_t at = 0;
    for (const at::Tensor& member : members) {
      member.copy_(joined.slice(0, at, at + member.numel()).view(member.sizes()));
      at += member.numel();
    }
  }
}

/// The gradients of all parameters that require one; undefined ones become 0.
NamedTensors whole_gradients(const Module& module) {
  NamedTensors gradients;
  for (const auto& [name, parameter] : module.named_parameters()) {
    if (!parameter.requires_grad()) continue;
    const at::Tensor& gradient = parameter.grad();
    if (gradient.defined() && gradient.layout() != at::kStrided) {
      fail("average_gradients: the gradient of ", name, " is sparse, expected a dense one.");
    }
    gradients.emplace_back(name, gradient.defined() ? gradient : at::zeros_like(parameter));
  }
  return gradients;
}

}  // namespace

void broadcast_state(const Module& module, const ProcessGroup& group, int64_t root) {
  const NamedTensors state = state_of(module);
  check_same("broadcast_state", state, group);
  for_each_kind(detached_values(state), [&](const at::Tensor& values) { group.broadcast(values, root); });
}

void average_state(const Module& module, const ProcessGroup& group) {
  NamedTensors state = state_of(module);
  std::erase_if(state, [](const auto& each) { return !each.second.is_floating_point(); });
  check_same("average_state", state, group);
  for_each_kind(detached_values(state), [&](const at::Tensor& values) { group.all_reduce(values, ReduceOp::kMean); });
}

void average_gradients(const Module& module, const ProcessGroup& group) {
  if (group.size() == 1) return;
  const NamedTensors gradients = whole_gradients(module);
  std::vector<at::Tensor> parameters;
  std::vector<uint8_t> is_defined;
  for (const at::Tensor& parameter : module.parameters()) {
    if (!parameter.requires_grad()) continue;
    parameters.push_back(parameter);
    is_defined.push_back(parameter.grad().defined());
  }
  check_same("average_gradients", gradients, group);
  const at::Tensor anywhere = at::tensor(is_defined);
  group.all_reduce(anywhere, ReduceOp::kMax);
  for_each_kind(detached_values(gradients),
                [&](const at::Tensor& values) { group.all_reduce(values, ReduceOp::kMean); });
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!anywhere[static_cast<int64_t>(i)].item<bool>()) continue;
    parameters[i].mutable_grad() = gradients[i].second;
  }
}

std::vector<StateDict> all_gather_state(const Module& module, const ProcessGroup& group) {
  const NamedTensors state = state_of(module);
  check_same("all_gather_state", state, group);
  std::vector<StateDict> all(static_cast<size_t>(group.size()));
  for (const auto& [name, tensor] : state) {
    const auto values = group.all_gather(tensor);
    for (size_t rank = 0; rank < all.size(); ++rank) all[rank].set(name, Value(values[rank]));
  }
  return all;
}

}  // namespace bisque
