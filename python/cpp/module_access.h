// Internal. What a Module keeps for itself and its Python counterpart needs.
#pragma once
#include <bisque/core/nn/module.h>
#include <bisque/core/nn/tree.h>

namespace bisque::python {

/// Members of Module that are not public. Entries may be None.
struct ModuleAccess : Module {
  static const OrderedMap<TensorSlot>& parameters(const Module& module) {
    return (module.*&ModuleAccess::parameter_slots)();
  }
  static const OrderedMap<TensorSlot>& buffers(const Module& module) { return TreeWalk::buffer_slots(module); }
  static const OrderedMap<ChildSlot>& children(const Module& module) { return (module.*&ModuleAccess::child_slots)(); }
  static std::shared_ptr<Module> clone(const Module& module) { return (module.*&ModuleAccess::clone_tree)(); }
};

}  // namespace bisque::python
