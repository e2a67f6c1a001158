// The entries of a Module's registry.
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
  bool persistent = true;   // part of state_dict; parameters always are
  bool keep_dtype = false;  // to(dtype) does not change it
};

/// Children have no flags.
struct NoFlags {};

/// A parameter or a buffer: held by the member that registered it, otherwise by the slot itself.
struct TensorSlot {
  TensorSlot() = default;
  TensorSlot(const TensorSlot&) = delete;
  TensorSlot& operator=(const TensorSlot&) = delete;

  Module* owner = nullptr;
  std::string_view name;
  TensorFlags flags;
  TensorMember* member = nullptr;
  TensorMember* former = nullptr;  // the moved-from member whose place this is, while another member has the value
  at::Tensor own;
  at::Tensor* value = &own;
};

/// A child Module or null, held in the same way.
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
