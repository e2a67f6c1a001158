#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <unordered_map>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/tree.h>

namespace bisque {
namespace {

using Conversion = std::function<at::Tensor(const at::Tensor&)>;

/// The converted tensor: itself with new data, or a new one if the two cannot be one tensor (meta, CPU).
at::Tensor converted(const at::Tensor& tensor, const Conversion& convert) {
  const at::Tensor before = tensor.detach();
  at::Tensor data = convert(before);
  if (data.is_same(before)) return tensor;
  if (is_lazy(tensor)) data = uninitialized(data.options());
  const bool one_tensor = at::_has_compatible_shallow_copy_type(tensor, data);
  at::Tensor result = tensor;
  if (one_tensor) {
    result.set_data(data);
  } else {
    result = data.detach().set_requires_grad(tensor.requires_grad());
  }
  const at::Tensor grad = tensor.is_leaf() ? tensor.grad() : at::Tensor();
  if (!grad.defined()) return result;
  const at::Tensor grad_data = convert(grad.detach());
  if (one_tensor) {
    result.mutable_grad().set_data(grad_data);
  } else {
    result.mutable_grad() = grad_data.detach().set_requires_grad(grad.requires_grad());
  }
  return result;
}

}  // namespace

void Module::convert_tensors(const std::function<at::Tensor(const at::Tensor&, const TensorFlags&)>& convert,
                             bool recurse) {
  const c10::NoGradGuard guard;
  // From each tensor to its converted one: tied tensors are converted once and stay tied.
  std::unordered_map<const void*, std::pair<at::Tensor, at::Tensor>> done;
  const auto convert_all = [&](OrderedMap<TensorSlot>& slots) {
    for (auto& [name, slot] : slots) {
      const at::Tensor old = *slot.value;
      if (!old.defined()) continue;
      auto& [kept, now] = done[old.unsafeGetTensorImpl()];
      if (!now.defined()) {
        now = converted(old, [&, &flags = slot.flags](const at::Tensor& data) { return convert(data, flags); });
        kept = old;
      }
      *slot.value = now;
    }
  };
  TreeWalk walk(*this, "", Repeats::kOnce);
  while (walk.next() != TreeWalk::kEnd) {
    if (walk.step() != TreeWalk::kEnter) continue;
    convert_all(walk.module().parameters_);
    convert_all(walk.module().buffers_);
    if (!recurse) return;
  }
}

void Module::convert(std::optional<at::Device> device, std::optional<at::ScalarType> dtype, bool non_blocking) {
  if (dtype && !at::isFloatingType(*dtype) && !at::isComplexType(*dtype)) {
    fail(type_name(),
         ": nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=", dtype_name(*dtype),
         ".");
  }
  const auto convert = [&](const at::Tensor& data, const TensorFlags& flags) {
    if (data.is_meta() && device && !device->is_meta()) {
      fail(type_name(), ": Cannot copy out of meta tensor; no data! Please use torch.nn.Module.to_empty() instead of ",
           "torch.nn.Module.to() when moving module from meta to a different device.");
    }
    const bool takes_dtype = (data.is_floating_point() || data.is_complex()) && !flags.keep_dtype;
    auto options = at::TensorOptions().device(device.value_or(data.device()));
    return data.to(takes_dtype && dtype ? options.dtype(*dtype) : options.dtype(data.scalar_type()), non_blocking);
  };
  convert_tensors(convert, true);
}

void Module::to_floating(at::ScalarType dtype) {
  const auto convert = [&](const at::Tensor& data, const TensorFlags& flags) {
    return data.is_floating_point() && !flags.keep_dtype ? data.to(dtype) : data;
  };
  convert_tensors(convert, true);
}

void Module::to_empty(at::Device device, bool recurse) {
  const auto convert = [&](const at::Tensor& data, const TensorFlags&) {
    return at::empty_like(data, at::TensorOptions().device(device));
  };
  convert_tensors(convert, recurse);
}

}  // namespace bisque
