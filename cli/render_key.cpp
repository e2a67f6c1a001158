#include "cli/render_key.h"

#include <sstream>

#include <bisque/core/serialization/text.h>
#include <bisque/core/version.h>

#include "cli/sha256.h"

namespace bisque::cli {
namespace {

void add_tensor(Sha256& sum, const std::string& name, const at::Tensor& tensor) {
  std::ostringstream text;
  text << name << ' ';
  if (!tensor.defined()) {
    sum.add(text.str() + "none\n");
    return;
  }
  text << tensor.scalar_type() << ' ' << tensor.sizes() << '\n';
  sum.add(text.str());
  sum.add(tensor);
}

std::string text_of_options(const WhiteModelRenderer& renderer, FrameRate rate, int64_t num_frames, at::Device device,
                            const RenderOptions& options) {
  std::ostringstream text;
  const RenderSettings& settings = renderer.settings();
  text << BISQUE_VERSION << ' ' << device.type() << ' ' << settings.width << 'x' << settings.height << ' '
       << settings.samples << ' ' << num_frames << " frames from " << options.start << " at " << rate.num << '/'
       << rate.den << ' ' << lower_extension(options.output) << ' ' << static_cast<int>(options.shading) << ' '
       << static_cast<int>(options.frame) << std::hexfloat;
  if (options.background) {
    for (const float part : *options.background) text << ' ' << part;
  }
  text << '\n';
  return text.str();
}

}  // namespace

std::string render_key(const WhiteModelRenderer& renderer, const BlendshapeData& data, const Animation& animation,
                       FrameRate rate, int64_t num_frames, at::Device device, const RenderOptions& options) {
  Sha256 sum;
  sum.add(text_of_options(renderer, rate, num_frames, device, options));
  for (const auto& [name, tensor] : renderer.named_parameters()) add_tensor(sum, name, tensor);
  for (const auto& [name, tensor] : renderer.named_buffers()) add_tensor(sum, name, tensor);
  for (const Corrective& corrective : data.correctives) {
    sum.add("corrective " + std::to_string(corrective.shape));
    for (const int32_t factor : corrective.factors) sum.add(" " + std::to_string(factor));
  }
  for (int64_t frame = 0; frame < num_frames; ++frame) {
    const double seconds = static_cast<double>(frame) / rate.hz();
    const Pose pose = animation.pose(seconds);
    add_tensor(sum, "coefficients", animation.coefficients(seconds));
    add_tensor(sum, "head", pose.head);
    add_tensor(sum, "left eye", pose.left_eye);
    add_tensor(sum, "right eye", pose.right_eye);
  }
  return sum.digest();
}

}  // namespace bisque::cli
