#include <tuple>

#include <bisque/ops3d/knn_points/knn_points_backward_prepare.h>

namespace bisque {
namespace {

using op::Tensor;
using Lengths = std::optional<Tensor>;

[[noreturn]] void refuse_index(const KnnPointsBackwardCall& call, int64_t position) {
  const int64_t k = call.idx.size(2), points = call.idx.size(1);
  const int64_t n = position / k / points, i = position / k % points;
  const int64_t length = call.clouds.data2() ? call.clouds.data2()[n] : call.clouds.p2.size(1);
  op::refuse("_knn_points_backward", "idx", "lie in [0, " + std::to_string(length) + ") in cloud " + std::to_string(n),
             std::to_string(op::data<int64_t>(call.idx)[position]) + " at [" + std::to_string(n) + ", " +
                 std::to_string(i) + ", " + std::to_string(position % k) + "]");
}

std::tuple<Tensor, Tensor> knn_points_backward_cpu(const Tensor& grad_dists, const Tensor& p1, const Tensor& p2,
                                                   const Lengths& lengths1, const Lengths& lengths2, const Tensor& idx,
                                                   int64_t norm, bool need_p1, bool need_p2) {
  const auto call = prepare_knn_points_backward(grad_dists, p1, p2, lengths1, lengths2, idx, norm, need_p1, need_p2);
  check_knn_lengths("_knn_points_backward", call.clouds);
  op::by_float_type(call.grad_dists, [&](auto zero) {
    const int64_t wrong = knn_points_backward_cpu_kernel(call.params<decltype(zero)>());
    if (wrong >= 0) refuse_index(call, wrong);
  });
  return {call.grad_p1, call.grad_p2};
}

std::tuple<Tensor, Tensor> knn_points_backward_meta(const Tensor& grad_dists, const Tensor& p1, const Tensor& p2,
                                                    const Lengths& lengths1, const Lengths& lengths2, const Tensor& idx,
                                                    int64_t norm, bool need_p1, bool need_p2) {
  const auto call = prepare_knn_points_backward(grad_dists, p1, p2, lengths1, lengths2, idx, norm, need_p1, need_p2);
  return {call.grad_p1, call.grad_p2};
}

const op::Register knn_points_backward({
    .schema =
        "bisque::_knn_points_backward(Tensor grad_dists, Tensor p1, Tensor p2, Tensor? lengths1, Tensor? "
        "lengths2, Tensor idx, int norm, bool need_grad_p1, bool need_grad_p2) -> (Tensor grad_p1, Tensor grad_p2)",
    .shapes = "p1 [N, P1, D], p2 [N, P2, D] -> grad_p1 [N, P1, D] if need_grad_p1 else [0], grad_p2 [N, P2, D] if "
              "need_grad_p2 else [0]",
    .cpu = BISQUE_KERNEL(knn_points_backward_cpu),
    .meta = BISQUE_KERNEL(knn_points_backward_meta),
});

}  // namespace
}  // namespace bisque
