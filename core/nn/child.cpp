#include <bisque/core/nn/child.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/clone.h>
#include <bisque/core/nn/release.h>

namespace bisque {

ChildMember::ChildMember(Module& owner, const std::string& name, std::shared_ptr<Module> module, Fits fits)
    : fits_(fits) {
  ChildSlot& slot = owner.new_child(name, std::move(module));
  if (*slot.value && !fits(**slot.value)) {
    fail(owner.type_name(), ": a registration hook put a ", (*slot.value)->type_name(), " in place of the child '",
         name, "', which is of another type.");
  }
  bind(slot);
}

ChildMember::ChildMember(const ChildMember& other) : module_(other.module_), fits_(other.fits_) {
  if (ChildSlot* slot = CloneScope::clone_of(other.slot_)) bind(*slot);
}

ChildMember::ChildMember(ChildMember&& other) noexcept : fits_(other.fits_) {
  if (ChildSlot* slot = other.slot_) {
    other.unbind();
    bind(*slot);
  } else {
    module_ = std::move(other.module_);
  }
}

ChildMember::~ChildMember() {
  if (slot_) unbind();
  release(std::move(module_));
}

void ChildMember::bind(ChildSlot& slot) noexcept {
  module_ = std::move(slot.own);
  slot.value = &module_;
  slot.member = this;
  slot_ = &slot;
}

/// Leaves the Module to the registry.
void ChildMember::unbind() noexcept {
  slot_->own = std::move(module_);
  slot_->value = &slot_->own;
  slot_->member = nullptr;
  slot_ = nullptr;
}

void ChildMember::assign(std::shared_ptr<Module> module) {
  if (slot_) {
    slot_->owner->register_module(std::string(slot_->name), std::move(module));
  } else {
    module_ = std::move(module);
  }
}

void ChildMember::fail_none() const {
  if (!slot_) fail("Child: expected a Module, but there is none.");
  fail(slot_->owner->type_name(), ": expected the child '", slot_->name, "' to be a Module, but it is None.");
}

}  // namespace bisque
