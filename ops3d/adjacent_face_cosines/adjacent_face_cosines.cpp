#include <bisque/core/ops/declare.h>
#include <bisque/core/ops/scan_cpu.h>
#include <bisque/ops3d/adjacent_face_cosines/adjacent_face_cosines_kernels.h>

namespace bisque {
namespace {

const op::Op<AdjacentFaceCosines> adjacent_face_cosines({
    .schema = "bisque::adjacent_face_cosines(Tensor verts, Tensor faces, Tensor faces_to_edges, int num_edges) -> "
              "(Tensor cosines, Tensor corners)",
    .shapes = "verts [V, 3], faces [F, 3], faces_to_edges [F, 3] -> cosines [*P], corners int64 [*P, 2]",
    .require = "num_edges >= 0",
    .scratch = "edge_offsets [num_edges + 1], edge_ends [num_edges], edge_corners [3 * F], "
               "pair_offsets [num_edges + 1]",
    .cuda_scratch = "sums [1024]",
    .backward = "bisque::_adjacent_face_cosines_backward",
});

const op::Op<AdjacentFaceCosinesBackward> adjacent_face_cosines_backward({
    .schema = "bisque::_adjacent_face_cosines_backward(Tensor grad_cosines, Tensor verts, Tensor faces, "
              "Tensor corners) -> Tensor grad_verts",
    .shapes = "grad_cosines [P], verts [V, 3], faces [F, 3], corners [P, 2] -> grad_verts [V, 3]",
});

}  // namespace
}  // namespace bisque
