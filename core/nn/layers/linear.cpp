#include <bisque/core/nn/layers/linear.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include <bisque/core/error.h>
#include <bisque/core/nn/init.h>
#include <bisque/core/nn/layers/text.h>

namespace bisque {

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options, const at::TensorOptions& type)
    : in_features(in_features),
      out_features(out_features),
      weight(*this, "weight", at::empty({out_features, in_features}, type)),
      bias(*this, "bias", options.bias ? at::empty({out_features}, type) : at::Tensor()) {
  reset_parameters();
}

void Linear::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
  init::uniform_(bias, -bound, bound);
}

at::Tensor Linear::forward(const at::Tensor& input) const { return at::linear(input, weight, bias); }

std::string Linear::extra_repr() const {
  return "in_features=" + std::to_string(in_features) + ", out_features=" + std::to_string(out_features) +
         ", bias=" + python_text(bias.defined());
}

namespace {

EmbeddingOptions checked(EmbeddingOptions options, int64_t rows) {
  if (!options.padding_idx) return options;
  int64_t& row = *options.padding_idx;
  if (row < -rows || row >= rows) {
    fail("Embedding: expected padding_idx to lie in [", -rows, ", ", rows, "), but got ", row, ".");
  }
  if (row < 0) row += rows;
  return options;
}

}  // namespace

Embedding::Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options,
                     const at::TensorOptions& type)
    : num_embeddings(num_embeddings),
      embedding_dim(embedding_dim),
      options(checked(options, num_embeddings)),
      weight(*this, "weight", at::empty({num_embeddings, embedding_dim}, type)) {
  reset_parameters();
}

std::shared_ptr<Embedding> Embedding::from_pretrained(const at::Tensor& weight, bool freeze,
                                                      const EmbeddingOptions& options) {
  if (weight.dim() != 2) fail("Embedding: expected weight to have 2 dimensions, but got ", weight.dim(), ".");
  // On the meta device nothing is drawn or allocated for a weight that is replaced immediately.
  auto made = std::make_shared<Embedding>(weight.size(0), weight.size(1), options,
                                          weight.options().device(at::kMeta).requires_grad(false));
  (*made)["weight"] = Parameter(weight.detach(), {.requires_grad = !freeze});
  return made;
}

void Embedding::reset_parameters() {
  init::normal_(weight);
  const at::NoGradGuard no_grad;
  if (options.padding_idx) weight.select(0, *options.padding_idx).zero_();
}

at::Tensor Embedding::forward(const at::Tensor& indices) const {
  if (options.max_norm) {
    const at::NoGradGuard no_grad;
    at::embedding_renorm_(const_cast<Parameter&>(weight), indices.contiguous(), *options.max_norm, options.norm_type);
  }
  return at::embedding(weight, indices, options.padding_idx.value_or(-1), options.scale_grad_by_freq, options.sparse);
}

std::string Embedding::extra_repr() const {
  std::string text = std::to_string(num_embeddings) + ", " + std::to_string(embedding_dim);
  if (options.padding_idx) text += ", padding_idx=" + std::to_string(*options.padding_idx);
  if (options.max_norm) text += ", max_norm=" + python_text(*options.max_norm);
  if (options.norm_type != 2) text += ", norm_type=" + python_text(options.norm_type);
  if (options.scale_grad_by_freq) text += ", scale_grad_by_freq=True";
  if (options.sparse) text += ", sparse=True";
  return text;
}

}  // namespace bisque
