// The checks and allocations that the CPU, Meta and CUDA implementations of blendshapes share.
#pragma once
#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/blendshapes/blendshapes_params.h>

namespace bisque {

struct BlendshapesCall {
  op::Tensor coefficients, neutral, deltas, delta_shape, vert_first;  // checked and contiguous
  op::Tensor verts;

  template <class T>
  BlendshapesParams<T> params() const {
    return {op::data<T>(coefficients),
            op::data<T>(neutral),
            op::data<T>(deltas),
            op::data<int32_t>(delta_shape),
            op::data<int64_t>(vert_first),
            op::mutable_data<T>(verts),
            coefficients.size(0),
            coefficients.size(1),
            neutral.size(0),
            deltas.size(0)};
  }
};

/// The checks of the arguments that the backward op has as well.
inline void check_blendshapes(const char* op, const op::Tensor& coefficients, const op::Tensor& neutral,
                              const op::Tensor& deltas, const op::Tensor& delta_shape, const op::Tensor& vert_first) {
  op::check(op, "coefficients", coefficients).shape({op::kAny, op::kAny}, "[N, S]").floating();
  op::check(op, "neutral", neutral).shape({op::kAny, 3}, "[V, 3]").like("coefficients", coefficients);
  op::check(op, "deltas", deltas).shape({op::kAny, 3}, "[D, 3]").like("coefficients", coefficients);
  op::check(op, "delta_shape", delta_shape)
      .shape({deltas.size(0)}, "[D]")
      .dtype(op::ScalarType::Int)
      .on_device_of("coefficients", coefficients);
  op::check(op, "vert_first", vert_first)
      .shape({neutral.size(0) + 1}, "[V + 1]")
      .dtype(op::ScalarType::Long)
      .on_device_of("coefficients", coefficients);
}

inline BlendshapesCall prepare_blendshapes(const op::Tensor& coefficients, const op::Tensor& neutral,
                                           const op::Tensor& deltas, const op::Tensor& delta_shape,
                                           const op::Tensor& vert_first) {
  check_blendshapes("blendshapes", coefficients, neutral, deltas, delta_shape, vert_first);
  return {op::contiguous(coefficients), op::contiguous(neutral),
          op::contiguous(deltas),       op::contiguous(delta_shape),
          op::contiguous(vert_first),   op::new_empty(neutral, {coefficients.size(0), neutral.size(0), 3})};
}

}  // namespace bisque
