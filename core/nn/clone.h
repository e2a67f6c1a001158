// State that the copy constructors of Modules and their members need during a clone.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <unordered_map>

#include <bisque/core/nn/slots.h>

namespace bisque {

/// While one exists, Modules of this thread can be copied: the copied members belong to the copy.
class CloneScope {
 public:
  enum Mode {
    kCopy,   // tensors and children are copied; shared ones once
    kShare,  // tensors and children are those of the source, which is destroyed
  };

  explicit CloneScope(Mode mode);
  ~CloneScope();
  CloneScope(const CloneScope&) = delete;
  CloneScope& operator=(const CloneScope&) = delete;

  /// The innermost scope of this thread, or null.
  static CloneScope* current();

  at::Tensor tensor(const at::Tensor& source);
  std::shared_ptr<Module> module(const std::shared_ptr<Module>& source) const;

  void add(const Module& source, std::shared_ptr<Module> clone) { modules_[&source] = std::move(clone); }
  void add(const TensorSlot& source, TensorSlot& clone) { tensor_slots_[&source] = &clone; }
  void add(const ChildSlot& source, ChildSlot& clone) { child_slots_[&source] = &clone; }
  /// Called when the copy of a Module is complete and its slots are no longer needed.
  void forget_slots();

  /// The slot of the copy that corresponds to `source`, or null.
  static TensorSlot* clone_of(const TensorSlot* source);
  static ChildSlot* clone_of(const ChildSlot* source);

 private:
  Mode mode_;
  CloneScope* outer_;
  std::unordered_map<const c10::TensorImpl*, at::Tensor> tensors_;
  std::unordered_map<const Module*, std::shared_ptr<Module>> modules_;
  std::unordered_map<const TensorSlot*, TensorSlot*> tensor_slots_;
  std::unordered_map<const ChildSlot*, ChildSlot*> child_slots_;
};

}  // namespace bisque
