#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque {
namespace {

// Lists of neighbours hold 32-bit indices.
const op::Op<KnnPoints> knn_points({
    .schema = "bisque::knn_points(Tensor p1, Tensor p2, Tensor? lengths1, Tensor? lengths2, int K=1, int norm=2, bool "
              "return_sorted=True) -> (Tensor dists, Tensor idx)",
    .shapes = "p1 [N, P1, D], p2 [N, P2, D], lengths1 [N], lengths2 [N] -> dists [N, P1, K], idx int64 [N, P1, K]",
    .require = "D >= 1, P2 <= 2147483647, norm in [1, 2], K >= 1",
    .backward = "bisque::_knn_points_backward",
});

const op::Op<KnnPointsBackward> knn_points_backward({
    .schema =
        "bisque::_knn_points_backward(Tensor grad_dists, Tensor p1, Tensor p2, Tensor? lengths1, Tensor? "
        "lengths2, Tensor idx, int norm, bool need_grad_p1, bool need_grad_p2) -> (Tensor grad_p1, Tensor grad_p2)",
    .shapes = "p1 [N, P1, D], p2 [N, P2, D], lengths1 [N], lengths2 [N], idx [N, P1, K], grad_dists [N, P1, K]"
              " -> grad_p1 [N, P1, D] if need_grad_p1 else [0], grad_p2 [N, P2, D] if need_grad_p2 else [0]",
    .require = "D >= 1, norm in [1, 2]",
});

}  // namespace
}  // namespace bisque
