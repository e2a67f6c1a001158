// What the glue of an op needs beside its kernels: registration, checks, dtype dispatch. For the stable ABI.
#pragma once
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <vector>

#include <bisque/core/ops/checks.h>
#include <bisque/core/ops/half.h>
#include <bisque/core/ops/register.h>
#include <bisque/core/ops/stable_compat.h>

namespace bisque::op {

using torch::headeronly::IntHeaderOnlyArrayRef;
using torch::stable::new_empty;

/// The tensor itself where it is contiguous: asking costs less than a call of the dispatcher.
inline Tensor contiguous(const Tensor& tensor) {
  return tensor.is_contiguous() ? tensor : torch::stable::contiguous(tensor);
}

/// A new tensor, without the dispatcher: on the CPU that costs more than a small kernel.
inline Tensor empty_strided(IntHeaderOnlyArrayRef sizes, IntHeaderOnlyArrayRef strides, ScalarType dtype,
                            int32_t device_type, int32_t device_index) {
  AtenTensorHandle result = nullptr;
  STABLE_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(
      static_cast<int64_t>(sizes.size()), sizes.data(), strides.data(),
      torch::stable::detail::to<int32_t>(torch::stable::detail::from(dtype)), device_type, device_index, &result));
  return Tensor(result);
}

/// A new tensor on the device of another.
inline Tensor new_empty_strided(const Tensor& like, IntHeaderOnlyArrayRef sizes, IntHeaderOnlyArrayRef strides,
                                ScalarType dtype) {
  int32_t device = 0;
  STABLE_TORCH_ERROR_CODE_CHECK(aoti_torch_get_device_type(like.get(), &device));
  return empty_strided(sizes, strides, dtype, device, like.get_device_index());
}

inline std::vector<int64_t> contiguous_strides(IntHeaderOnlyArrayRef sizes) {
  std::vector<int64_t> strides(sizes.size());
  int64_t stride = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max(sizes[i], int64_t{1});
  }
  return strides;
}

inline Tensor new_empty_contiguous(const Tensor& like, IntHeaderOnlyArrayRef sizes, ScalarType dtype) {
  return new_empty_strided(like, sizes, contiguous_strides(sizes), dtype);
}

/// A new contiguous tensor on the CPU, for ops without tensor arguments, such as parsers.
inline Tensor empty_on_cpu(IntHeaderOnlyArrayRef sizes, ScalarType dtype) {
  return empty_strided(sizes, contiguous_strides(sizes), dtype, aoti_torch_device_type_cpu(), 0);
}

/// Calls body(T{}) with the float type of the tensor; its dtype is checked before (Check::floating).
template <class Body>
void dispatch_floating_types(const Tensor& tensor, const Body& body) {
  if (tensor.scalar_type() == ScalarType::Double) {
    body(double{});
  } else {
    body(float{});
  }
}

/// The same for a tensor that may be of half precision (Check::floating_or_half).
template <class Body>
void dispatch_floating_and_half_types(const Tensor& tensor, const Body& body) {
  switch (tensor.scalar_type()) {
    case ScalarType::Half:
      return body(Half{});
    case ScalarType::BFloat16:
      return body(BFloat16{});
    default:
      return dispatch_floating_types(tensor, body);
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
