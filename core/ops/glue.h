// What the glue of an op needs beside its kernels: registration, checks, dtype dispatch. For the stable ABI.
#pragma once
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <bisque/core/ops/checks.h>
#include <bisque/core/ops/register.h>

namespace bisque::op {

using torch::stable::contiguous;
using torch::stable::new_empty;

/// Calls body(T{}) with the float type of the tensor; its dtype is checked before (Check::floating).
template <class Body>
void by_float_type(const Tensor& tensor, const Body& body) {
  if (tensor.scalar_type() == ScalarType::Double) {
    body(double{});
  } else {
    body(float{});
  }
}

template <class T>
const T* data(const Tensor& tensor) {
  return static_cast<const T*>(tensor.const_data_ptr());
}

template <class T>
T* mutable_data(const Tensor& tensor) {
  return static_cast<T*>(tensor.mutable_data_ptr());
}

}  // namespace bisque::op
