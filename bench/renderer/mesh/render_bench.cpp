#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <bisque/renderer/mesh/white_model_renderer.h>

#include "harness/bench.h"
#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

/// A frame with new coefficients in each call.
std::function<void()> frames(int64_t samples) {
  const IctScene scene = ict_scene();
  const auto renderer = std::make_shared<WhiteModelRenderer>(
      scene.model, scene.camera, RenderSettings{.height = 512, .width = 512, .samples = samples});
  return [renderer, coefficients = scene.coefficients, frame = int64_t{0}]() mutable {
    const c10::InferenceMode no_gradients;
    frame = (frame + 1) % coefficients.size(0);
    renderer->forward(coefficients.narrow(0, frame, 1));
  };
}

const Bench one_sample({.name = "render_ict_512",
                        .work = "ICT head, 512 x 512, 1 sample a pixel: blend + normals + rasterize + shade",
                        .note = "the target is 6 ms",
                        .needs = "ict"},
                       [] { return frames(1); });

const Bench four_samples({.name = "render_ict_512_s4", .work = "the same with 4 samples per pixel", .needs = "ict"},
                         [] { return frames(4); });

}  // namespace
}  // namespace bisque::bench
