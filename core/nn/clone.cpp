#include <bisque/core/nn/clone.h>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/parameter.h>
#include <bisque/core/nn/tree.h>

namespace bisque {
namespace {

thread_local CloneScope* innermost = nullptr;

at::Tensor copy_of(const at::Tensor& source) {
  const bool requires_grad = source.requires_grad();
  const c10::NoGradGuard guard;
  at::Tensor copy = is_lazy(source) ? uninitialized(source.options()) : source.detach().clone();
  copy.set_requires_grad(requires_grad);
  return copy;
}

}  // namespace

CloneScope::CloneScope(Mode mode) : mode_(mode), outer_(innermost) { innermost = this; }
CloneScope::~CloneScope() { innermost = outer_; }
CloneScope* CloneScope::current() { return innermost; }

at::Tensor CloneScope::tensor(const at::Tensor& source) {
  if (mode_ == kShare || !source.defined()) return source;
  at::Tensor& copy = tensors_[source.unsafeGetTensorImpl()];
  if (!copy.defined()) copy = copy_of(source);
  return copy;
}

std::shared_ptr<Module> CloneScope::module(const std::shared_ptr<Module>& source) const {
  if (mode_ == kShare || !source) return source;
  const auto found = modules_.find(source.get());
  if (found == modules_.end())
    fail(source->type_name(), ": cannot be cloned, since it contains itself through other Modules.");
  return found->second;
}

void CloneScope::forget_slots() {
  tensor_slots_.clear();
  child_slots_.clear();
}

TensorSlot* CloneScope::clone_of(const TensorSlot* source) {
  if (!innermost || !source) return nullptr;
  const auto found = innermost->tensor_slots_.find(source);
  return found == innermost->tensor_slots_.end() ? nullptr : found->second;
}

ChildSlot* CloneScope::clone_of(const ChildSlot* source) {
  if (!innermost || !source) return nullptr;
  const auto found = innermost->child_slots_.find(source);
  return found == innermost->child_slots_.end() ? nullptr : found->second;
}

Module::Module(const Module& other) : std::enable_shared_from_this<Module>(other), training_(other.training_) {
  CloneScope* scope = CloneScope::current();
  if (!scope) fail(other.type_name(), ": a Module cannot be copied as a value; use clone().");
  const auto copy_tensors = [&](const OrderedMap<TensorSlot>& from, OrderedMap<TensorSlot>& to) {
    for (const auto& [name, source] : from) {
      TensorSlot& slot = new_slot(to, name);
      slot.flags = source.flags;
      slot.own = scope->tensor(*source.value);
      if (source.member) scope->add(source, slot);
    }
  };
  copy_tensors(other.parameters_, parameters_);
  copy_tensors(other.buffers_, buffers_);
  if (other.hooks()) {
    hooks_ = std::make_shared<ModuleHooks>(*other.hooks());
    has_hooks_.store(true, std::memory_order_release);
  }
  for (const auto& [name, source] : other.children_) {
    ChildSlot& slot = new_slot(children_, name);
    slot.own = scope->module(*source.value);
    if (source.member) scope->add(source, slot);
  }
}

/// Children are copied before their parents, so no copy constructor calls another Module's.
std::shared_ptr<Module> Module::clone_tree() const {
  CloneScope scope(CloneScope::kCopy);
  std::shared_ptr<Module> clone;
  TreeWalk walk(*this, "", Repeats::kOnce);
  while (walk.next() != TreeWalk::kEnd) {
    if (walk.step() != TreeWalk::kLeave) continue;
    clone = walk.module().copy_self();
    scope.add(walk.module(), clone);
    scope.forget_slots();
  }
  return clone;
}

std::shared_ptr<Module> Module::copy_self() const {
  fail(type_name(), ": cannot be cloned, since it does not derive from ModuleOf.");
}

}  // namespace bisque
