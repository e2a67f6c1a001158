// ModuleList: Modules by index.
#pragma once
#include <utility>
#include <vector>

#include <bisque/core/nn/containers/indexed_modules.h>

namespace bisque {

/// Holds Modules, and has no forward: ModuleList layers{Linear(3, 4), Linear(4, 2)}; layers.at<Linear>(0)(x).
class ModuleList : public ModuleOf<ModuleList, IndexedModules> {
 public:
  ModuleList() = default;
  template <ModuleLike... Ms>
  explicit ModuleList(Ms&&... modules) {
    (append(std::forward<Ms>(modules)), ...);
  }
  explicit ModuleList(const std::vector<std::shared_ptr<Module>>& modules) { extend(modules); }
  ModuleList(const ModuleList&) = default;

 protected:
  bool collapses_repr() const override { return true; }
};

}  // namespace bisque
