// Compositors: Modules that blend the points of each pixel, over the op composite.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/composite/composite.h>

namespace bisque {

struct CompositorOptions {
  /// [C], [] for all channels, or [C - 1], to which an alpha of 1 is added: of pixels without points. Undefined: 0.
  at::Tensor background_color;
};

/// What all compositors share.
///
///   forward  points_idx [N, K, H, W], front to back, -1 for none; alphas [N, K, H, W]; features [C, P]
///            -> images [N, C, H, W]
///
/// Differentiable by alphas, features and background_color. Errors: those of composite; a background of another shape.
class Compositor : public ModuleOf<Compositor> {
 public:
  at::Tensor forward(const at::Tensor& points_idx, const at::Tensor& alphas, const at::Tensor& features) const;

  Buffer background_color;

 protected:
  Compositor(CompositeMode mode, const CompositorOptions& options)
      : background_color(*this, "background_color", options.background_color), mode_(mode) {}
  Compositor(const Compositor&) = default;

 private:
  CompositeMode mode_;
};

/// Over-compositing.
class AlphaCompositor : public ModuleOf<AlphaCompositor, Compositor> {
 public:
  explicit AlphaCompositor(const CompositorOptions& options = {}) : ModuleOf(CompositeMode::kAlpha, options) {}
};

/// The sum of the features times their weights.
class WeightedCompositor : public ModuleOf<WeightedCompositor, Compositor> {
 public:
  explicit WeightedCompositor(const CompositorOptions& options = {}) : ModuleOf(CompositeMode::kWeightedSum, options) {}
};

/// The same divided by the sum of the weights.
class NormWeightedCompositor : public ModuleOf<NormWeightedCompositor, Compositor> {
 public:
  explicit NormWeightedCompositor(const CompositorOptions& options = {})
      : ModuleOf(CompositeMode::kNormWeightedSum, options) {}
};

}  // namespace bisque
