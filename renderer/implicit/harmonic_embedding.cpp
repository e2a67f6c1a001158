#include <ATen/ATen.h>

#include <cmath>

#include <bisque/core/error.h>
#include <bisque/renderer/implicit/harmonic_embedding.h>

namespace bisque {
namespace {

at::Tensor frequencies_of(const HarmonicEmbeddingOptions& options) {
  const int64_t n = options.n_harmonic_functions;
  if (n < 0) fail("HarmonicEmbedding: expected n_harmonic_functions to be at least 0, but got ", n, ".");
  const auto frequencies = options.logspace ? at::arange(n, at::kFloat).exp2()
                                            : at::linspace(1, std::exp2(static_cast<double>(n - 1)), n, at::kFloat);
  return frequencies * options.omega_0;
}

}  // namespace

HarmonicEmbedding::HarmonicEmbedding(const HarmonicEmbeddingOptions& options)
    : frequencies(*this, "frequencies", frequencies_of(options), {.persistent = false}),
      append_input_(options.append_input) {}

at::Tensor HarmonicEmbedding::forward(const at::Tensor& x, const at::Tensor& diag_cov) const {
  if (x.dim() == 0) fail("HarmonicEmbedding: expected x to have shape [..., D], but got [].");
  const auto angles = (x.unsqueeze(-1) * frequencies).flatten(-2);
  auto sines = angles.sin(), cosines = angles.cos();
  if (diag_cov.defined()) {
    if (diag_cov.sizes() != x.sizes()) {
      fail("HarmonicEmbedding: expected diag_cov to have the shape ", x.sizes(), " of x, but got ", diag_cov.sizes(),
           ".");
    }
    const auto damping = (diag_cov.unsqueeze(-1) * frequencies.square() * -0.5).exp().flatten(-2);
    sines = sines * damping;
    cosines = cosines * damping;
  }
  return append_input_ ? at::cat({sines, cosines, x}, -1) : at::cat({sines, cosines}, -1);
}

int64_t HarmonicEmbedding::get_output_dim(int64_t input_dims) const {
  return input_dims * (2 * frequencies.size(0) + (append_input_ ? 1 : 0));
}

}  // namespace bisque
