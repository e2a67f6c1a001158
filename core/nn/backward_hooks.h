// Internal. The backward hooks of one call: identities in the graph around a Module, which hand its gradients to the
// hooks.
#pragma once
#include <c10/util/intrusive_ptr.h>

#include <vector>

#include <bisque/core/nn/hooks.h>

namespace bisque {

class BackwardHooks {
 public:
  BackwardHooks(Module& module, std::vector<BackwardPreHook> pre_hooks, std::vector<BackwardHook> hooks);
  ~BackwardHooks();

  /// Puts identities in front of the tensors that forward takes, and behind those that it gives. True where they did,
  /// which is where gradients are wanted.
  bool watch_inputs(Tuple& args);
  bool watch_outputs(Value& result);

 private:
  struct State;
  class Identity;
  static bool watch(const c10::intrusive_ptr<State>& state, bool outputs, Tuple& values);

  c10::intrusive_ptr<State> state_;
};

}  // namespace bisque
