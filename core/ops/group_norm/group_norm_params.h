// group_norm has no kernels of its own: see core/ops/norm. This is its view of their data.
#pragma once
#include <bisque/core/ops/norm/norm_params.h>

namespace bisque {

/// Of x [samples, channels, inner], or [samples, inner, channels] where channels are last.
inline norm::View view_of_groups(int64_t samples, int64_t channels, int64_t inner, int64_t groups, bool weights,
                                 bool channels_last) {
  const int64_t in_group = groups == 0 ? 0 : channels / groups;
  norm::View view{};
  view.slices = samples * groups;
  view.planes = view.repeat = view.merge = 1;
  view.inner = view.slice_stride = in_group * inner;
  view.weights = weights ? channels : 1;
  if (channels_last) {
    view.kind = norm::Kind::kColumns;
    view.batches = samples;
    view.rows = inner;
    view.columns = channels;
    view.merge = in_group;
  } else if (weights && inner < (samples < 4 ? norm::kFewValues : 4 * norm::kFewValues)) {
    // Short runs are better as rows with weights for each value: these are laid out once for all samples.
    view.kind = norm::Kind::kElements;
    view.repeat = inner;
  } else {
    view.kind = norm::Kind::kPlanes;
    view.weight_of_slice = in_group;
    if (weights && in_group > 1) {
      view.planes = in_group;
      view.inner = view.plane_stride = inner;
      view.weight_of_plane = 1;
    }
  }
  return view;
}

}  // namespace bisque
