// Sequential: Modules that are called one after the other.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>

#include <bisque/core/nn/containers/indexed_modules.h>

namespace bisque {

/// forward(x) passes x to the first Module, its result to the next, and so on; each takes one tensor and returns one.
///
///   Sequential net{Linear(3, 4), ReLU(), Linear(4, 2)};
///   Sequential named({{"fc", share(Linear(3, 4))}, {"act", share(ReLU())}});
class Sequential : public ModuleOf<Sequential, IndexedModules> {
 public:
  Sequential() = default;
  template <ModuleLike... Ms>
  explicit Sequential(Ms&&... modules) {
    (append(std::forward<Ms>(modules)), ...);
  }
  Sequential(std::initializer_list<std::pair<std::string, std::shared_ptr<Module>>> modules);
  Sequential(const Sequential&) = default;

  at::Tensor forward(at::Tensor x) const;
};

}  // namespace bisque
