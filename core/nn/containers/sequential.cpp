#include <bisque/core/nn/containers/sequential.h>

#include <bisque/core/error.h>

namespace bisque {

Sequential::Sequential(std::initializer_list<std::pair<std::string, std::shared_ptr<Module>>> modules) {
  is_numbered_ = false;
  for (const auto& [name, module] : modules) register_module(name, module);
}

at::Tensor Sequential::forward(at::Tensor x) const {
  for (const auto& [name, slot] : child_slots()) {
    if (!*slot.value) fail("Sequential: expected the child '", name, "' to be a Module, but it is None.");
    x = (*slot.value)->call_tensor(x);
  }
  return x;
}

}  // namespace bisque
