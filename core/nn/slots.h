// What a Module's registry holds under a name.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string_view>

namespace bisque {

class ChildMember;
class Module;
class TensorMember;

/// How a Module treats a parameter or a buffer.
struct TensorFlags {
  bool persistent = true;   // it belongs to state_dict; parameters always do
  bool keep_dtype = false;  // to(dtype) leaves it as it is
};

/// Children have none.
struct NoFlags {};

/// A parameter or a buffer: held by the member that registered it, else by the slot itself.
struct TensorSlot {
  TensorSlot() = default;
  TensorSlot(const TensorSlot&) = delete;
  TensorSlot& operator=(const TensorSlot&) = delete;

  Module* owner = nullptr;
  std::string_view name;
  TensorFlags flags;
  TensorMember* member = nullptr;
  TensorMember* former = nullptr;  // whose place this is, while another member that was made of it has the value
  at::Tensor own;
  at::Tensor* value = &own;
};

/// A child Module or null, in the same way.
struct ChildSlot {
  ChildSlot() = default;
  ChildSlot(const ChildSlot&) = delete;
  ChildSlot& operator=(const ChildSlot&) = delete;

  Module* owner = nullptr;
  std::string_view name;
  [[no_unique_address]] NoFlags flags;
  ChildMember* member = nullptr;
  ChildMember* former = nullptr;
  std::shared_ptr<Module> own;
  std::shared_ptr<Module>* value = &own;
};

}  // namespace bisque
