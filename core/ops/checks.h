// Argument checks of ops, in one wording: op, argument, expected, got. For the stable ABI.
#pragma once
#include <torch/csrc/stable/tensor.h>

#include <initializer_list>
#include <string>

namespace bisque::op {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;

inline constexpr int64_t kAny = -1;  // a size that a shape check leaves open

/// One tensor argument of an op, named for messages: check("knn", "p1", p1).shape({kAny, kAny, 3}).floating().
class Check {
 public:
  Check(const char* op, const char* name, const Tensor& tensor) : op_(op), name_(name), tensor_(tensor) {}

  /// Exactly these sizes; kAny leaves one open. `symbols` names them in the message: "[N, V, 3]".
  const Check& shape(std::initializer_list<int64_t> sizes, const char* symbols) const;
  /// float32 or float64.
  const Check& floating() const;
  /// float32, float64, float16 or bfloat16.
  const Check& floating_or_half() const;
  const Check& dtype(ScalarType expected) const;
  /// The dtype (and device) of another argument.
  const Check& like(const char* other_name, const Tensor& other) const;
  const Check& on_device_of(const char* other_name, const Tensor& other) const;

 private:
  [[noreturn]] void fail_argument(const std::string& expected, const std::string& got) const;

  const char* op_;
  const char* name_;
  const Tensor& tensor_;
};

inline Check check(const char* op, const char* name, const Tensor& tensor) { return {op, name, tensor}; }

/// Fails because of an argument that is not a tensor: "raster: expected image_height to be at least 1, but got 0".
[[noreturn]] void fail_argument(const char* op, const char* argument, const std::string& expected,
                                const std::string& got);

std::string dtype_name(ScalarType dtype);
std::string shape_text(const Tensor& tensor);  // "[2, 3]"

}  // namespace bisque::op
