#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/ball_query/ball_query_kernels.h>

namespace bisque {
namespace {

const op::Op<BallQuery> ball_query({
    .schema = "bisque::ball_query(Tensor p1, Tensor p2, Tensor? lengths1, Tensor? lengths2, int K=500, float "
              "radius=0.2) -> (Tensor dists, Tensor idx)",
    .shapes = "p1 [N, P1, D], p2 [N, P2, D], lengths1 [N], lengths2 [N] -> dists [N, P1, K], idx int64 [N, P1, K]",
    .require = "D >= 1, P2 <= 2147483647, K >= 1, radius >= 0",
    .backward = "bisque::_ball_query_backward",
});

const op::Op<BallQueryBackward> ball_query_backward({
    .schema = "bisque::_ball_query_backward(Tensor grad_dists, Tensor p1, Tensor p2, Tensor? lengths1, Tensor? "
              "lengths2, Tensor idx, bool need_grad_p1, bool need_grad_p2) -> (Tensor grad_p1, Tensor grad_p2)",
    .shapes = "p1 [N, P1, D], p2 [N, P2, D], lengths1 [N], lengths2 [N], idx [N, P1, K], grad_dists [N, P1, K]"
              " -> grad_p1 [N, P1, D] if need_grad_p1 else [0], grad_p2 [N, P2, D] if need_grad_p2 else [0]",
    .require = "D >= 1",
});

}  // namespace
}  // namespace bisque
