#include <bisque/core/nn/layers/dropout.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/layers/text.h>

namespace bisque {

DropoutBase::DropoutBase(double p, bool inplace) : p(p), inplace(inplace) {
  if (!(p >= 0 && p <= 1)) fail("Dropout: expected p to lie in [0, 1], but got ", p, ".");
}

std::string DropoutBase::extra_repr() const { return "p=" + python_text(p) + ", inplace=" + python_text(inplace); }

at::Tensor Dropout::forward(at::Tensor x) const {
  return inplace ? at::dropout_(x, p, is_training()) : at::dropout(x, p, is_training());
}

at::Tensor FeatureDropout::forward(at::Tensor x) const {
  const int64_t dims = num_spatial_dims();
  if (x.dim() != dims + 1 && x.dim() != dims + 2) {
    fail(type_name(), ": expected x to have ", dims + 1, " or ", dims + 2, " dimensions, but got ", x.dim(), ".");
  }
  // As in torch, a batch of pictures without channels is treated as one of signals.
  const bool is_batch = x.dim() == dims + 2 || dims == 2;
  at::Tensor batch = is_batch ? x : x.unsqueeze(0);
  batch = inplace ? at::feature_dropout_(batch, p, is_training()) : at::feature_dropout(batch, p, is_training());
  return is_batch ? batch : inplace ? x : batch.squeeze(0);
}

}  // namespace bisque
