#include <bisque/core/nn/hooks.h>

namespace bisque {

constinit std::atomic<int> global_call_hook_count{0};

uint64_t next_hook_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

const std::shared_ptr<GlobalHooks>& global_hooks() {
  // Never destroyed: Modules may be called and handles removed during program exit.
  static const auto& hooks = *new auto(std::make_shared<GlobalHooks>());
  return hooks;
}

ModuleHooks::ModuleHooks(const ModuleHooks& other) {
  calls.forward_pre.copy(other.calls.forward_pre);
  calls.forward.copy(other.calls.forward);
  calls.backward_pre.copy(other.calls.backward_pre);
  calls.backward.copy(other.calls.backward);
  state_dict_pre.copy(other.state_dict_pre);
  state_dict.copy(other.state_dict);
  load_state_dict_pre.copy(other.load_state_dict_pre);
  load_state_dict_post.copy(other.load_state_dict_post);
}

}  // namespace bisque
