// Converts a renderer's picture to 8-bit pictures.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <optional>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

/// An sRGB colour, each component from 0 to 1.
using Color = std::array<float, 3>;

/// How values from 0 to 1 become levels from 0 to 255.
enum class Encoding {
  kSrgb,   // linear light, by the sRGB curve
  kLinear  // proportionally: normals, depth
};

/// `image` is one picture [H, W, 4] float32, as WhiteModelRenderer returns it: values premultiplied by the coverage in
/// the last channel. With a background, which both encodings show unmodified, the result is RGB; without one it is RGBA
/// and not premultiplied. Values above 1 are clipped, NaN is black. A picture on CUDA is converted there, with the same
/// result, and copied once, as bytes.
Picture to_picture(const at::Tensor& image, const std::optional<Color>& background,
                   Encoding encoding = Encoding::kSrgb);

/// The bytes of the same picture, [H, W, 3] or [H, W, 4] uint8, on the device of `image`.
at::Tensor to_bytes(const at::Tensor& image, const std::optional<Color>& background,
                    Encoding encoding = Encoding::kSrgb);

/// The sRGB curve, from [0, 1] to linear light.
float srgb_to_linear(float value);

}  // namespace bisque
