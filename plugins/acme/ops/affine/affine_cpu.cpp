#include "affine_params.h"

namespace acme {

void affine_cpu_kernel(const AffineParams& params) {
  for (int64_t i = 0; i < params.count; ++i) {
    const double x = params.x[i];
    params.y[i] = params.factor * x + (params.shift ? params.shift[i] : 0);
    params.square[i] = x * x;
    params.sign[i] = (x > 0) - (x < 0);
  }
}

}  // namespace acme
