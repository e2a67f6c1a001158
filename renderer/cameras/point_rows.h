// Internal. Points that cameras see, as rows of one coordinate each: arithmetic on long rows is fast.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

/// Points [P, 3] or [B, P, 3] for `matrices` [N, ...], as [B, P, 3]. `function` and `argument` begin the errors:
/// another shape, dtype or device; batch sizes of which neither is 1 and N is not a multiple of B.
at::Tensor batch_of_points(const char* function, const char* argument, const at::Tensor& points,
                           const at::Tensor& matrices);

/// Affine functions [N, r, 4] of points [B, P, 3] that have passed batch_of_points: [N, r, P], or [B, r, P] if N is 1.
at::Tensor affine_rows(const at::Tensor& functions, const at::Tensor& points);

/// The points of each of N cameras, [N, P, 3]; [B, P, 3] if N is 1.
at::Tensor points_per_camera(const at::Tensor& points, int64_t num_cameras);

/// Results [N, P, 3], or [P, 3] if the points that were given had that shape and N is 1.
at::Tensor points_of_shape(const at::Tensor& results, const at::Tensor& given);

/// With a magnitude of at least `smallest`, a number or a tensor [N, 1], and its sign; 0 counts as positive.
at::Tensor away_from_zero(const at::Tensor& depth, const at::Tensor& smallest);

}  // namespace bisque
