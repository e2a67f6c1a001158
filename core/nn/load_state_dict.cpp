#include <bisque/core/nn/load_state_dict.h>

#include <ATen/ATen.h>
#include <ATen/MemoryOverlap.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/tree.h>

namespace bisque {
namespace {

/// In Python's format: torch.Size([2, 3]).
std::string size_text(at::IntArrayRef sizes) {
  std::ostringstream text;
  text << "torch.Size(" << sizes << ")";
  return text.str();
}

std::string quoted_list(const std::vector<std::string>& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "\"" : ", \"") + key + "\"";
  return text;
}

bool is_one_view(const at::Tensor& a, const at::Tensor& b) {
  return a.is_same(b) || (a.has_storage() && b.has_storage() && a.is_alias_of(b) && a.sizes() == b.sizes() &&
                          a.strides() == b.strides() && a.storage_offset() == b.storage_offset());
}

}  // namespace

IncompatibleKeys Module::load_state_dict(const StateDict& state, const LoadOptions& options) {
  return StateLoader(*this, state, options).run();
}

void Module::upgrade_state(LoadState&) {}

StateLoader::StateLoader(Module& root, const StateDict& state, const LoadOptions& options)
    : root_(root), options_(options), state_(root, state) {}

IncompatibleKeys StateLoader::run() {
  const c10::NoGradGuard guard;
  TreeWalk walk(root_, "", Repeats::kEveryWay);
  while (walk.next() != TreeWalk::kEnd) {
    if (walk.step() == TreeWalk::kEnter) {
      check_module(walk.module(), walk.path(), walk.prefix());
    } else if (const auto* hooks = walk.module().hooks(); hooks && !hooks->load_state_dict_post.snapshot()->empty()) {
      with_post_hooks_.push_back({&walk.module(), walk.module().weak_from_this().lock()});
    }
  }
  may_be_taken_back_ |= !with_post_hooks_.empty() || !extras_.empty();
  // Missing keys are not errors yet, because a hook may remove them from the list.
  if (!error_msgs_.empty() || (has_errors() && with_post_hooks_.empty())) fail_with_errors();
  try {
    commit();
    run_post_hooks();
  } catch (...) {
    take_back();
    throw;
  }
  if (has_errors()) {
    take_back();
    fail_with_errors();
  }
  return std::move(keys_);
}

void StateLoader::check_module(Module& module, const std::string& path, const std::string& prefix) {
  LoadState state(state_, path, prefix, options_, keys_, error_msgs_);
  if (module.hooks()) {
    for (const auto& hook : *module.hooks()->load_state_dict_pre.snapshot()) (*hook.call)(module, state);
  }
  if (state.version().value_or(0) < module.state_version()) module.upgrade_state(state);
  const Dict& part = state_.at(prefix);
  check_tensors(module.parameters_, true, prefix, part);
  check_tensors(module.buffers_, false, prefix, part);
  check_extra_state(module, prefix, part);
  check_unexpected(module, prefix, part);
}

void StateLoader::check_tensors(const OrderedMap<TensorSlot>& slots, bool are_parameters, const std::string& prefix,
                                const Dict& part) {
  for (const auto& [name, slot] : slots) {
    if (!slot.value->defined() || !slot.flags.persistent) continue;
    if (const Value* value = part.find(name)) {
      check_tensor(slot, are_parameters, prefix + name, *value);
    } else {
      keys_.missing_keys.push_back(prefix + name);
    }
  }
}

void StateLoader::check_tensor(const TensorSlot& slot, bool is_parameter, const std::string& key, const Value& value) {
  const auto* tensor = value.get_if<at::Tensor>();
  if (!tensor) {
    error_msgs_.push_back("While copying the parameter named \"" + key +
                          "\", expected torch.Tensor or Tensor-like object from checkpoint but received " +
                          value.type_name());
    return;
  }
  const at::Tensor& target = *slot.value;
  // torch before 0.4 saved a number as one row.
  const bool is_row = !is_lazy(target) && target.dim() == 0 && tensor->dim() == 1 && tensor->size(0) > 0;
  const at::Tensor loaded = is_row ? tensor->select(0, 0) : *tensor;
  if (is_lazy(loaded) && is_lazy(target)) return;
  if (!is_lazy(loaded) && !is_lazy(target) && loaded.sizes() != target.sizes()) {
    error_msgs_.push_back("size mismatch for " + key + ": copying a param with shape " + size_text(loaded.sizes()) +
                          " from checkpoint, the shape in current model is " + size_text(target.sizes()) + ".");
    return;
  }
  const std::string problem = problem_of(target, loaded, is_parameter);
  if (!problem.empty()) {
    error_msgs_.push_back("While copying the parameter named \"" + key + "\", whose dimensions in the model are " +
                          size_text(target.sizes()) + " and whose dimensions in the checkpoint are " +
                          size_text(loaded.sizes()) + ", an exception occurred : " + problem + ".");
    return;
  }
  // Copies between tensors of one kind cannot fail; other copies might.
  may_be_taken_back_ |= loaded.device() != target.device() || loaded.scalar_type() != target.scalar_type();
  tensors_.push_back({key, target, loaded, is_parameter, {}});
}

/// The reason why the target cannot take the loaded tensor; empty if it can.
std::string StateLoader::problem_of(const at::Tensor& target, const at::Tensor& loaded, bool is_parameter) const {
  if (is_lazy(loaded)) return "the checkpoint holds an uninitialized parameter, which the model has initialized";
  if (options_.assign) {
    const bool has_gradient = loaded.is_floating_point() || loaded.is_complex();
    if (is_parameter && target.requires_grad() && !has_gradient) {
      return "Only Tensors of floating point and complex dtype can require gradients";
    }
    return "";
  }
  if (loaded.is_meta() && !target.is_meta()) return "Cannot copy out of meta tensor; no data!";
  if (loaded.layout() != target.layout()) return "their layouts differ";
  if (loaded.is_quantized() != target.is_quantized()) return "one is quantized and the other is not";
  if (target.is_inference() && !c10::InferenceMode::is_enabled()) {
    return "Inplace update to inference tensor outside InferenceMode is not allowed";
  }
  if (at::has_internal_overlap(target) == at::MemOverlap::Yes) {
    return "more than one element of the written-to tensor refers to a single memory location";
  }
  return "";
}

void StateLoader::check_extra_state(Module& module, const std::string& prefix, const Dict& part) {
  const Value* value = part.find(kExtraState);
  if (module.has_extra_state()) {
    if (value) {
      extras_.push_back({{&module, module.weak_from_this().lock()}, *value, {}});
    } else {
      keys_.missing_keys.push_back(prefix + kExtraState);
    }
  } else if (value) {
    keys_.unexpected_keys.push_back(prefix + kExtraState);
  }
}

void StateLoader::check_unexpected(const Module& module, const std::string& prefix, const Dict& part) {
  const auto is_expected = [&](const std::string& name) {
    const auto dot = name.find('.');
    // Children that are None are skipped, as in Python.
    if (dot != std::string::npos) return module.children_.contains(std::string_view(name).substr(0, dot));
    const TensorSlot* slot = module.parameters_.find(name);
    if (!slot) slot = module.buffers_.find(name);
    return slot && slot->value->defined() && slot->flags.persistent;
  };
  for (const auto& [name, value] : part) {
    if (name != kExtraState && !is_expected(name)) keys_.unexpected_keys.push_back(prefix + name);
  }
}

bool StateLoader::has_errors() const {
  return !error_msgs_.empty() || (options_.strict && !(keys_.missing_keys.empty() && keys_.unexpected_keys.empty()));
}

void StateLoader::fail_with_errors() const {
  std::string text = "Error(s) in loading state_dict for " + root_.type_name() + ":";
  if (options_.strict && !keys_.missing_keys.empty()) {
    text += "\n\tMissing key(s) in state_dict: " + quoted_list(keys_.missing_keys) + ". ";
  }
  if (options_.strict && !keys_.unexpected_keys.empty()) {
    text += "\n\tUnexpected key(s) in state_dict: " + quoted_list(keys_.unexpected_keys) + ". ";
  }
  for (const auto& message : error_msgs_) text += "\n\t" + message;
  fail(text);
}

void StateLoader::commit() {
  for (auto& change : tensors_) {
    ++tensors_changed_;
    options_.assign ? assign(change) : copy(change);
  }
  for (auto& [held, loaded, before] : extras_) {
    before = held.module->get_extra_state();
    ++extras_changed_;
    held.module->set_extra_state(loaded);
  }
}

void StateLoader::copy(TensorChange& change) {
  if (is_lazy(change.target)) {
    change.before = change.target.detach();
    change.target.set_data(at::empty(change.loaded.sizes(), change.target.options().requires_grad(false)));
  } else if (may_be_taken_back_) {
    change.before = change.target.detach().clone();
  }
  change.target.copy_(change.loaded);
}

void StateLoader::assign(TensorChange& change) {
  auto& [loaded, made] = assigned_[change.target.unsafeGetTensorImpl()];
  // Tensors stay tied if the loaded ones are tied.
  if (!made.defined() || !is_one_view(loaded, change.loaded)) {
    loaded = change.loaded;
    const bool is_own_leaf = loaded.is_leaf() && loaded.requires_grad();
    made = change.is_parameter && !is_own_leaf ? loaded.detach() : loaded;
    if (change.is_parameter) made.set_requires_grad(change.target.requires_grad());
  }
  root_.tensor_slot(change.name) = made;
}

/// In reverse, so a tensor that was loaded twice gets its first values back.
void StateLoader::take_back() noexcept {
  for (; extras_changed_ > 0; --extras_changed_) {
    auto& change = extras_[extras_changed_ - 1];
    try {
      change.module.module->set_extra_state(change.before);
    } catch (...) {  // the original error is reported
    }
  }
  for (; tensors_changed_ > 0; --tensors_changed_) {
    auto& change = tensors_[tensors_changed_ - 1];
    try {
      if (options_.assign) {
        root_.tensor_slot(change.name) = change.target;
      } else if (is_lazy(change.before)) {
        change.target.set_data(change.before);
      } else if (change.before.defined()) {
        change.target.copy_(change.before);
      }
    } catch (...) {
    }
  }
}

void StateLoader::run_post_hooks() {
  for (const auto& held : with_post_hooks_) {
    for (const auto& hook : *held.module->hooks()->load_state_dict_post.snapshot()) (*hook.call)(*held.module, keys_);
  }
}

}  // namespace bisque
