#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/cameras/point_rows.h>

namespace bisque {

using at::Tensor;

Tensor batch_of_points(const char* function, const char* argument, const Tensor& points, const Tensor& matrices) {
  if ((points.dim() != 2 && points.dim() != 3) || points.size(-1) != 3) {
    fail(function, ": expected ", argument, " to have shape [P, 3] or [B, P, 3], but got ", points.sizes(), ".");
  }
  if (points.scalar_type() != matrices.scalar_type() || points.device() != matrices.device()) {
    fail(function, ": expected ", argument, " to be ", matrices.scalar_type(), " on ", matrices.device(),
         " like the cameras, but got ", points.scalar_type(), " on ", points.device(), ".");
  }
  Tensor batch = points.dim() == 2 ? points.unsqueeze(0) : points;
  const int64_t n = matrices.size(0), b = batch.size(0);
  if (n != 1 && n != b && (b == 0 || n % b != 0)) {
    fail(function, ": expected ", argument, " to be a batch of which ", n, " cameras are a multiple, but got ",
         points.sizes(), ".");
  }
  return batch;
}

Tensor affine_rows(const Tensor& functions, const Tensor& points) {
  const int64_t n = functions.size(0), r = functions.size(1), b = points.size(0);
  const Tensor transposed = points.mT().contiguous();  // the product of strided rows is several times slower
  if (n == 1 || n == b) return at::matmul(functions.narrow(2, 0, 3), transposed) + functions.narrow(2, 3, 1);
  // Several cameras see the same points: one product for all of them, without copies of the points.
  const Tensor grouped = functions.reshape({b, n / b * r, 4});
  return (at::matmul(grouped.narrow(2, 0, 3), transposed) + grouped.narrow(2, 3, 1)).view({n, r, points.size(1)});
}

Tensor points_per_camera(const Tensor& points, int64_t num_cameras) {
  const int64_t b = points.size(0);
  if (num_cameras == 1 || num_cameras == b) return points;
  if (b == 1) return points.expand({num_cameras, -1, -1});
  return points.repeat_interleave(num_cameras / b, 0);
}

Tensor points_of_shape(const Tensor& results, const Tensor& given) {
  return given.dim() == 2 && results.size(0) == 1 ? results.squeeze(0) : results;
}

Tensor away_from_zero(const Tensor& depth, const Tensor& smallest) {
  return at::where(depth < 0, at::minimum(depth, -smallest), at::maximum(depth, smallest));
}

}  // namespace bisque
