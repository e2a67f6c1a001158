#include <bisque/core/nn/layers/conv.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include <bisque/core/error.h>
#include <bisque/core/nn/init.h>
#include <bisque/core/nn/layers/text.h>

namespace bisque {

void fail_sizes(size_t expected, size_t got) {
  fail("Sizes: expected 1 or ", expected, " numbers, but got ", got, ".");
}

namespace {

const char* name_of(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kReflect:
      return "reflect";
    case PaddingMode::kReplicate:
      return "replicate";
    case PaddingMode::kCircular:
      return "circular";
    default:
      return "zeros";
  }
}

void check_least(const char* what, c10::IntArrayRef sizes, int64_t least) {
  for (const int64_t size : sizes) {
    if (size < least) fail("Conv: expected ", what, " to be at least ", least, ", but got ", python_text(sizes), ".");
  }
}

template <int D>
int64_t checked_groups(int64_t in, int64_t out, const Sizes<D>& kernel, const ConvOptions<D>& options) {
  if (options.groups < 1) fail("Conv: expected groups to be at least 1, but got ", options.groups, ".");
  if (in % options.groups != 0 || out % options.groups != 0) {
    fail("Conv: expected in_channels and out_channels to be multiples of groups = ", options.groups, ", but got ", in,
         " and ", out, ".");
  }
  check_least("kernel_size", kernel, 1);
  check_least("stride", options.stride, 1);
  check_least("dilation", options.dilation, 1);
  check_least("padding", options.padding.sizes(), 0);
  if (options.padding.is_same() && !(options.stride == Sizes<D>(1))) {
    fail("Conv: expected a stride of 1 with padding \"same\", but got ", python_text(options.stride), ".");
  }
  return options.groups;
}

template <int D>
std::vector<int64_t> weight_sizes(int64_t out, int64_t in_of_group, const Sizes<D>& kernel) {
  std::vector<int64_t> sizes{out, in_of_group};
  sizes.insert(sizes.end(), kernel.list().begin(), kernel.list().end());
  return sizes;
}

/// The format of at::pad: before and after, the last dimension first.
template <int D>
std::vector<int64_t> sides(const ConvNd<D>& conv) {
  std::vector<int64_t> all;
  for (int d = D - 1; d >= 0; --d) {
    const int64_t spread = conv.options.dilation[d] * (conv.kernel_size[d] - 1);
    const bool is_same = conv.options.padding.is_same();
    const int64_t before = is_same ? spread / 2 : conv.options.padding.sizes()[d];
    all.insert(all.end(), {before, is_same ? spread - before : before});
  }
  return all;
}

template <int D, class Padding>
at::Tensor convolve(const ConvNd<D>& conv, const at::Tensor& input, const Padding& padding) {
  const ConvOptions<D>& o = conv.options;
  if constexpr (D == 1) {
    return at::conv1d(input, conv.weight, conv.bias, o.stride, padding, o.dilation, o.groups);
  } else if constexpr (D == 2) {
    return at::conv2d(input, conv.weight, conv.bias, o.stride, padding, o.dilation, o.groups);
  } else {
    return at::conv3d(input, conv.weight, conv.bias, o.stride, padding, o.dilation, o.groups);
  }
}

}  // namespace

template <int D>
ConvNd<D>::ConvNd(int64_t in_channels, int64_t out_channels, const Sizes<D>& kernel_size, const ConvOptions<D>& options,
                  const at::TensorOptions& type)
    : in_channels(in_channels),
      out_channels(out_channels),
      kernel_size(kernel_size),
      options(options),
      weight(*this, "weight",
             at::empty(weight_sizes<D>(out_channels,
                                       in_channels / checked_groups<D>(in_channels, out_channels, kernel_size, options),
                                       kernel_size),
                       type)),
      bias(*this, "bias", options.bias ? at::empty({out_channels}, type) : at::Tensor()) {
  reset_parameters();
}

template <int D>
void ConvNd<D>::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  const int64_t fan_in = init::fan_in_and_fan_out(weight).first;
  if (!bias.defined() || fan_in == 0) return;
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  init::uniform_(bias, -bound, bound);
}

template <int D>
at::Tensor ConvNd<D>::forward(const at::Tensor& input) const {
  if (options.padding_mode != PaddingMode::kZeros) {
    return convolve<D>(*this, at::pad(input, sides(*this), name_of(options.padding_mode)), Sizes<D>(0).list());
  }
  if (options.padding.is_same()) return convolve<D>(*this, input, std::string_view("same"));
  return convolve<D>(*this, input, options.padding.sizes().list());
}

template <int D>
std::string ConvNd<D>::extra_repr() const {
  std::string text = std::to_string(in_channels) + ", " + std::to_string(out_channels) +
                     ", kernel_size=" + python_text(kernel_size.list()) +
                     ", stride=" + python_text(options.stride.list());
  if (options.padding.is_same()) {
    text += ", padding=same";
  } else if (!(options.padding.sizes() == Sizes<D>(0))) {
    text += ", padding=" + python_text(options.padding.sizes().list());
  }
  if (!(options.dilation == Sizes<D>(1))) text += ", dilation=" + python_text(options.dilation.list());
  if (options.groups != 1) text += ", groups=" + std::to_string(options.groups);
  if (!bias.defined()) text += ", bias=False";
  if (options.padding_mode != PaddingMode::kZeros)
    text += std::string(", padding_mode=") + name_of(options.padding_mode);
  return text;
}

template class ConvNd<1>;
template class ConvNd<2>;
template class ConvNd<3>;

}  // namespace bisque
