// Samples of distributions that are constant within bins.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Draws n_samples numbers from each of R densities that are constant within B bins, by inversion of the cumulative
/// distribution.
///
///   bins     [R, B + 1]        float32 or float64: the borders of the bins
///   weights  [R, B]            same dtype: how likely the bins are; eps is added to each, and they are divided by
///                              their sum. A weight that is NaN or below -eps counts as -eps: nothing is drawn there
///   u        [R, n_samples]    same dtype: uniform random numbers in [0, 1], which are clamped to it; undefined:
///                              n_samples equal steps from 0 to 1, the same for each density
///   returns  [R, n_samples]    in the order of u
///
/// Differentiable by bins and weights, with the bin of each sample held fixed (PyTorch3D's has no gradient; NeRF's
/// hierarchical sampling detaches weights). Deterministic, on CUDA too. R and n_samples may be 0. Errors: shapes,
/// dtypes or devices that do not match, no bins, an eps below 0. Source: Mildenhall et al., "NeRF", ECCV 2020,
/// section 5.2.
inline at::Tensor sample_pdf(const at::Tensor& bins, const at::Tensor& weights, int64_t n_samples,
                             const at::Tensor& u = {}, double eps = 1e-5) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, int64_t, const std::optional<at::Tensor>&, double)>(
          "bisque::sample_pdf");
  return op.call(bins, weights, n_samples, u.defined() ? std::optional(u) : std::nullopt, eps);
}

}  // namespace bisque
