// An op of a stranger's library, for the tests of the door: its library is acme_ops.
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
