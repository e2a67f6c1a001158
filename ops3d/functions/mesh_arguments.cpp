#include <bisque/ops3d/functions/mesh_arguments.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>

namespace bisque {

void check_verts(const char* function, const at::Tensor& verts) {
  const bool floating = verts.scalar_type() == at::kFloat || verts.scalar_type() == at::kDouble;
  if (floating && verts.dim() == 2 && verts.size(1) == 3) return;
  fail(function, ": expected verts to be float32 or float64 [V, 3], but got ", verts.dtype().name(), " ", verts.sizes(),
       ".");
}

void check_vert_indices(const char* function, const char* name, const at::Tensor& indices, int64_t columns,
                        const at::Tensor& verts) {
  if (indices.scalar_type() != at::kLong || indices.dim() != 2 || indices.size(1) != columns) {
    fail(function, ": expected ", name, " to be int64 [*, ", columns, "], but got ", indices.dtype().name(), " ",
         indices.sizes(), ".");
  }
  if (indices.device() != verts.device()) {
    fail(function, ": expected ", name, " on ", verts.device(), " as verts, but it is on ", indices.device(), ".");
  }
  if (indices.numel() == 0) return;
  const auto extremes = at::stack({indices.min(), indices.max()}).cpu();
  const auto least = extremes[0].item<int64_t>(), greatest = extremes[1].item<int64_t>();
  if (least < 0 || greatest >= verts.size(0)) {
    fail(function, ": expected ", name, " to lie in [0, ", verts.size(0), "), but got ", least < 0 ? least : greatest,
         ".");
  }
}

}  // namespace bisque
