// HarmonicEmbedding: sines and cosines of coordinates at several frequencies.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>

namespace bisque {

struct HarmonicEmbeddingOptions {
  int64_t n_harmonic_functions = 6;
  double omega_0 = 1;
  bool logspace = true;      // frequencies omega_0 2^i for i < n; else n equal steps from omega_0 to omega_0 2^(n - 1)
  bool append_input = true;  // the embedding ends with the coordinates themselves
};

/// Embeds coordinates x [..., D] as [sin(f x_0) of all n frequencies f, ..., sin(f x_D), the same of cos, x]:
/// [..., get_output_dim(D)]. With variances `diag_cov` [..., D] of the coordinates, sines and cosines are those
/// expected of a Gaussian about x: times exp(-f^2 diag_cov / 2), as in mip-NeRF (Barron et al., ICCV 2021).
///
/// Differentiable. float32 and float64 (Module::to). Errors: fewer than 0 functions, a diag_cov of another shape.
/// Source: Mildenhall et al., "NeRF", ECCV 2020; PyTorch3D's HarmonicEmbedding.
class HarmonicEmbedding : public ModuleOf<HarmonicEmbedding> {
 public:
  explicit HarmonicEmbedding(const HarmonicEmbeddingOptions& options = {});

  at::Tensor forward(const at::Tensor& x, const at::Tensor& diag_cov = {}) const;
  int64_t get_output_dim(int64_t input_dims = 3) const;

  Buffer frequencies;  // [n]

 private:
  bool append_input_;
};

}  // namespace bisque
