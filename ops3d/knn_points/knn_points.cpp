#include <tuple>

#include <bisque/ops3d/knn_points/knn_points_prepare.h>

namespace bisque {
namespace {

using op::Tensor;
using Lengths = std::optional<Tensor>;

// Sorted results serve both values of return_sorted.
std::tuple<Tensor, Tensor> knn_points_cpu(const Tensor& p1, const Tensor& p2, const Lengths& lengths1,
                                          const Lengths& lengths2, int64_t k, int64_t norm, bool) {
  const auto call = prepare_knn_points(p1, p2, lengths1, lengths2, k, norm);
  check_knn_lengths("knn_points", call.clouds);
  op::by_float_type(call.dists, [&](auto zero) { knn_points_cpu_kernel(call.params<decltype(zero)>()); });
  return {call.dists, call.idx};
}

std::tuple<Tensor, Tensor> knn_points_meta(const Tensor& p1, const Tensor& p2, const Lengths& lengths1,
                                           const Lengths& lengths2, int64_t k, int64_t norm, bool) {
  const auto call = prepare_knn_points(p1, p2, lengths1, lengths2, k, norm);
  return {call.dists, call.idx};
}

const op::Register knn_points({
    .schema = "bisque::knn_points(Tensor p1, Tensor p2, Tensor? lengths1, Tensor? lengths2, int K=1, int norm=2, bool "
              "return_sorted=True) -> (Tensor dists, Tensor idx)",
    .shapes = "p1 [N, P1, D], p2 [N, P2, D], lengths1 [N], lengths2 [N] -> dists [N, P1, K], idx int64 [N, P1, K]",
    .backward = "bisque::_knn_points_backward",
    .cpu = BISQUE_KERNEL(knn_points_cpu),
    .meta = BISQUE_KERNEL(knn_points_meta),
});

}  // namespace
}  // namespace bisque
