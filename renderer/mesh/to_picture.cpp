#include <ATen/ATen.h>

#include <cmath>
#include <memory>

#include <bisque/core/error.h>
#include <bisque/core/ops/parallel.h>
#include <bisque/renderer/mesh/to_picture.h>

namespace bisque {
namespace {

// The sRGB curve as a table that is fine enough to round correctly except beside the boundary of two levels.
constexpr int kSteps = 1 << 15;

const uint8_t* srgb_table() {
  static const auto table = [] {
    auto values = std::make_unique<uint8_t[]>(kSteps + 1);
    for (int i = 0; i <= kSteps; ++i) {
      const double linear = static_cast<double>(i) / kSteps;
      const double srgb = linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
      values[i] = static_cast<uint8_t>(std::lround(255 * srgb));
    }
    return values;
  }();
  return table.get();
}

uint8_t encode(const uint8_t* table, float linear) {
  const float clipped = linear > 0 ? (linear < 1 ? linear : 1.0f) : 0.0f;  // NaN is not above 0
  return table[static_cast<int>(clipped * kSteps + 0.5f)];  // NOLINT(bugprone-incorrect-roundings): never negative
}

}  // namespace

float srgb_to_linear(float value) {
  return value <= 0.04045f ? value / 12.92f : std::pow((value + 0.055f) / 1.055f, 2.4f);
}

Picture to_picture(const at::Tensor& linear, const std::optional<Color>& background) {
  if (linear.dim() != 3 || linear.size(2) != 4 || linear.scalar_type() != at::kFloat || !linear.is_cpu()) {
    fail("to_picture: expected linear to be float32 [H, W, 4] on the CPU, but got ", linear.toString(), " ",
         linear.sizes());
  }
  const auto source = linear.contiguous();
  Picture picture{source.size(1), source.size(0), background ? 3 : 4, {}};
  picture.pixels.resize(static_cast<size_t>(picture.width * picture.height * picture.channels));
  const float* in = source.const_data_ptr<float>();
  uint8_t* out = picture.pixels.data();
  const uint8_t* table = srgb_table();
  float behind[3] = {0, 0, 0};
  for (int k = 0; background && k < 3; ++k) behind[k] = srgb_to_linear((*background)[k]);
  op::parallel_for(picture.width * picture.height, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* color = in + 4 * i;
      const float alpha = color[3];
      if (background) {
        for (int k = 0; k < 3; ++k) out[3 * i + k] = encode(table, color[k] + (1 - alpha) * behind[k]);
      } else {
        for (int k = 0; k < 3; ++k) out[4 * i + k] = alpha > 0 ? encode(table, color[k] / alpha) : 0;
        out[4 * i + 3] = static_cast<uint8_t>(alpha > 0 ? std::lround(255 * std::min(alpha, 1.0f)) : 0);
      }
    }
  });
  return picture;
}

}  // namespace bisque
