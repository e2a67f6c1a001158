// Dropout: random zeros in training, the identity in eval mode.
#pragma once
#include <bisque/core/nn/module.h>

namespace bisque {

/// Base of the dropouts. Error: p outside [0, 1].
class DropoutBase : public Module {
 public:
  explicit DropoutBase(double p = 0.5, bool inplace = false);
  std::string extra_repr() const override;

  const double p;
  const bool inplace;

 protected:
  DropoutBase(const DropoutBase&) = default;
};

/// Each element is zero with probability p, else divided by 1 - p; the same elements as torch.nn.Dropout's for the same
/// default generator.
class Dropout : public ModuleOf<Dropout, DropoutBase> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
};

/// Zeros whole channels of [N, C, ...]: signals, pictures, volumes.
class FeatureDropout : public DropoutBase {
 public:
  using DropoutBase::DropoutBase;
  at::Tensor forward(at::Tensor x) const;

 protected:
  FeatureDropout(const FeatureDropout&) = default;
  virtual int64_t num_spatial_dims() const = 0;
};

class Dropout1d : public ModuleOf<Dropout1d, FeatureDropout> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  int64_t num_spatial_dims() const override { return 1; }
};

class Dropout2d : public ModuleOf<Dropout2d, FeatureDropout> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  int64_t num_spatial_dims() const override { return 2; }
};

class Dropout3d : public ModuleOf<Dropout3d, FeatureDropout> {
 public:
  using ModuleOf::ModuleOf;

 protected:
  int64_t num_spatial_dims() const override { return 3; }
};

}  // namespace bisque
