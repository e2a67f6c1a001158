#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/ops/parallel.h>
#include <bisque/renderer/mesh/to_picture.h>

namespace bisque {
namespace {

// An encoding as a table that is fine enough to round correctly except beside the boundary of two levels.
constexpr int kSteps = 1 << 15;

std::unique_ptr<uint8_t[]> make_table(Encoding encoding) {
  auto values = std::make_unique<uint8_t[]>(kSteps + 1);
  for (int i = 0; i <= kSteps; ++i) {
    const double linear = static_cast<double>(i) / kSteps;
    const double srgb = linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
    values[i] = static_cast<uint8_t>(std::lround(255 * (encoding == Encoding::kSrgb ? srgb : linear)));
  }
  return values;
}

const uint8_t* table_of(Encoding encoding) {
  static const auto srgb = make_table(Encoding::kSrgb), linear = make_table(Encoding::kLinear);
  return (encoding == Encoding::kSrgb ? srgb : linear).get();
}

uint8_t encode(const uint8_t* table, float value) {
  const float clipped = value > 0 ? (value < 1 ? value : 1.0f) : 0.0f;  // NaN is not above 0
  return table[static_cast<int>(clipped * kSteps + 0.5f)];  // NOLINT(bugprone-incorrect-roundings): never negative
}

void check_image(const char* function, const at::Tensor& image) {
  if (image.dim() != 3 || image.size(2) != 4 || image.scalar_type() != at::kFloat) {
    fail(function, ": expected image to be float32 [H, W, 4], but got ", image.toString(), " ", image.sizes());
  }
}

/// The background in the values of the image.
std::array<float, 3> behind(const Color& background, Encoding encoding) {
  std::array<float, 3> values = background;
  if (encoding == Encoding::kSrgb) {
    for (float& value : values) value = srgb_to_linear(value);
  }
  return values;
}

void encode_on_cpu(const at::Tensor& image, const std::optional<Color>& background, Encoding encoding, uint8_t* out) {
  const at::Tensor source = image.contiguous();
  const float* in = source.const_data_ptr<float>();
  const uint8_t* table = table_of(encoding);
  const std::array<float, 3> ground = behind(background.value_or(Color{}), encoding);
  std::array<uint8_t, 3> empty;  // a pixel that nothing covers
  for (size_t k = 0; k < 3; ++k) empty[k] = encode(table, ground[k]);
  op::parallel_for(image.size(0) * image.size(1), 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* color = in + 4 * i;
      const float alpha = color[3];
      if (background && color[0] == 0 && color[1] == 0 && color[2] == 0 && alpha == 0) {
        std::memcpy(out + 3 * i, empty.data(), 3);
      } else if (background) {
        for (int k = 0; k < 3; ++k) out[3 * i + k] = encode(table, color[k] + (1 - alpha) * ground[k]);
      } else {
        for (int k = 0; k < 3; ++k) out[4 * i + k] = alpha > 0 ? encode(table, color[k] / alpha) : 0;
        out[4 * i + 3] = static_cast<uint8_t>(alpha > 0 ? std::lround(255 * std::min(alpha, 1.0f)) : 0);
      }
    }
  });
}

/// Values above 1 clipped, and NaN and values below 0 as 0.
at::Tensor clipped(const at::Tensor& values) { return at::where(values > 0, values.clamp_max(1), 0); }

/// encode() on any device.
at::Tensor encoded(const at::Tensor& values, Encoding encoding) {
  const at::Tensor table = at::from_blob(const_cast<uint8_t*>(table_of(encoding)), {kSteps + 1}, at::kByte);
  const at::Tensor steps = (clipped(values) * kSteps + 0.5F).to(at::kLong);
  return table.to(values.device()).take(steps);
}

/// encode_on_cpu() in operations of ATen: the same result, on any device.
at::Tensor encode_on_device(const at::Tensor& image, const std::optional<Color>& background, Encoding encoding) {
  const at::Tensor color = image.slice(2, 0, 3), alpha = image.slice(2, 3, 4);
  if (background) {
    const auto ground = at::tensor(behind(*background, encoding)).to(image.device());
    return encoded(color + (1 - alpha) * ground, encoding);
  }
  const at::Tensor levels = at::where(alpha > 0, encoded(color / alpha, encoding), 0);
  // Like lround, which rounds the exact value: in double, since float would round the sum too.
  const at::Tensor coverage = ((clipped(alpha) * 255).to(at::kDouble) + 0.5).floor().to(at::kByte);
  return at::cat({levels, coverage}, 2);
}

}  // namespace

float srgb_to_linear(float value) {
  return value <= 0.04045f ? value / 12.92f : std::pow((value + 0.055f) / 1.055f, 2.4f);
}

at::Tensor to_bytes(const at::Tensor& image, const std::optional<Color>& background, Encoding encoding) {
  check_image("to_bytes", image);
  return encode_on_device(image, background, encoding);
}

Picture to_picture(const at::Tensor& image, const std::optional<Color>& background, Encoding encoding) {
  check_image("to_picture", image);
  Picture picture{image.size(1), image.size(0), background ? 3 : 4, {}};
  picture.pixels.resize(static_cast<size_t>(picture.width * picture.height * picture.channels));
  if (image.is_cpu()) {
    encode_on_cpu(image, background, encoding, picture.pixels.data());
  } else {
    const auto pixels =
        at::from_blob(picture.pixels.data(), {picture.height, picture.width, picture.channels}, at::kByte);
    pixels.copy_(encode_on_device(image, background, encoding));
  }
  return picture;
}

}  // namespace bisque
