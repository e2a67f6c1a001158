#include <bisque/core/nn/entry.h>

#include <bisque/core/error.h>

namespace bisque {

/// Erases an entry of this name with another kind.
template <class Slot>
void ModuleEntry::make_way(OrderedMap<Slot>& slots, const char* kind) {
  const Slot* slot = slots.find(name_);
  if (!slot) return;
  if (slot->member) {
    fail(owner_.type_name(), ": cannot assign a ", kind, " to '", name_, "', which is a member that is a ",
         owner_.kind_of(name_), ".");
  }
  owner_.erase(name_);
}

void ModuleEntry::operator=(const Parameter& value) {
  make_way(owner_.buffers_, "Parameter");
  make_way(owner_.children_, "Parameter");
  owner_.register_parameter(name_, value);
}

void ModuleEntry::operator=(const Buffer& value) {
  make_way(owner_.parameters_, "Buffer");
  make_way(owner_.children_, "Buffer");
  owner_.register_buffer(name_, value);
}

void ModuleEntry::operator=(const at::Tensor& value) {
  if (const TensorSlot* slot = owner_.buffers_.find(name_)) {
    owner_.register_buffer(name_, Buffer(value, {slot->flags.persistent, slot->flags.keep_dtype}));
    return;
  }
  const char* kind = owner_.kind_of(name_);
  if (!kind) {
    fail(owner_.type_name(), ": cannot assign a plain tensor to '", name_,
         "', which is not a buffer; assign a Parameter or a Buffer.");
  }
  fail(owner_.type_name(), ": cannot assign a plain tensor as ", kind, " '", name_, "' (",
       owner_.children_.contains(name_) ? "Module" : "Parameter", " or None expected).");
}

void ModuleEntry::operator=(std::shared_ptr<Module> child) {
  if (!child) return *this = nullptr;
  make_way(owner_.parameters_, "Module");
  make_way(owner_.buffers_, "Module");
  owner_.register_module(name_, std::move(child));
}

void ModuleEntry::operator=(std::nullptr_t) {
  if (owner_.parameters_.contains(name_)) {
    owner_.register_parameter(name_, at::Tensor());
  } else if (owner_.buffers_.contains(name_)) {
    *this = at::Tensor();
  } else if (owner_.children_.contains(name_)) {
    owner_.register_module(name_, nullptr);
  } else {
    fail(owner_.type_name(), ": has no attribute '", name_, "' that could become None.");
  }
}

const at::Tensor& ModuleEntry::tensor() const {
  if (const TensorSlot* slot = owner_.parameters_.find(name_)) return *slot->value;
  if (const TensorSlot* slot = owner_.buffers_.find(name_)) return *slot->value;
  fail(owner_.type_name(), ": has no parameter or buffer '", name_, "'.");
}

Module& ModuleEntry::module() const {
  const ChildSlot* slot = owner_.children_.find(name_);
  if (!slot || !*slot->value) fail(owner_.type_name(), ": has no child '", name_, "', or it is None.");
  return **slot->value;
}

}  // namespace bisque
