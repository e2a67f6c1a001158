// The bridge between the glue and the kernel of affine: no torch.
#pragma once
#include <cstdint>

namespace acme {

struct AffineParams {
  const double* x;
  const double* shift;  // or null
  double* y;
  double* square;
  int64_t* sign;
  double factor;
  int64_t count;
};

void affine_cpu_kernel(const AffineParams& params);

}  // namespace acme
