#include <bisque/core/nn/module.h>

#include <unordered_set>

#include <bisque/core/error.h>

namespace bisque {
namespace {

template <class T>
bool holds(const Named<T>& entries, const std::string& name) {
  for (const auto& entry : entries) {
    if (entry.first == name) return true;
  }
  return false;
}

}  // namespace

void Module::check_name(const char* kind, const std::string& name) const {
  if (name.empty()) fail("Module: a ", kind, " has an empty name; expected one that is not empty.");
  if (name.find('.') != std::string::npos) {
    fail("Module: ", kind, " name \"", name, "\" has a dot; dots separate a child's name from what is in it.");
  }
  const char* holder = holds(parameters_, name) ? "parameter"
                       : holds(buffers_, name)  ? "buffer"
                       : holds(children_, name) ? "child"
                                                : nullptr;
  if (holder)
    fail("Module: ", kind, " \"", name, "\" cannot be registered, since a ", holder, " has that name already.");
}

at::Tensor& Module::register_parameter(const std::string& name, at::Tensor value, bool requires_grad) {
  check_name("parameter", name);
  if (!value.defined()) fail("Module: parameter \"", name, "\" is undefined; expected a tensor.");
  if (requires_grad && !value.is_floating_point() && !value.is_complex()) {
    fail("Module: parameter \"", name, "\" is ", value.dtype().name(),
         ", which has no gradient; register it with requires_grad = false, or as a buffer.");
  }
  value.set_requires_grad(requires_grad);
  return parameters_.emplace_back(name, std::move(value)).second;
}

at::Tensor& Module::register_buffer(const std::string& name, at::Tensor value) {
  check_name("buffer", name);
  if (!value.defined()) fail("Module: buffer \"", name, "\" is undefined; expected a tensor.");
  return buffers_.emplace_back(name, std::move(value)).second;
}

void Module::register_module(const std::string& name, std::shared_ptr<Module> child) {
  check_name("child", name);
  if (!child) fail("Module: child \"", name, "\" is null; expected a Module.");
  children_.emplace_back(name, std::move(child));
}

template <class Visit>
void Module::walk(const std::string& prefix, bool recurse, const Visit& visit) const {
  visit(prefix, *this);
  if (!recurse) return;
  for (const auto& [name, child] : children_) child->walk(prefix + name + ".", true, visit);
}

namespace {

/// Appends what was not seen before, under its full name.
void append_new(const std::string& prefix, const Named<at::Tensor>& entries, std::unordered_set<const void*>& seen,
                Named<at::Tensor>& all) {
  for (const auto& [name, tensor] : entries) {
    if (seen.insert(tensor.unsafeGetTensorImpl()).second) all.emplace_back(prefix + name, tensor);
  }
}

std::vector<at::Tensor> tensors_of(const Named<at::Tensor>& entries) {
  std::vector<at::Tensor> tensors;
  for (const auto& entry : entries) tensors.push_back(entry.second);
  return tensors;
}

}  // namespace

Named<at::Tensor> Module::named_parameters(bool recurse) const {
  Named<at::Tensor> all;
  std::unordered_set<const void*> seen;
  walk("", recurse, [&](const std::string& prefix, const Module& m) { append_new(prefix, m.parameters_, seen, all); });
  return all;
}

Named<at::Tensor> Module::named_buffers(bool recurse) const {
  Named<at::Tensor> all;
  std::unordered_set<const void*> seen;
  walk("", recurse, [&](const std::string& prefix, const Module& m) { append_new(prefix, m.buffers_, seen, all); });
  return all;
}

std::vector<at::Tensor> Module::parameters(bool recurse) const { return tensors_of(named_parameters(recurse)); }
std::vector<at::Tensor> Module::buffers(bool recurse) const { return tensors_of(named_buffers(recurse)); }

void Module::apply(const std::function<void(Module&)>& visit) {
  for (const auto& entry : children_) entry.second->apply(visit);
  visit(*this);
}

void Module::train(bool on) {
  apply([on](Module& m) { m.training_ = on; });
}

void Module::requires_grad_(bool on) {
  for (auto& tensor : parameters()) tensor.set_requires_grad(on);
}

void Module::zero_grad() {
  for (auto& tensor : parameters()) tensor.mutable_grad().reset();
}

void Module::convert(std::optional<at::Device> device, std::optional<at::ScalarType> dtype) {
  auto tensors = parameters();
  for (auto& buffer : buffers()) tensors.push_back(buffer);
  for (auto& tensor : tensors) {
    const bool keeps_dtype = !tensor.is_floating_point() && !tensor.is_complex();
    const auto options = tensor.options().device(device.value_or(tensor.device()));
    tensor.set_data(tensor.detach().to(keeps_dtype || !dtype ? options : options.dtype(*dtype)));
  }
}

}  // namespace bisque
