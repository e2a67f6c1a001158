#include <tuple>

#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/knn_points/knn_points_prepare.h>

namespace bisque {
namespace {

using op::Tensor;
using Lengths = std::optional<Tensor>;

std::tuple<Tensor, Tensor> knn_points_cuda(const Tensor& p1, const Tensor& p2, const Lengths& lengths1,
                                           const Lengths& lengths2, int64_t k, int64_t norm, bool) {
  const auto call = prepare_knn_points(p1, p2, lengths1, lengths2, k, norm);
  const op::CudaScope scope(call.dists);
  op::by_float_type(call.dists,
                    [&](auto zero) { knn_points_cuda_kernel(call.params<decltype(zero)>(), scope.stream()); });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.dists, call.idx};
}

const op::Register knn_points({"bisque::knn_points", BISQUE_KERNEL(knn_points_cuda)});
}  // namespace
}  // namespace bisque
