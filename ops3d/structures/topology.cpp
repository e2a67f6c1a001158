#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/topology.h>

namespace bisque {

VertFaces vert_faces_of(const at::Tensor& faces, int64_t num_verts) {
  if (faces.dim() != 2 || faces.size(1) != 3 || faces.scalar_type() != at::kLong) {
    fail("vert_faces_of: expected faces to be int64 [F, 3], but got ", faces.dtype().name(), " ", faces.sizes());
  }
  const auto corners = faces.reshape({-1});
  if (corners.numel() > 0) {
    const auto low = corners.min().item<int64_t>(), high = corners.max().item<int64_t>();
    if (low < 0 || high >= num_verts) {
      fail("vert_faces_of: expected faces to index ", num_verts, " verts, but they go from ", low, " to ", high);
    }
  }
  const auto order = std::get<1>(corners.sort(/*stable=*/true, /*dim=*/0, /*descending=*/false));
  const auto counts = at::bincount(corners, {}, num_verts);
  const auto first = at::constant_pad_nd(counts.cumsum(0), {1, 0});
  return {first, at::floor_divide(order, 3)};
}

}  // namespace bisque
