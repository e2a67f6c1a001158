#include <bisque/core/nn/call.h>

#include <c10/util/Exception.h>

#include <algorithm>

#include <bisque/core/nn/backward_hooks.h>

namespace bisque {
namespace {

/// Calls `visit` with each hook of all Modules, then of this one. The snapshots are taken first.
template <class F, class Visit>
void for_each_hook(const Module& module, HookList<F> CallHooks::*list, const Visit& visit) {
  const auto global = (global_hooks()->calls.*list).snapshot();
  const auto own = module.hooks() ? (module.hooks()->calls.*list).snapshot() : nullptr;
  for (const auto& hook : *global) visit(hook);
  if (!own) return;
  for (const auto& hook : *own) visit(hook);
}

}  // namespace

HookedCall::HookedCall(Module& module, Tuple args, Kwargs kwargs)
    : module_(module), args_(std::move(args)), kwargs_(std::move(kwargs)) {}

bool HookedCall::run(const std::function<Value(bool)>& forward) {
  try {
    run_all(forward);
  } catch (...) {
    run_always_called_hooks();
    throw;
  }
  return result_changed_;
}

void HookedCall::run_all(const std::function<Value(bool)>& forward) {
  std::vector<BackwardPreHook> pre_hooks;
  std::vector<BackwardHook> hooks;
  for_each_hook(module_, &CallHooks::backward_pre, [&](const auto& hook) { pre_hooks.push_back(*hook.call); });
  for_each_hook(module_, &CallHooks::backward, [&](const auto& hook) { hooks.push_back(*hook.call); });
  run_forward_pre_hooks();
  std::optional<BackwardHooks> backward;
  if (!pre_hooks.empty() || !hooks.empty()) {
    backward.emplace(module_, std::move(pre_hooks), std::move(hooks));
    inputs_changed_ |= backward->watch_inputs(args_);
  }
  result_ = forward(inputs_changed_);
  run_forward_hooks();
  if (backward) result_changed_ |= backward->watch_outputs(result_);
}

void HookedCall::run_forward_pre_hooks() {
  for_each_hook(module_, &CallHooks::forward_pre, [&](const auto& hook) {
    auto changed = (*hook.call)(module_, args_, kwargs_);
    if (!changed) return;
    args_ = std::move(changed->args);
    if (changed->kwargs) kwargs_ = *std::move(changed->kwargs);
    inputs_changed_ = true;
  });
}

void HookedCall::run_forward_hooks() {
  for_each_hook(module_, &CallHooks::forward, [&](const auto& hook) {
    if (hook.always_call) called_.push_back(hook.id);
    auto changed = (*hook.call)(module_, args_, kwargs_, result_);
    if (!changed) return;
    result_ = *std::move(changed);
    result_changed_ = true;
  });
}

/// The call has already failed: exceptions of these hooks become warnings.
void HookedCall::run_always_called_hooks() {
  for_each_hook(module_, &CallHooks::forward, [&](const auto& hook) {
    if (!hook.always_call || std::count(called_.begin(), called_.end(), hook.id)) return;
    const char* silenced =
        "module forward hook with ``always_call=True`` raised an exception that was silenced as another error was "
        "raised in forward: ";
    try {
      if (auto changed = (*hook.call)(module_, args_, kwargs_, result_)) result_ = *std::move(changed);
    } catch (const std::exception& error) {
      TORCH_WARN(silenced, error.what());
    } catch (...) {
      TORCH_WARN(silenced, "of an unknown type");
    }
  });
}

namespace call {

void fail_input_count(const Module& module, size_t got, size_t expected) {
  fail(module.type_name(), ": a forward pre-hook returned ", got, " inputs, expected ", expected, ".");
}

void check_no_kwargs(const Module& module, const Kwargs& kwargs) {
  if (kwargs.empty()) return;
  fail(module.type_name(), ": a forward pre-hook returned the keyword argument '", kwargs.begin()->first,
       "', but this call has none.");
}

}  // namespace call
}  // namespace bisque
