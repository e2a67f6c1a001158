// row_norm has no kernels of its own: see core/ops/norm. This is its view of their data.
#pragma once
#include <bisque/core/ops/norm/norm_params.h>

namespace bisque {

/// Rows of `size` values, each with a weight of its own where there are weights.
inline norm::View view_of_rows(int64_t rows, int64_t size, bool weights) {
  norm::View view{};
  view.kind = weights ? norm::Kind::kElements : norm::Kind::kPlanes;
  view.slices = rows;
  view.planes = view.repeat = view.merge = 1;
  view.inner = view.slice_stride = size;
  view.weights = weights ? size : 1;
  return view;
}

}  // namespace bisque
