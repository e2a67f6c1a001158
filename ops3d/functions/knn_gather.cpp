#include <bisque/ops3d/functions/knn_gather.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>

namespace bisque {
namespace {

void check_gather(const char* name, const char* values, const at::Tensor& x, const at::Tensor& idx) {
  if (x.dim() != 3) fail(name, ": expected ", values, " to have 3 dimensions, but got ", x.sizes(), ".");
  if (idx.scalar_type() != at::kLong || idx.size(0) != x.size(0)) {
    fail(name, ": expected idx to be int64 with ", x.size(0), " clouds as ", values, ", but got ", idx.dtype().name(),
         " ", idx.sizes(), ".");
  }
}

// x [N, M, U] at idx [N, L], zero where `none` [N, L].
at::Tensor gather_rows(const char* name, const at::Tensor& x, const at::Tensor& idx, const at::Tensor& none) {
  const auto used = idx.masked_fill(none, 0);
  if (idx.is_cpu() && idx.numel() > 0) {
    const auto bad = used.lt(0).logical_or(used.ge(x.size(1))).logical_and(none.logical_not());
    if (bad.any().item<bool>()) {
      fail(name, ": expected idx to lie in [-1, ", x.size(1), "), but got ", used.masked_select(bad)[0].item<int64_t>(),
           ".");
    }
  }
  const int64_t width = x.size(2);
  if (x.size(1) == 0) return x.new_zeros({idx.size(0), idx.size(1), width});  // there is no index 0 either
  const auto rows = x.gather(1, used.unsqueeze(2).expand({-1, -1, width}));
  return rows.masked_fill(none.unsqueeze(2), 0);
}

}  // namespace

at::Tensor knn_gather(const at::Tensor& x, const at::Tensor& idx, const std::optional<at::Tensor>& lengths) {
  if (idx.dim() != 3) fail("knn_gather: expected idx to have 3 dimensions, but got ", idx.sizes(), ".");
  check_gather("knn_gather", "x", x, idx);
  if (lengths && (lengths->dim() != 1 || lengths->size(0) != x.size(0) || lengths->scalar_type() != at::kLong)) {
    fail("knn_gather: expected lengths to be int64 [", x.size(0), "], but got ", lengths->dtype().name(), " ",
         lengths->sizes(), ".");
  }
  auto none = idx.eq(-1);
  if (lengths || idx.size(2) > x.size(1)) {
    const auto counts = lengths ? lengths->view({-1, 1, 1}) : at::full({1, 1, 1}, x.size(1), idx.options());
    none = none.logical_or(at::arange(idx.size(2), idx.options()).ge(counts));
  }
  const auto rows = gather_rows("knn_gather", x, idx.flatten(1), none.flatten(1));
  return rows.view({idx.size(0), idx.size(1), idx.size(2), x.size(2)});
}

at::Tensor masked_gather(const at::Tensor& points, const at::Tensor& idx) {
  if (idx.dim() != 2 && idx.dim() != 3) {
    fail("masked_gather: expected idx to have 2 or 3 dimensions, but got ", idx.sizes(), ".");
  }
  check_gather("masked_gather", "points", points, idx);
  const auto flat = idx.flatten(1);
  auto sizes = idx.sizes().vec();
  sizes.push_back(points.size(2));
  return gather_rows("masked_gather", points, flat, flat.eq(-1)).view(sizes);
}

}  // namespace bisque
