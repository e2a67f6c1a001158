// Internal. The parameters of a batch as tensors of one size, dtype and device.
#pragma once
#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <string>

#include <bisque/renderer/batch/batch_value.h>

namespace bisque {

/// Brings the parameters of a Module (`owner`, which begins the errors) to one batch size N, dtype and device.
class ParameterBatch {
 public:
  struct Given {
    const char* name;
    BatchValue value;
    int64_t item_dims = 0;  // dimensions of one item
  };
  /// N is the first size of the tensors with one dimension more than an item, if it is not 1. The dtype and device are
  /// those of the first floating-point tensor; float32 on the CPU if there is none. Error: sizes that differ.
  ParameterBatch(std::string owner, std::initializer_list<Given> given);

  int64_t size() const { return size_; }
  const at::TensorOptions& options() const { return options_; }

  /// A value with items of shape `item`, as [N, ...]; undefined if there is none. Errors: another shape, a
  /// floating-point dtype or a device that is not the batch's.
  at::Tensor get(const char* name, const BatchValue& value, at::IntArrayRef item = {}) const;
  /// One or two numbers per item, as [N, 2]: a number or a tensor [N] or [N, 1] holds for both.
  at::Tensor get_pair(const char* name, const BatchValue& value) const;
  /// (height, width), as [N, 2]. Error: numbers, or elements of a tensor on the CPU, below 1.
  at::Tensor get_image_size(const BatchValue& value) const;

 private:
  at::Tensor checked(const char* name, const at::Tensor& tensor) const;

  std::string owner_;
  int64_t size_ = 1;
  at::TensorOptions options_;
};

/// The dimensions of an item for get_pair.
inline int64_t pair_dims(const BatchValue& value) {
  return value.tensor().defined() && value.tensor().dim() == 2 ? 1 : 0;
}

}  // namespace bisque
