// Initial values of parameters, like torch.nn.init: the same numbers for the same generator.
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace bisque::init {

using Generator = std::optional<at::Generator>;

/// Which connections set the scale of a Kaiming initialisation: incoming ones (kIn) keep the variance of the forward
/// pass, outgoing ones (kOut) that of the backward pass.
enum class Fan { kIn, kOut };

/// The activation after a layer; calculate_gain returns its factor.
enum class Nonlinearity { kLinear, kConv, kSigmoid, kTanh, kReLU, kLeakyReLU, kSELU };

/// The recommended gain; `negative_slope` is that of kLeakyReLU.
double calculate_gain(Nonlinearity nonlinearity, double negative_slope = 0.01);

/// fan_in and fan_out of a weight [out, in, ...]. Error: fewer than two dimensions.
std::pair<int64_t, int64_t> fan_in_and_fan_out(const at::Tensor& weight);

// These functions fill the tensor in place, without recording gradients, and return it. A meta tensor is not changed,
// and no numbers are drawn for it.

at::Tensor uniform_(at::Tensor tensor, double low = 0, double high = 1, Generator generator = {});
at::Tensor normal_(at::Tensor tensor, double mean = 0, double std = 1, Generator generator = {});
/// Normal values in [low, high], by rejection. Error: low > high, std not positive.
at::Tensor trunc_normal_(at::Tensor tensor, double mean = 0, double std = 1, double low = -2, double high = 2,
                         Generator generator = {});
at::Tensor constant_(at::Tensor tensor, double value);
at::Tensor ones_(at::Tensor tensor);
at::Tensor zeros_(at::Tensor tensor);
/// Ones on the diagonal of a matrix. Error: not two dimensions.
at::Tensor eye_(at::Tensor tensor);
/// The identity of as many channels as a convolution weight [out, in, ...] can represent, in each of `groups`. Error:
/// not three to five dimensions, an `out` that groups do not divide.
at::Tensor dirac_(at::Tensor tensor, int64_t groups = 1);
/// A matrix (trailing dimensions flattened) with orthonormal rows or columns, times `gain`. Saxe et al., 2013.
/// Error: fewer than two dimensions.
at::Tensor orthogonal_(at::Tensor tensor, double gain = 1, Generator generator = {});
/// Normal values with a fraction `sparsity` of zeros in each column. Martens, 2010. Error: not two dimensions.
at::Tensor sparse_(at::Tensor tensor, double sparsity, double std = 0.01, Generator generator = {});

/// Glorot and Bengio, 2010. Error: fewer than two dimensions.
at::Tensor xavier_uniform_(at::Tensor tensor, double gain = 1, Generator generator = {});
at::Tensor xavier_normal_(at::Tensor tensor, double gain = 1, Generator generator = {});

/// He et al., 2015; `negative_slope` is that of a leaky ReLU after the layer. Error: fewer than two dimensions.
at::Tensor kaiming_uniform_(at::Tensor tensor, double negative_slope = 0, Fan fan = Fan::kIn,
                            Nonlinearity nonlinearity = Nonlinearity::kLeakyReLU, Generator generator = {});
at::Tensor kaiming_normal_(at::Tensor tensor, double negative_slope = 0, Fan fan = Fan::kIn,
                           Nonlinearity nonlinearity = Nonlinearity::kLeakyReLU, Generator generator = {});

}  // namespace bisque::init
