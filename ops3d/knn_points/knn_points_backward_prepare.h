// The checks and allocations that the CPU, Meta and CUDA implementations of _knn_points_backward share.
#pragma once
#include <bisque/ops3d/knn_points/knn_points_backward_params.h>
#include <bisque/ops3d/knn_points/knn_points_prepare.h>

namespace bisque {

struct KnnPointsBackwardCall {
  KnnClouds clouds;
  op::Tensor grad_dists, idx;
  op::Tensor grad_p1, grad_p2;
  bool l1, need_p1, need_p2;

  template <class T>
  KnnPointsBackwardParams<T> params() const {
    return {op::data<T>(grad_dists),
            op::data<T>(clouds.p1),
            op::data<T>(clouds.p2),
            clouds.data1(),
            clouds.data2(),
            op::data<int64_t>(idx),
            need_p1 ? op::mutable_data<T>(grad_p1) : nullptr,
            need_p2 ? op::mutable_data<T>(grad_p2) : nullptr,
            clouds.p1.size(0),
            clouds.p1.size(1),
            clouds.p2.size(1),
            clouds.p1.size(2),
            idx.size(2),
            l1};
  }
};

inline KnnPointsBackwardCall prepare_knn_points_backward(
    const op::Tensor& grad_dists, const op::Tensor& p1, const op::Tensor& p2, const std::optional<op::Tensor>& lengths1,
    const std::optional<op::Tensor>& lengths2, const op::Tensor& idx, int64_t norm, bool need_p1, bool need_p2) {
  const char* op = "_knn_points_backward";
  KnnClouds clouds = prepare_knn_clouds(op, p1, p2, lengths1, lengths2, norm);
  op::check(op, "idx", idx)
      .shape({p1.size(0), p1.size(1), op::kAny}, "[N, P1, K]")
      .dtype(op::ScalarType::Long)
      .on_device_of("p1", p1);
  op::check(op, "grad_dists", grad_dists).shape({p1.size(0), p1.size(1), idx.size(2)}, "[N, P1, K]").like("p1", p1);
  const auto gradient_of = [](const op::Tensor& p, bool need) {
    return need ? op::new_empty(p, {p.size(0), p.size(1), p.size(2)}) : op::new_empty(p, {0});
  };
  return {clouds,
          op::contiguous(grad_dists),
          op::contiguous(idx),
          gradient_of(p1, need_p1),
          gradient_of(p2, need_p2),
          norm == 1,
          need_p1,
          need_p2};
}

}  // namespace bisque
