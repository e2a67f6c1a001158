// Hooks: functions that a Module calls around forward, backward and registration, each with a handle that removes it.
#pragma once
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

class LoadState;
class Module;
class StateDict;
struct IncompatibleKeys;

/// Keyword arguments of a Module; the last parameter of its forward is then a const Kwargs&.
using Kwargs = Dict;

/// Gradients of a Module's inputs or outputs; undefined if there is none.
using Gradients = std::vector<at::Tensor>;

class HookListBase {
 public:
  virtual ~HookListBase() = default;
  virtual void remove(uint64_t id) = 0;
};

/// Removes its hook. It may outlive the Module. Destroying it keeps the hook.
class HookHandle {
 public:
  HookHandle() = default;
  HookHandle(std::weak_ptr<HookListBase> list, uint64_t id) : list_(std::move(list)), id_(id) {}

  /// Does nothing if the hook was already removed. A call in progress may still call the hook.
  void remove() {
    if (const auto list = list_.lock()) list->remove(id_);
  }

 private:
  std::weak_ptr<HookListBase> list_;
  uint64_t id_ = 0;
};

struct HookOptions {
  bool prepend = false;      // before the existing hooks
  bool always_call = false;  // forward hooks: also if forward fails
};

uint64_t next_hook_id();

/// The hooks of one kind. Callers take a snapshot, so other threads may add and remove hooks at the same time.
template <class F>
class HookList : public HookListBase {
 public:
  struct Hook {
    uint64_t id;
    std::shared_ptr<const F> call;
    bool always_call;
  };
  using Snapshot = std::shared_ptr<const std::vector<Hook>>;

  /// `count` is the total number of hooks in several lists.
  explicit HookList(std::atomic<int>* count = nullptr) : count_(count) {}

  /// Copies the hooks of another list, for a clone.
  void copy(const HookList& other) {
    hooks_ = other.snapshot();
    if (count_) *count_ += static_cast<int>(hooks_->size());
  }

  uint64_t add(F hook, const HookOptions& options) {
    const uint64_t id = next_hook_id();
    const std::lock_guard lock(mutex_);
    auto hooks = *hooks_;
    hooks.insert(options.prepend ? hooks.begin() : hooks.end(),
                 Hook{id, std::make_shared<const F>(std::move(hook)), options.always_call});
    hooks_ = std::make_shared<const std::vector<Hook>>(std::move(hooks));
    if (count_) ++*count_;
    return id;
  }

  void remove(uint64_t id) override {
    Snapshot before;  // outlives the lock: destroying a hook's captures may remove other hooks
    const std::lock_guard lock(mutex_);
    auto hooks = *hooks_;
    if (!std::erase_if(hooks, [id](const Hook& hook) { return hook.id == id; })) return;
    before = std::exchange(hooks_, std::make_shared<const std::vector<Hook>>(std::move(hooks)));
    if (count_) --*count_;
  }

  Snapshot snapshot() const {
    const std::lock_guard lock(mutex_);
    return hooks_;
  }

 private:
  mutable std::mutex mutex_;
  Snapshot hooks_ = std::make_shared<const std::vector<Hook>>();
  std::atomic<int>* count_;
};

/// The inputs that a forward_pre hook returned, if it changed them.
struct ChangedInputs {
  Tuple args;
  std::optional<Kwargs> kwargs;
};

using ForwardPreHook = std::function<std::optional<ChangedInputs>(Module&, const Tuple&, const Kwargs&)>;
using ForwardHook = std::function<std::optional<Value>(Module&, const Tuple&, const Kwargs&, const Value&)>;
using BackwardPreHook = std::function<std::optional<Gradients>(Module&, const Gradients&)>;
using BackwardHook = std::function<std::optional<Gradients>(Module&, const Gradients&, const Gradients&)>;
using StateDictPreHook = std::function<void(Module&, const std::string& prefix, bool keep_vars)>;
using StateDictHook = std::function<void(Module&, StateDict&, const std::string& prefix, Dict& local_metadata)>;
using LoadStateDictPreHook = std::function<void(Module&, LoadState&)>;
using LoadStateDictPostHook = std::function<void(Module&, IncompatibleKeys&)>;
using TensorRegistrationHook =
    std::function<std::optional<at::Tensor>(Module&, const std::string& name, const at::Tensor&)>;
using ModuleRegistrationHook = std::function<std::optional<std::shared_ptr<Module>>(Module&, const std::string& name,
                                                                                    const std::shared_ptr<Module>&)>;

/// The hooks that run in a call of a Module; `count` is their total number.
struct CallHooks {
  explicit CallHooks(std::atomic<int>* count)
      : forward_pre(count), forward(count), backward_pre(count), backward(count) {}

  HookList<ForwardPreHook> forward_pre;
  HookList<ForwardHook> forward;
  HookList<BackwardPreHook> backward_pre;
  HookList<BackwardHook> backward;
};

/// All hooks of one Module.
struct ModuleHooks {
  ModuleHooks() = default;
  ModuleHooks(const ModuleHooks& other);

  std::atomic<int> call_count{0};
  CallHooks calls{&call_count};
  HookList<StateDictPreHook> state_dict_pre;
  HookList<StateDictHook> state_dict;
  HookList<LoadStateDictPreHook> load_state_dict_pre;
  HookList<LoadStateDictPostHook> load_state_dict_post;
};

/// The number of call hooks of all Modules, which every call checks.
extern std::atomic<int> global_call_hook_count;

/// Hooks of all Modules.
struct GlobalHooks {
  CallHooks calls{&global_call_hook_count};
  HookList<TensorRegistrationHook> parameter_registration;
  HookList<TensorRegistrationHook> buffer_registration;
  HookList<ModuleRegistrationHook> module_registration;
};

const std::shared_ptr<GlobalHooks>& global_hooks();

/// The functions that register_...hook accepts. They return the given type or nothing.
///
///   forward_pre         (Module&, const Tuple& args) -> std::optional<Tuple>
///                       (Module&, const Tuple& args, const Kwargs&) -> std::optional<ChangedInputs>
///   forward             (Module&, const Tuple& args, const Value& output) -> std::optional<Value>
///                       (Module&, const Tuple& args, const Kwargs&, const Value& output) -> std::optional<Value>
///   full_backward_pre   (Module&, const Gradients& grad_output) -> std::optional<Gradients>
///   full_backward       (Module&, const Gradients& grad_input, const Gradients& grad_output) -> std::optional<Gradients>
namespace hook {

/// Calls a hook that may return nothing.
template <class Result, class F, class... Args>
std::optional<Result> call(F& hook, Args&... args) {
  if constexpr (std::is_void_v<std::invoke_result_t<F&, Args&...>>) {
    hook(args...);
    return std::nullopt;
  } else {
    return hook(args...);
  }
}

template <class F>
ForwardPreHook forward_pre(F hook) {
  return [hook = std::move(hook)](Module& module, const Tuple& args,
                                  const Kwargs& kwargs) mutable -> std::optional<ChangedInputs> {
    if constexpr (std::is_invocable_v<F&, Module&, const Tuple&, const Kwargs&>) {
      return call<ChangedInputs>(hook, module, args, kwargs);
    } else {
      auto changed = call<Tuple>(hook, module, args);
      if (!changed) return std::nullopt;
      return ChangedInputs{*std::move(changed), std::nullopt};
    }
  };
}

template <class F>
ForwardHook forward(F hook) {
  return [hook = std::move(hook)](Module& module, const Tuple& args, const Kwargs& kwargs,
                                  const Value& output) mutable -> std::optional<Value> {
    if constexpr (std::is_invocable_v<F&, Module&, const Tuple&, const Kwargs&, const Value&>) {
      return call<Value>(hook, module, args, kwargs, output);
    } else {
      return call<Value>(hook, module, args, output);
    }
  };
}

template <class F>
BackwardPreHook backward_pre(F hook) {
  return [hook = std::move(hook)](Module& module, const Gradients& grad_output) mutable {
    return call<Gradients>(hook, module, grad_output);
  };
}

template <class F>
BackwardHook backward(F hook) {
  return [hook = std::move(hook)](Module& module, const Gradients& grad_input, const Gradients& grad_output) mutable {
    return call<Gradients>(hook, module, grad_input, grad_output);
  };
}

template <class Result, class F>
std::function<std::optional<Result>(Module&, const std::string&, const Result&)> registration(F hook) {
  return [hook = std::move(hook)](Module& module, const std::string& name, const Result& value) mutable {
    return call<Result>(hook, module, name, value);
  };
}

template <class F>
HookHandle add(const std::shared_ptr<void>& owner, HookList<F>& list, F hook, const HookOptions& options = {}) {
  return HookHandle(std::shared_ptr<HookListBase>(owner, &list), list.add(std::move(hook), options));
}

}  // namespace hook

/// Hooks of all Modules, which run before those of each Module (see Module). The registration hooks see a parameter,
/// buffer or child before it is registered: (Module&, const std::string& name, value) -> std::optional of the
/// replacement to register. The Module may be under construction.
template <class F>
HookHandle register_module_forward_pre_hook(F hook) {
  return hook::add(global_hooks(), global_hooks()->calls.forward_pre, hook::forward_pre(std::move(hook)));
}
template <class F>
HookHandle register_module_forward_hook(F hook, bool always_call = false) {
  return hook::add(global_hooks(), global_hooks()->calls.forward, hook::forward(std::move(hook)),
                   {.always_call = always_call});
}
template <class F>
HookHandle register_module_full_backward_pre_hook(F hook) {
  return hook::add(global_hooks(), global_hooks()->calls.backward_pre, hook::backward_pre(std::move(hook)));
}
template <class F>
HookHandle register_module_full_backward_hook(F hook) {
  return hook::add(global_hooks(), global_hooks()->calls.backward, hook::backward(std::move(hook)));
}
template <class F>
HookHandle register_module_parameter_registration_hook(F hook) {
  return hook::add(global_hooks(), global_hooks()->parameter_registration,
                   hook::registration<at::Tensor>(std::move(hook)));
}
template <class F>
HookHandle register_module_buffer_registration_hook(F hook) {
  return hook::add(global_hooks(), global_hooks()->buffer_registration,
                   hook::registration<at::Tensor>(std::move(hook)));
}
template <class F>
HookHandle register_module_module_registration_hook(F hook) {
  return hook::add(global_hooks(), global_hooks()->module_registration,
                   hook::registration<std::shared_ptr<Module>>(std::move(hook)));
}

}  // namespace bisque
