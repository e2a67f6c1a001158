// BatchValue: a parameter of a batch of cameras, lights or materials.
#pragma once
#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

namespace bisque {

/// Numbers that hold for all N items of a batch, or a tensor with a row for each.
///
///   .fov = 60                                                  one number
///   .principal_point = {0.1, -0.2}                             several, for all items
///   .fov = at::tensor({40.f, 60.f})                            one for each of two items
///
/// A tensor is used unmodified, so that its gradient arrives at it. Its first size is N or 1; a tensor without that
/// dimension holds for all.
class BatchValue {
 public:
  /// An element of a list of numbers, of any arithmetic type.
  struct Number {
    template <class T>
    requires std::is_arithmetic_v<T> Number(T number) : value(static_cast<double>(number)) {}
    double value;
  };

  /// No value.
  BatchValue() = default;
  template <class T>
  requires std::is_arithmetic_v<T> BatchValue(T number) : numbers_{static_cast<double>(number)} {}
  BatchValue(std::initializer_list<Number> numbers) {
    for (const Number& number : numbers) numbers_.push_back(number.value);
  }
  BatchValue(at::Tensor tensor) : tensor_(std::move(tensor)) {}
  static BatchValue of(std::vector<double> numbers) {
    BatchValue value;
    value.numbers_ = std::move(numbers);
    return value;
  }

  bool has_value() const { return tensor_.defined() || !numbers_.empty(); }
  const std::vector<double>& numbers() const { return numbers_; }  ///< empty if it is a tensor
  const at::Tensor& tensor() const { return tensor_; }             ///< undefined if it is numbers

 private:
  std::vector<double> numbers_;
  at::Tensor tensor_;
};

}  // namespace bisque
