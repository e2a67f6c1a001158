// Internal. The backward hooks of one call: identity nodes around a Module in the autograd graph, which pass its
// gradients to the hooks.
#pragma once
#include <c10/util/intrusive_ptr.h>

#include <vector>

#include <bisque/core/nn/hooks.h>

namespace bisque {

class BackwardHooks {
 public:
  BackwardHooks(Module& module, std::vector<BackwardPreHook> pre_hooks, std::vector<BackwardHook> hooks);
  ~BackwardHooks();

  /// Inserts identity nodes before the inputs of forward and after its outputs. Returns whether it did, which is the
  /// case if gradients are required.
  bool watch_inputs(Tuple& args);
  bool watch_outputs(Value& result);

 private:
  struct State;
  class Identity;
  static bool watch(const c10::intrusive_ptr<State>& state, bool outputs, Tuple& values);

  c10::intrusive_ptr<State> state_;
};

}  // namespace bisque
