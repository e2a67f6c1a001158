// How an op folder registers its op: one object at namespace scope, which joins the list of its library. The plugin
// interface's entry (plugin_entry.cpp) registers the list when a host asks; nothing is registered before.
#pragma once
#include <bisque/core/ops/kernel.h>

namespace bisque::op {

/// An op and its kernels but CUDA's.
struct OpDeclaration {
  const char* schema;  // with its namespace: "bisque::knn_points(Tensor p1, ...) -> (Tensor dists, Tensor idx)"
  const char* shapes = nullptr;  // sizes of the results where sizes are symbols (docs/ops.md); required with tensors
  const char* backward =
      nullptr;  // the op that gives its gradient, tied by the names in its schema; null: not differentiable
  Kernel cpu{}, meta{};
  Kernel any{};  // one kernel for every device
  /// The same out of differentiable operators: runs in place of the kernels where its own gradient is asked for. For a
  /// backward op, which has second derivatives then.
  Kernel composed{};
  void (*check)() = nullptr;  // throws Error where the declaration is wrong, before anything is registered
};

struct CudaKernel {
  const char* schema;  // of its op
  Kernel kernel;
  void (*check)() = nullptr;
};

/// An entry of the library's list: `const op::Register knn({.schema = ...})`, or `const op::Register knn({schema,
/// kernel})` in the CUDA part.
class Register {
 public:
  explicit Register(const OpDeclaration& op) : op(op), next(first_) { first_ = this; }
  explicit Register(const CudaKernel& cuda) : cuda(cuda), next(first_) { first_ = this; }
  Register(const Register&) = delete;

  static const Register* first() { return first_; }

  const OpDeclaration op{};
  const CudaKernel cuda{};
  const Register* const next;

 private:
  static inline const Register* first_ = nullptr;
};

}  // namespace bisque::op
