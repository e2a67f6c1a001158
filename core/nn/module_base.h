// Module: a tree of named parameters, buffers and children, like torch.nn.Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <atomic>
#include <concepts>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/nn/hooks.h>
#include <bisque/core/nn/parameter.h>
#include <bisque/core/nn/slots.h>
#include <bisque/core/nn/state_dict.h>
#include <bisque/core/ordered_map.h>

namespace bisque {

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

/// Options of named_parameters and similar functions.
struct NamedOptions {
  std::string prefix = "";       // prepended to each name, with a dot
  bool recurse = true;           // include descendants
  bool remove_duplicate = true;  // list shared tensors and Modules only under their first name
};

class ModuleEntry;

/// The key of the result of Module::get_extra_state() in a state_dict.
inline constexpr const char* kExtraState = "_extra_state";

/// Base of every Module; derive from ModuleOf (module.h). Parameters, buffers and children share one set of names,
/// which are not empty and contain no dot; each kind keeps the order of registration. Several threads may read a Module
/// at once (also call forward, if it changes no member), but not while one changes it.
class Module : public std::enable_shared_from_this<Module> {
 public:
  Module() = default;
  virtual ~Module();
  Module& operator=(const Module&) = delete;

  /// Registers under a name, or replaces an entry of the same kind; undefined and null are None. Returns the registered
  /// value. Errors: the name is empty, contains a dot, or belongs to another kind; see Parameter; a member of another
  /// type has that name.
  const at::Tensor& register_parameter(const std::string& name, at::Tensor value, const ParameterOptions& options = {});
  const at::Tensor& register_parameter(const std::string& name, const Parameter& value);
  const at::Tensor& register_buffer(const std::string& name, at::Tensor value, const BufferOptions& options = {});
  const at::Tensor& register_buffer(const std::string& name, const Buffer& value);
  void register_module(const std::string& name, std::shared_ptr<Module> child);
  /// Whether register_module accepts this Module under a name: a member may have another type.
  bool accepts_module(const std::string& name, const Module& child) const;

  /// The entry of a name, to read, assign or delete: module["weight"] = Parameter(t). See ModuleEntry.
  ModuleEntry operator[](const std::string& name);
  /// Deletes a parameter, a buffer or a child; a member of that name becomes None. Error: there is none.
  void erase(const std::string& name);

  /// In the order of registration, this Module's before its children's, which have dotted names. None is skipped.
  Named<at::Tensor> named_parameters(const NamedOptions& options = {}) const;
  Named<at::Tensor> named_buffers(const NamedOptions& options = {}) const;
  std::vector<at::Tensor> parameters(bool recurse = true) const;
  std::vector<at::Tensor> buffers(bool recurse = true) const;
  /// Each direct child once; None is skipped.
  Named<std::shared_ptr<Module>> named_children() const;
  std::vector<std::shared_ptr<Module>> children() const;
  /// This Module first, then all descendants.
  Named<Module*> named_modules(const NamedOptions& options = {});
  std::vector<Module*> modules();

  /// The object at a dotted path; "" is this Module. Errors: a part of the path does not exist or has another kind.
  Module& get_submodule(const std::string& path);
  template <std::derived_from<Module> M>
  M& get_submodule(const std::string& path);
  at::Tensor get_parameter(const std::string& path);
  at::Tensor get_buffer(const std::string& path);

  /// Calls `visit` on all descendants first, then on this Module; a shared Module is visited on every path that leads
  /// to it.
  void apply(const std::function<void(Module&)>& visit);
  /// Sets training mode for this Module and all descendants.
  void train(bool on = true);
  void eval() { train(false); }
  bool is_training() const { return training_; }

  /// For all parameters of this Module and its descendants.
  void requires_grad_(bool on = true);
  void zero_grad(bool set_to_none = true);

  /// Moves all parameters and buffers of this Module and its descendants, and the gradients of parameters. A dtype
  /// applies only to floating-point and complex tensors that are not marked keep_dtype. Tensors keep their identity, so
  /// optimizers and members still hold them, except those that leave the meta device (to_empty). Errors: a dtype that
  /// is neither floating-point nor complex; a tensor without data (meta).
  void to(at::Device device, bool non_blocking = false) { convert(device, std::nullopt, non_blocking); }
  void to(at::ScalarType dtype, bool non_blocking = false) { convert(std::nullopt, dtype, non_blocking); }
  void to(at::Device device, at::ScalarType dtype, bool non_blocking = false) { convert(device, dtype, non_blocking); }
  /// Moves without copying values: the tensors are uninitialized.
  void to_empty(at::Device device, bool recurse = true);
  /// All floating-point tensors except those marked keep_dtype; complex ones do not change.
  void half() { to_floating(at::kHalf); }
  void bfloat16() { to_floating(at::kBFloat16); }
  void float_() { to_floating(at::kFloat); }
  void double_() { to_floating(at::kDouble); }

  /// Parameters, persistent buffers and extra state of this Module and its descendants. Error: a Module contains
  /// itself.
  StateDict state_dict(const StateDictOptions& options = {}) const;
  /// Copies values into the existing tensors, converted to their dtype and device, or replaces the tensors (assign).
  /// Returns missing and unexpected keys; with `strict` these are errors. Everything is checked before anything
  /// changes, after the pre-hooks and upgrades of all Modules; post-hooks run at the end. Errors, all in one message:
  /// missing and unexpected keys, different sizes, values that are not tensors. Nothing has changed then.
  IncompatibleKeys load_state_dict(const StateDict& state, const LoadOptions& options = {});

  /// The version of this class's state format, stored in the state_dict. If the loaded state has an older version or
  /// none, upgrade_state converts it to this version.
  virtual int64_t state_version() const { return 1; }
  virtual void upgrade_state(LoadState& state);
  /// State that is not a tensor. Override all three.
  virtual bool has_extra_state() const { return false; }
  virtual Value get_extra_state() const;
  virtual void set_extra_state(const Value& state);

  /// Hooks, in the order of registration; hook:: in hooks.h lists their types. The result of a hook replaces its input.
  /// A handle removes its hook, also while it runs. Clones have the same hooks: a hook must use the Module& that it
  /// receives, not a captured one.
  ///   forward_pre          before forward, with its arguments
  ///   forward              after it, with its arguments and its result
  ///   full_backward_pre    when the gradients of the outputs are available
  ///   full_backward        when those of the inputs are available, too
  template <class F>
  HookHandle register_forward_pre_hook(F hook, const HookOptions& options = {}) {
    return add_hook(own_hooks()->calls.forward_pre, hook::forward_pre(std::move(hook)), options);
  }
  template <class F>
  HookHandle register_forward_hook(F hook, const HookOptions& options = {}) {
    return add_hook(own_hooks()->calls.forward, hook::forward(std::move(hook)), options);
  }
  template <class F>
  HookHandle register_full_backward_pre_hook(F hook, const HookOptions& options = {}) {
    return add_hook(own_hooks()->calls.backward_pre, hook::backward_pre(std::move(hook)), options);
  }
  template <class F>
  HookHandle register_full_backward_hook(F hook, const HookOptions& options = {}) {
    return add_hook(own_hooks()->calls.backward, hook::backward(std::move(hook)), options);
  }
  /// Called before and after this Module and its descendants are saved or loaded; they apply only to this Module. A
  /// load pre-hook may change the state to load, a post-hook the lists of missing and unexpected keys.
  HookHandle register_state_dict_pre_hook(StateDictPreHook hook);
  HookHandle register_state_dict_post_hook(StateDictHook hook);
  HookHandle register_load_state_dict_pre_hook(LoadStateDictPreHook hook);
  HookHandle register_load_state_dict_post_hook(LoadStateDictPostHook hook);

  /// The hooks of this Module; null if none was ever registered.
  const ModuleHooks* hooks() const { return has_hooks_.load(std::memory_order_acquire) ? hooks_.get() : nullptr; }
  const std::shared_ptr<ModuleHooks>& own_hooks();

  /// The name of its class in messages and repr().
  virtual std::string type_name() const;
  /// The text between the parentheses of repr(): "in_features=3, out_features=4"; may have several lines.
  virtual std::string extra_repr() const { return ""; }
  /// The tree in Python's format. Error: a Module contains itself.
  std::string repr() const;

  /// Calls forward with one tensor and returns one, for containers that do not know the type. Error: forward has
  /// another signature.
  virtual at::Tensor call_tensor(const at::Tensor& x);

 protected:
  /// Only for Module::clone: copied members belong to the copy. Error: called elsewhere.
  Module(const Module& other);
  virtual std::shared_ptr<Module> copy_self() const;
  std::shared_ptr<Module> clone_tree() const;

  /// Whether a call has hooks to run.
  bool has_call_hooks() const {
    if (global_call_hook_count.load(std::memory_order_relaxed) != 0) return true;
    const ModuleHooks* own = hooks();
    return own && own->call_count.load(std::memory_order_relaxed) != 0;
  }

  /// Whether repr() merges equal adjacent children and omits extra_repr.
  virtual bool collapses_repr() const { return false; }

  const OrderedMap<ChildSlot>& child_slots() const { return children_; }
  const OrderedMap<TensorSlot>& parameter_slots() const { return parameters_; }
  /// For containers that renumber: no checks, no hooks.
  void clear_children();
  void set_child(const std::string& name, std::shared_ptr<Module> child);

 private:
  friend class ChildMember;
  template <class Member, class Slot>
  friend class SlotMember;
  friend class ModuleEntry;
  friend class Parameter;
  friend class Buffer;
  friend class ReprWriter;
  friend class SplitState;
  friend class StateLoader;
  friend class TreeWalk;

  // For members that register themselves: the name must be free.
  TensorSlot& new_parameter(const std::string& name, at::Tensor value, const ParameterOptions& options);
  TensorSlot& new_parameter(const std::string& name, const Parameter& value);
  TensorSlot& new_buffer(const std::string& name, const Buffer& value);
  ChildSlot& new_child(const std::string& name, std::shared_ptr<Module> child);

  /// Erases the entry of a destroyed member.
  void drop(TensorSlot& slot) noexcept;
  void drop(ChildSlot& slot) noexcept;
  template <class Slot>
  static void free_members(Slot& slot);
  template <class Slot>
  Slot& new_slot(OrderedMap<Slot>& slots, std::string_view name);
  void check_name(const char* kind, const std::string& name) const;
  void check_unused(const std::string& name) const;
  const char* kind_of(std::string_view name) const;
  Module* child(std::string_view name) const;
  at::Tensor& tensor_slot(const std::string& path);
  void save_own_state(StateDict& state, const std::string& prefix, bool keep_vars);
  template <class F>
  HookHandle add_hook(HookList<F>& list, F hook, const HookOptions& options = {}) {
    return hook::add(own_hooks(), list, std::move(hook), options);
  }
  const at::Tensor& set_tensor(OrderedMap<TensorSlot>& slots, const std::string& name, at::Tensor value,
                               const TensorFlags& flags);

  void convert(std::optional<at::Device> device, std::optional<at::ScalarType> dtype, bool non_blocking);
  void to_floating(at::ScalarType dtype);
  void convert_tensors(const std::function<at::Tensor(const at::Tensor&, const TensorFlags&)>& convert, bool recurse);

  OrderedMap<TensorSlot> parameters_;
  OrderedMap<TensorSlot> buffers_;
  OrderedMap<ChildSlot> children_;
  bool training_ = true;
  std::atomic<bool> has_hooks_{false};
  std::shared_ptr<ModuleHooks> hooks_;
};

std::ostream& operator<<(std::ostream& stream, const Module& module);

template <class Slot>
Slot& Module::new_slot(OrderedMap<Slot>& slots, std::string_view name) {
  auto& [key, slot] = *slots.try_emplace(name).first;
  slot.owner = this;
  slot.name = key;
  return slot;
}

/// Thrown by get_submodule<M> for a Module of another type.
[[noreturn]] void fail_submodule_type(const std::string& path, const Module& found);

template <std::derived_from<Module> M>
M& Module::get_submodule(const std::string& path) {
  Module& found = get_submodule(path);
  if (auto* typed = dynamic_cast<M*>(&found)) return *typed;
  fail_submodule_type(path, found);
}

}  // namespace bisque
