#include <bisque/core/error.h>
#include <bisque/core/nn/child.h>
#include <bisque/core/nn/entry.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/release.h>
#include <bisque/core/type_name.h>

namespace bisque {

Module::~Module() {
  for (auto& [name, slot] : children_) release(std::move(slot.own));
  // Remaining members keep their values.
  const auto let_go = [](auto& slots) {
    for (auto& [name, slot] : slots) {
      if (slot.member) slot.member->exit_slot();
      if (slot.former) slot.former->forget_place();
    }
  };
  let_go(children_);
  let_go(parameters_);
  let_go(buffers_);
}

std::string Module::type_name() const { return bisque::type_name(typeid(*this)); }

const char* Module::kind_of(std::string_view name) const {
  return parameters_.contains(name) ? "parameter"
         : buffers_.contains(name)  ? "buffer"
         : children_.contains(name) ? "child module"
                                    : nullptr;
}

void Module::check_unused(const std::string& name) const {
  if (const char* kind = kind_of(name)) {
    fail(type_name(), ": attribute '", name, "' already exists, as a ", kind, ".");
  }
}

void Module::check_name(const char* kind, const std::string& name) const {
  if (name.empty()) fail(type_name(), ": ", kind, " name can't be empty string \"\".");
  if (name.find('.') != std::string::npos) fail(type_name(), ": ", kind, " name can't contain \".\", got: ", name);
}

namespace {

/// The value after the registration hooks of all Modules.
template <class T>
void run_registration_hooks(
    const HookList<std::function<std::optional<T>(Module&, const std::string&, const T&)>>& hooks, Module& module,
    const std::string& name, T& value) {
  for (const auto& hook : *hooks.snapshot()) {
    if (auto changed = (*hook.call)(module, name, value)) value = *std::move(changed);
  }
}

}  // namespace

const at::Tensor& Module::set_tensor(OrderedMap<TensorSlot>& slots, const std::string& name, at::Tensor value,
                                     const TensorFlags& flags) {
  TensorSlot& slot = new_slot(slots, name);
  slot.flags = flags;
  *slot.value = std::move(value);
  return *slot.value;
}

const at::Tensor& Module::register_parameter(const std::string& name, at::Tensor value,
                                             const ParameterOptions& options) {
  check_name("parameter", name);
  if (!parameters_.contains(name)) check_unused(name);
  value = as_parameter(std::move(value), options.requires_grad, this, name);
  if (value.defined()) run_registration_hooks(global_hooks()->parameter_registration, *this, name, value);
  return set_tensor(parameters_, name, std::move(value), {.keep_dtype = options.keep_dtype});
}

const at::Tensor& Module::register_parameter(const std::string& name, const Parameter& value) {
  const bool requires_grad = value.defined() && value.requires_grad();
  return register_parameter(name, static_cast<const at::Tensor&>(value), {requires_grad, value.flags().keep_dtype});
}

const at::Tensor& Module::register_buffer(const std::string& name, at::Tensor value, const BufferOptions& options) {
  check_name("buffer", name);
  if (!buffers_.contains(name)) check_unused(name);
  run_registration_hooks(global_hooks()->buffer_registration, *this, name, value);
  return set_tensor(buffers_, name, std::move(value), {options.persistent, options.keep_dtype});
}

const at::Tensor& Module::register_buffer(const std::string& name, const Buffer& value) {
  return register_buffer(name, static_cast<const at::Tensor&>(value),
                         {value.flags().persistent, value.flags().keep_dtype});
}

void Module::register_module(const std::string& name, std::shared_ptr<Module> child) {
  if (!children_.contains(name)) check_unused(name);
  check_name("module", name);
  run_registration_hooks(global_hooks()->module_registration, *this, name, child);
  if (child.get() == this) fail(type_name(), ": cannot be its own child '", name, "'.");
  if (child && !accepts_module(name, *child)) {
    fail(type_name(), ": cannot assign a ", child->type_name(), " as child module '", name,
         "', which is a member of another type.");
  }
  ChildSlot& slot = new_slot(children_, name);
  std::swap(*slot.value, child);
  release(std::move(child));
}

bool Module::accepts_module(const std::string& name, const Module& child) const {
  const ChildSlot* slot = children_.find(name);
  return !slot || !slot->member || slot->member->fits_(child);
}

TensorSlot& Module::new_parameter(const std::string& name, at::Tensor value, const ParameterOptions& options) {
  check_unused(name);
  register_parameter(name, std::move(value), options);
  return parameters_.at(name);
}

TensorSlot& Module::new_parameter(const std::string& name, const Parameter& value) {
  check_unused(name);
  register_parameter(name, value);
  return parameters_.at(name);
}

TensorSlot& Module::new_buffer(const std::string& name, const Buffer& value) {
  check_unused(name);
  register_buffer(name, value);
  return buffers_.at(name);
}

ChildSlot& Module::new_child(const std::string& name, std::shared_ptr<Module> child) {
  check_unused(name);
  register_module(name, std::move(child));
  return children_.at(name);
}

ModuleEntry Module::operator[](const std::string& name) { return ModuleEntry(*this, name); }

/// Called before a slot is erased: its member becomes None and has no name.
template <class Slot>
void Module::free_members(Slot& slot) {
  if (slot.member) slot.member->hand_back();
  if (slot.former) slot.former->forget_place();
}

void Module::drop(TensorSlot& slot) noexcept {
  if (!parameters_.erase(slot.name)) buffers_.erase(slot.name);
}

void Module::drop(ChildSlot& slot) noexcept { children_.erase(slot.name); }

void Module::erase(const std::string& name) {
  if (ChildSlot* slot = children_.find(name)) {
    free_members(*slot);
    const auto child = std::move(slot->own);
    children_.erase(name);
    release(child);
    return;
  }
  auto& slots = parameters_.contains(name) ? parameters_ : buffers_;
  TensorSlot* slot = slots.find(name);
  if (!slot) fail("'", type_name(), "' object has no attribute '", name, "'.");
  free_members(*slot);
  slots.erase(name);
}

const std::shared_ptr<ModuleHooks>& Module::own_hooks() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!hooks_) {
    hooks_ = std::make_shared<ModuleHooks>();
    has_hooks_.store(true, std::memory_order_release);
  }
  return hooks_;
}

HookHandle Module::register_state_dict_pre_hook(StateDictPreHook hook) {
  return add_hook(own_hooks()->state_dict_pre, std::move(hook));
}
HookHandle Module::register_state_dict_post_hook(StateDictHook hook) {
  return add_hook(own_hooks()->state_dict, std::move(hook));
}
HookHandle Module::register_load_state_dict_pre_hook(LoadStateDictPreHook hook) {
  return add_hook(own_hooks()->load_state_dict_pre, std::move(hook));
}
HookHandle Module::register_load_state_dict_post_hook(LoadStateDictPostHook hook) {
  return add_hook(own_hooks()->load_state_dict_post, std::move(hook));
}

at::Tensor Module::call_tensor(const at::Tensor&) {
  fail(type_name(), ": cannot be called by a container, since it has no forward that takes one tensor and gives one.");
}

void Module::clear_children() {
  for (auto& [name, slot] : children_) {
    free_members(slot);
    release(std::move(slot.own));
  }
  children_.clear();
}

void Module::set_child(const std::string& name, std::shared_ptr<Module> child) {
  *new_slot(children_, name).value = std::move(child);
}

Module* Module::child(std::string_view name) const {
  const ChildSlot* slot = children_.find(name);
  return slot ? slot->value->get() : nullptr;
}

namespace {

// Modules queued until a destructor ends; null if none runs.
thread_local std::vector<std::shared_ptr<Module>>* waiting = nullptr;

}  // namespace

void release(std::shared_ptr<Module> module) noexcept {
  if (!module) return;
  if (waiting) {
    waiting->push_back(std::move(module));
    return;
  }
  std::vector<std::shared_ptr<Module>> queue;
  waiting = &queue;
  module.reset();
  while (!queue.empty()) {
    const auto next = std::move(queue.back());
    queue.pop_back();
  }
  waiting = nullptr;
}

}  // namespace bisque
