// Internal. One load_state_dict: it checks everything first, then changes everything, and reverts if a hook fails.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/state_dict.h>

namespace bisque {

class StateLoader {
 public:
  StateLoader(Module& root, const StateDict& state, const LoadOptions& options);

  /// Error: see Module::load_state_dict; nothing has changed then.
  IncompatibleKeys run();

 private:
  /// A Module, kept alive if it is held by pointer.
  struct HeldModule {
    Module* module;
    std::shared_ptr<Module> kept;
  };
  struct TensorChange {
    std::string name;
    at::Tensor target;  // the current tensor of this name
    at::Tensor loaded;
    bool is_parameter;
    at::Tensor before;  // the values of the target, if they may be restored
  };
  struct ExtraChange {
    HeldModule module;
    Value loaded;
    Value before;
  };

  void check_module(Module& module, const std::string& path, const std::string& prefix);
  void check_tensors(const OrderedMap<TensorSlot>& slots, bool are_parameters, const std::string& prefix,
                     const Dict& part);
  void check_tensor(const TensorSlot& slot, bool is_parameter, const std::string& key, const Value& value);
  std::string problem_of(const at::Tensor& target, const at::Tensor& loaded, bool is_parameter) const;
  void check_extra_state(Module& module, const std::string& prefix, const Dict& part);
  void check_unexpected(const Module& module, const std::string& prefix, const Dict& part);
  bool has_errors() const;
  [[noreturn]] void fail_with_errors() const;

  void commit();
  void copy(TensorChange& change);
  void assign(TensorChange& change);
  void take_back() noexcept;
  void run_post_hooks();

  Module& root_;
  LoadOptions options_;
  SplitState state_;
  IncompatibleKeys keys_;
  std::vector<std::string> error_msgs_;
  std::vector<TensorChange> tensors_;
  std::vector<ExtraChange> extras_;
  size_t tensors_changed_ = 0, extras_changed_ = 0;
  std::unordered_map<const void*, std::pair<at::Tensor, at::Tensor>>
      assigned_;  // by the previous tensor: the loaded one, and the result
  std::vector<HeldModule> with_post_hooks_;
  bool may_be_taken_back_ = false;  // user code runs after the first change
};

}  // namespace bisque
