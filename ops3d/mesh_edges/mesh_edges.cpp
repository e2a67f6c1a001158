#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/mesh_edges/mesh_edges_kernels.h>

namespace bisque {
namespace {

const op::Op<MeshEdges> mesh_edges({
    .schema = "bisque::mesh_edges(Tensor verts, Tensor faces) -> (Tensor edges, Tensor faces_to_edges)",
    .shapes = "verts [V, 3], faces [F, 3] -> edges int64 [*E, 2], faces_to_edges int64 [F, 3]",
    .scratch = "bucket_offsets [V + 1], half_edges [3 * F], edge_offsets [3 * F + 1]",
    .cuda_scratch = "unsorted [3 * F], cursors [V], sums [1024], first_bad [1]",
});

}  // namespace
}  // namespace bisque
