// Parameter and Buffer: tensors that are members of a Module and are in its registry.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <type_traits>

#include <bisque/core/nn/slot_member.h>

namespace bisque {

/// Common base of Parameter and Buffer. A member and the registry of its Module hold the same tensor: assigning to one
/// changes both. A copy belongs to no Module, except copies made by Module::clone, which belong to the clone. A member
/// constructed by a move takes over the name of the source, which becomes None. Members that are swapped, sorted or
/// move-assigned keep their names and exchange their tensors. Destroying a member removes its name from the Module.
class TensorMember : public at::Tensor, public SlotMember<TensorMember, TensorSlot> {
 public:
  const TensorFlags& flags() const { return is_registered() ? held_slot()->flags : flags_; }

  /// Sets the sizes of an uninitialized tensor; the values are not set. Other holders of the tensor (an optimizer) see
  /// the change. Error: it is not uninitialized.
  void materialize(at::IntArrayRef sizes, std::optional<at::Device> device = std::nullopt,
                   std::optional<at::ScalarType> dtype = std::nullopt) const;

 protected:
  TensorMember() = default;
  TensorMember(at::Tensor value, const TensorFlags& flags) : at::Tensor(std::move(value)), flags_(flags) {}
  explicit TensorMember(TensorSlot& slot) { enter_slot(slot); }
  TensorMember(const TensorMember& other);
  TensorMember(TensorMember&& other) noexcept;
  ~TensorMember();

  template <class Member>
  using Registration = const at::Tensor& (Module::*)(const std::string&, const std::type_identity_t<Member>&);
  /// Implements operator=; `source` is the value if it is moved.
  template <class Member>
  void assign(const Member& value, std::type_identity_t<Member>* source, Registration<Member> registration);

 private:
  friend class Module;
  friend SlotMember;
  at::Tensor& held_value() { return *this; }
  TensorFlags& own_flags() { return flags_; }

  TensorFlags flags_;
};

struct ParameterOptions {
  bool requires_grad = true;
  bool keep_dtype = false;  // Module::to(dtype) does not change it
};

/// A learned tensor of a Module; undefined is None.
///
///   Parameter weight{*this, "weight", at::empty({out, in})};
///   Parameter tied{*this, "tied", encoder->weight};   // one tensor under two names
///
/// The tensor itself is registered, not a copy. Errors: a name that is empty, contains a dot or is taken; a tensor that
/// autograd computed; requires_grad with a dtype that has no gradient.
class Parameter : public TensorMember {
 public:
  Parameter() = default;
  explicit Parameter(at::Tensor value, const ParameterOptions& options = {});
  Parameter(Module& owner, const std::string& name, at::Tensor value, const ParameterOptions& options = {});
  /// Another Module's parameter, with its requires_grad (tied).
  Parameter(Module& owner, const std::string& name, const Parameter& tied);

  Parameter(const Parameter&) = default;
  Parameter(Parameter&&) noexcept = default;
  /// In a Module this is equivalent to module["name"] = value.
  Parameter& operator=(const Parameter& value);
  Parameter& operator=(Parameter&& value);           // NOLINT(*noexcept-move*): registration hooks may throw
  Parameter& operator=(const at::Tensor&) = delete;  // a plain tensor is not a parameter: assign Parameter(tensor)
};

struct BufferOptions {
  bool persistent = true;   // is part of state_dict
  bool keep_dtype = false;  // Module::to(dtype) does not change it; integers and bools always keep theirs
};

/// A tensor that moves with a Module and is not learned; undefined is None. Errors: see Parameter.
class Buffer : public TensorMember {
 public:
  Buffer() = default;
  explicit Buffer(at::Tensor value, const BufferOptions& options = {});
  Buffer(Module& owner, const std::string& name, at::Tensor value, const BufferOptions& options = {});

  Buffer(const Buffer&) = default;
  Buffer(Buffer&&) noexcept = default;
  /// In a Module these are equivalent to module["name"] = value.
  Buffer& operator=(const Buffer& value);
  Buffer& operator=(Buffer&& value);  // NOLINT(*noexcept-move*): see Parameter
  Buffer& operator=(const at::Tensor& value);
};

/// A parameter whose sizes the first forward determines, which then calls materialize(). Until then it is a tensor
/// without elements for which is_lazy() is true; load_state_dict sets its sizes to those of the loaded tensor.
class UninitializedParameter : public Parameter {
 public:
  explicit UninitializedParameter(const at::TensorOptions& type = {}, const ParameterOptions& options = {});
  UninitializedParameter(Module& owner, const std::string& name, const at::TensorOptions& type = {},
                         const ParameterOptions& options = {});
  using Parameter::operator=;
};

class UninitializedBuffer : public Buffer {
 public:
  explicit UninitializedBuffer(const at::TensorOptions& type = {}, const BufferOptions& options = {});
  UninitializedBuffer(Module& owner, const std::string& name, const at::TensorOptions& type = {},
                      const BufferOptions& options = {});
  using Buffer::operator=;
};

/// The value that a Parameter holds: the tensor itself, or undefined. Errors: see Parameter; messages include owner and
/// name.
at::Tensor as_parameter(at::Tensor value, bool requires_grad, const Module* owner = nullptr,
                        const std::string& name = "");

/// Whether a tensor is an uninitialized parameter or buffer.
bool is_lazy(const at::Tensor& tensor);

/// A tensor without elements for which is_lazy() is true.
at::Tensor uninitialized(const at::TensorOptions& type);

}  // namespace bisque
