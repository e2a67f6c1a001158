#include <bisque/core/nn/parameter.h>

#include <ATen/ATen.h>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>
#include <bisque/core/nn/clone.h>
#include <bisque/core/nn/module_base.h>

namespace bisque {

TensorMember::TensorMember(const TensorMember& other) : at::Tensor(other), flags_(other.flags()) {
  if (TensorSlot* slot = CloneScope::clone_of(other.held_slot())) enter_slot(*slot);
}

TensorMember::TensorMember(TensorMember&& other) noexcept : flags_(other.flags()) { take_over(other); }

TensorMember::~TensorMember() { leave_module(); }

template <class Member>
void TensorMember::assign(const Member& value, std::type_identity_t<Member>* source,
                          Registration<Member> registration) {
  if (&value == this) return;
  if (place()) {
    assign_in_place(source, [&](TensorSlot& slot) { (slot.owner->*registration)(std::string(slot.name), value); });
    return;
  }
  flags_ = value.flags();
  if (source) {
    take_over(*source);
  } else {
    at::Tensor::operator=(static_cast<const at::Tensor&>(value));
  }
}

void TensorMember::materialize(at::IntArrayRef sizes, std::optional<at::Device> device,
                               std::optional<at::ScalarType> dtype) const {
  if (!bisque::is_lazy(*this)) {
    std::ostringstream got;
    if (defined()) got << "one of sizes " << this->sizes();
    fail("materialize: expected an uninitialized parameter or buffer, but got ", defined() ? got.str() : "None", ".");
  }
  set_data(at::empty(
      sizes,
      options().requires_grad(false).device(device.value_or(this->device())).dtype(dtype.value_or(scalar_type()))));
}

at::Tensor as_parameter(at::Tensor value, bool requires_grad, const Module* owner, const std::string& name) {
  if (!value.defined()) return value;
  const auto where = [&] { return owner ? owner->type_name() + ": parameter '" + name + "'" : "Parameter"; };
  if (!value.is_leaf()) {
    fail(where(), ": Cannot assign non-leaf Tensor to a parameter; create it explicitly, or detach() it. What is a ",
         "function of other tensors is computed in forward().");
  }
  if (requires_grad && !value.is_floating_point() && !value.is_complex()) {
    fail(where(), ": Only Tensors of floating point and complex dtype can require gradients, but got ",
         dtype_name(value.scalar_type()), "; say requires_grad = false, or make it a Buffer.");
  }
  value.set_requires_grad(requires_grad);
  return value;
}

Parameter::Parameter(at::Tensor value, const ParameterOptions& options)
    : TensorMember(as_parameter(std::move(value), options.requires_grad), {.keep_dtype = options.keep_dtype}) {}

Parameter::Parameter(Module& owner, const std::string& name, at::Tensor value, const ParameterOptions& options)
    : TensorMember(owner.new_parameter(name, std::move(value), options)) {}

Parameter::Parameter(Module& owner, const std::string& name, const Parameter& tied)
    : TensorMember(owner.new_parameter(name, tied)) {}

Parameter& Parameter::operator=(const Parameter& value) {
  assign(value, nullptr, &Module::register_parameter);
  return *this;
}

Parameter& Parameter::operator=(Parameter&& value) {  // NOLINT(*noexcept-move*): see the header
  assign(value, &value, &Module::register_parameter);
  return *this;
}

Buffer::Buffer(at::Tensor value, const BufferOptions& options)
    : TensorMember(std::move(value), {options.persistent, options.keep_dtype}) {}

Buffer::Buffer(Module& owner, const std::string& name, at::Tensor value, const BufferOptions& options)
    : TensorMember(owner.new_buffer(name, Buffer(std::move(value), options))) {}

Buffer& Buffer::operator=(const Buffer& value) {
  assign(value, nullptr, &Module::register_buffer);
  return *this;
}

Buffer& Buffer::operator=(Buffer&& value) {  // NOLINT(*noexcept-move*): see the header
  assign(value, &value, &Module::register_buffer);
  return *this;
}

Buffer& Buffer::operator=(const at::Tensor& value) {
  return *this = Buffer(value, {flags().persistent, flags().keep_dtype});
}

UninitializedParameter::UninitializedParameter(const at::TensorOptions& type, const ParameterOptions& options)
    : Parameter(uninitialized(type), options) {}

UninitializedParameter::UninitializedParameter(Module& owner, const std::string& name, const at::TensorOptions& type,
                                               const ParameterOptions& options)
    : Parameter(owner, name, uninitialized(type), options) {}

UninitializedBuffer::UninitializedBuffer(const at::TensorOptions& type, const BufferOptions& options)
    : Buffer(uninitialized(type), options) {}

UninitializedBuffer::UninitializedBuffer(Module& owner, const std::string& name, const at::TensorOptions& type,
                                         const BufferOptions& options)
    : Buffer(owner, name, uninitialized(type), options) {}

namespace {

/// Marks the storage of uninitialized tensors, so the mark follows the tensor; there is nothing to free.
void no_memory_yet(void*) {}

}  // namespace

bool is_lazy(const at::Tensor& tensor) {
  return tensor.defined() && tensor.has_storage() && tensor.storage().data_ptr().get_deleter() == &no_memory_yet;
}

at::Tensor uninitialized(const at::TensorOptions& type) {
  const auto tensor = at::empty({0}, type.requires_grad(std::nullopt));
  const at::Storage storage(c10::Storage::use_byte_size_t(), 0,
                            at::DataPtr(nullptr, nullptr, &no_memory_yet, tensor.device()),
                            /*allocator=*/nullptr, /*resizable=*/false);
  return tensor.set_(storage, 0, {0}, {1});
}

}  // namespace bisque
