// Convolutions.
#pragma once
#include <string>

#include <bisque/core/nn/layers/sizes.h>
#include <bisque/core/nn/module.h>

namespace bisque {

/// The padding: numbers, or "same", which keeps the size.
template <int D>
class ConvPadding {
 public:
  // NOLINTBEGIN(google-explicit-constructor): {.padding = 1}
  ConvPadding(int64_t all) : sizes_(all) {}
  ConvPadding(std::initializer_list<int64_t> sizes) : sizes_(sizes) {}
  ConvPadding(const Sizes<D>& sizes) : sizes_(sizes) {}
  // NOLINTEND(google-explicit-constructor)
  static ConvPadding valid() { return 0; }
  static ConvPadding same() {
    ConvPadding padding(0);
    padding.is_same_ = true;
    return padding;
  }

  bool is_same() const { return is_same_; }
  const Sizes<D>& sizes() const { return sizes_; }

 private:
  Sizes<D> sizes_;
  bool is_same_ = false;
};

enum class PaddingMode { kZeros, kReflect, kReplicate, kCircular };

template <int D>
struct ConvOptions {
  Sizes<D> stride = 1;
  ConvPadding<D> padding = 0;
  Sizes<D> dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  PaddingMode padding_mode = PaddingMode::kZeros;
};

/// Base of Conv1d, Conv2d and Conv3d, like those of torch.nn.
///
///   weight   [out, in / groups, kernel...]  uniform in +-1 / sqrt(fan_in), as kaiming_uniform_ with a slope of sqrt(5)
///   bias     [out]                          uniform in the same bounds, or None
///   forward  [N, in, sizes...] or [in, sizes...] -> [(N,) out, sizes...]
///
/// Errors: channels that groups do not divide, a size of the kernel, stride or dilation below 1, padding below 0,
/// "same" padding with a stride.
template <int D>
class ConvNd : public Module {
 public:
  ConvNd(int64_t in_channels, int64_t out_channels, const Sizes<D>& kernel_size, const ConvOptions<D>& options = {},
         const at::TensorOptions& type = {});

  at::Tensor forward(const at::Tensor& input) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t in_channels, out_channels;
  const Sizes<D> kernel_size;
  const ConvOptions<D> options;
  Parameter weight, bias;

 protected:
  ConvNd(const ConvNd&) = default;
};

class Conv1d : public ModuleOf<Conv1d, ConvNd<1>> {
 public:
  using ModuleOf::ModuleOf;
};

class Conv2d : public ModuleOf<Conv2d, ConvNd<2>> {
 public:
  using ModuleOf::ModuleOf;
};

class Conv3d : public ModuleOf<Conv3d, ConvNd<3>> {
 public:
  using ModuleOf::ModuleOf;
};

}  // namespace bisque
