// Converts a renderer's linear light to 8-bit pictures.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <optional>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

/// An sRGB colour, each component from 0 to 1.
using Color = std::array<float, 3>;

/// `linear` is one picture [H, W, 4] float32 on the CPU, as WhiteModelRenderer returns it: linear light premultiplied
/// by the coverage in the last channel. With a background the result is RGB; without one it is RGBA and not
/// premultiplied. Values above 1 are clipped, NaN is black.
Picture to_picture(const at::Tensor& linear, const std::optional<Color>& background);

/// The sRGB curve, from [0, 1] to linear light.
float srgb_to_linear(float value);

}  // namespace bisque
