// The gradients of the norms as a composition of ATen's operators, which have gradients themselves: it runs where a
// second derivative is asked for.
#pragma once
#include <bisque/core/ops/norm/norm_calls.h>

#include <vector>

namespace bisque::norm {

/// The dimensions of a norm.
struct Axes {
  std::vector<int64_t> sizes;   // x is reshaped to these
  std::vector<int64_t> slice;   // the dimensions that a mean is taken over
  std::vector<int64_t> repeat;  // the dimensions along which a weight is repeated
};

/// Statistics that do not depend on x.
struct GivenStats {
  Tensor mean, var;
};

Gradients composed_backward(const Axes& axes, const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                            const OptionalTensor& bias, const std::optional<GivenStats>& given, double eps, bool center,
                            const Needs& needs);

}  // namespace bisque::norm
