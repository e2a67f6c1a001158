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
  enter_slot(slot);
}

ChildMember::ChildMember(const ChildMember& other) : module_(other.module_), fits_(other.fits_) {
  if (ChildSlot* slot = CloneScope::clone_of(other.held_slot())) enter_slot(*slot);
}

ChildMember::ChildMember(ChildMember&& other) noexcept : fits_(other.fits_) { take_over(other); }

ChildMember::~ChildMember() {
  leave_module();
  release(std::move(module_));
}

void ChildMember::assign(std::shared_ptr<Module> module) {
  if (place()) {
    assign_in_place(nullptr, [&](ChildSlot& slot) { slot.owner->register_module(std::string(slot.name), module); });
  } else {
    std::swap(module_, module);
  }
  release(std::move(module));
}

void ChildMember::assign(ChildMember&& source) {
  if (&source == this) return;
  if (place()) {
    assign_in_place(&source,
                    [&](ChildSlot& slot) { slot.owner->register_module(std::string(slot.name), source.module_); });
  } else {
    release(std::move(module_));
    take_over(source);
  }
}

void ChildMember::fail_none() const {
  const ChildSlot* slot = place();
  if (!slot) fail("Child: expected a Module, but there is none.");
  fail(slot->owner->type_name(), ": expected the child '", slot->name, "' to be a Module, but it is None.");
}

}  // namespace bisque
