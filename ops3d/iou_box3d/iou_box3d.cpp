#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/iou_box3d/iou_box3d_kernels.h>

namespace bisque {
namespace {

const op::Op<IouBox3d> iou_box3d({
    .schema = "bisque::iou_box3d(Tensor boxes1, Tensor boxes2, float eps=0.0001) -> (Tensor vol, Tensor iou)",
    .shapes = "boxes1 [N, 8, 3], boxes2 [M, 8, 3] -> vol [N, M], iou [N, M]",
    .require = "eps finite, eps >= 0",
    .scratch = "infos1 [N, 5], infos2 [M, 5], planes [M, 6, 5], faults [N + M]",
});

}  // namespace
}  // namespace bisque
