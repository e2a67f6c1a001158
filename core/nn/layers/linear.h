// Linear and Embedding.
#pragma once
#include <optional>

#include <bisque/core/nn/module.h>

namespace bisque {

struct LinearOptions {
  bool bias = true;
};

/// x W^T + b, like torch.nn.Linear.
///
///   weight   [out, in]   uniform in +-1 / sqrt(in), as kaiming_uniform_ with a slope of sqrt(5) draws it
///   bias     [out]       uniform in the same bounds, or None
///   forward  [..., in] -> [..., out]
class Linear : public ModuleOf<Linear> {
 public:
  Linear(int64_t in_features, int64_t out_features, const LinearOptions& options = {},
         const at::TensorOptions& type = {});

  at::Tensor forward(const at::Tensor& input) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t in_features, out_features;
  Parameter weight, bias;
};

struct EmbeddingOptions {
  std::optional<int64_t> padding_idx;  // this row starts as zero and gets no gradient; negative: from the end
  std::optional<double> max_norm;      // used rows are scaled down to this norm, in place
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  bool sparse = false;  // the gradient of weight is a sparse tensor
};

/// A row of weight for each index, like torch.nn.Embedding.
///
///   weight   [num_embeddings, embedding_dim]  normal values
///   forward  int64 [...] -> [..., embedding_dim]
///
/// Error: padding_idx is out of range.
class Embedding : public ModuleOf<Embedding> {
 public:
  Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options = {},
            const at::TensorOptions& type = {});
  /// From given rows; `freeze`: they are not learned. Error: weight is not a matrix.
  static std::shared_ptr<Embedding> from_pretrained(const at::Tensor& weight, bool freeze = true,
                                                    const EmbeddingOptions& options = {});

  at::Tensor forward(const at::Tensor& indices) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t num_embeddings, embedding_dim;
  const EmbeddingOptions options;  // padding_idx from the front
  Parameter weight;
};

}  // namespace bisque
