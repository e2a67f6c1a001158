// The checks and allocations that the CPU, Meta and CUDA implementations of blendshapes' gradient share.
#pragma once
#include <bisque/ops3d/blendshapes/blendshapes_backward_params.h>
#include <bisque/ops3d/blendshapes/blendshapes_prepare.h>

namespace bisque {

struct BlendshapesBackwardCall {
  op::Tensor grad_verts, coefficients, deltas, delta_shape, vert_first;  // checked and contiguous
  op::Tensor grad_coefficients, grad_neutral, grad_deltas;
  bool need_coefficients, need_neutral, need_deltas;

  template <class T>
  BlendshapesBackwardParams<T> params() const {
    return {op::data<T>(grad_verts),
            op::data<T>(coefficients),
            op::data<T>(deltas),
            op::data<int32_t>(delta_shape),
            op::data<int64_t>(vert_first),
            need_coefficients ? op::mutable_data<T>(grad_coefficients) : nullptr,
            need_neutral ? op::mutable_data<T>(grad_neutral) : nullptr,
            need_deltas ? op::mutable_data<T>(grad_deltas) : nullptr,
            coefficients.size(0),
            coefficients.size(1),
            vert_first.size(0) - 1,
            deltas.size(0)};
  }
};

inline BlendshapesBackwardCall prepare_blendshapes_backward(const op::Tensor& grad_verts,
                                                            const op::Tensor& coefficients, const op::Tensor& neutral,
                                                            const op::Tensor& deltas, const op::Tensor& delta_shape,
                                                            const op::Tensor& vert_first, bool need_coefficients,
                                                            bool need_neutral, bool need_deltas) {
  const char* op = "_blendshapes_backward";
  check_blendshapes(op, coefficients, neutral, deltas, delta_shape, vert_first);
  op::check(op, "grad_verts", grad_verts)
      .shape({coefficients.size(0), neutral.size(0), 3}, "[N, V, 3]")
      .like("coefficients", coefficients);
  const auto none = [&] { return op::new_empty(coefficients, {0}); };
  return {op::contiguous(grad_verts),
          op::contiguous(coefficients),
          op::contiguous(deltas),
          op::contiguous(delta_shape),
          op::contiguous(vert_first),
          need_coefficients ? op::new_empty(coefficients, {coefficients.size(0), coefficients.size(1)}) : none(),
          need_neutral ? op::new_empty(neutral, {neutral.size(0), 3}) : none(),
          need_deltas ? torch::stable::new_zeros(deltas, {deltas.size(0), 3}) : none(),
          need_coefficients,
          need_neutral,
          need_deltas};
}

}  // namespace bisque
