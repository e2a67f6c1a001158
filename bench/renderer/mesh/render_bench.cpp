#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/png.h>
#include <bisque/renderer/shaders/material_shader.h>

#include "harness/bench.h"
#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

/// A frame with new coefficients in each call.
std::function<void()> frames_of(const IctScene& scene, int64_t samples, std::shared_ptr<Shader> shader) {
  const auto renderer = std::make_shared<WhiteModelRenderer>(
      scene.model, scene.camera, RenderSettings{.height = 512, .width = 512, .samples = samples}, std::move(shader));
  return [renderer, coefficients = scene.coefficients, frame = int64_t{0}]() mutable {
    const c10::InferenceMode no_gradients;
    frame = (frame + 1) % coefficients.size(0);
    renderer->forward(coefficients.narrow(0, frame, 1));
  };
}

std::function<void()> frames(int64_t samples) { return frames_of(ict_scene(), samples, nullptr); }

const Bench one_sample({.name = "render_ict_512",
                        .work = "ICT head, 512 x 512, 1 sample a pixel: blend + normals + rasterize + shade",
                        .note = "the target is 6 ms",
                        .needs = "ict"},
                       [] { return frames(1); });

const Bench beside_vtk({.name = "render_ict_512_vtk",
                        .work = "the same as render_ict_512",
                        .note = "VTK gets verts without normals; the target is 4.5 times its speed",
                        .needs = "ict"},
                       [] { return frames(1); });

const Bench four_samples({.name = "render_ict_512_s4", .work = "the same with 4 samples per pixel", .needs = "ict"},
                         [] { return frames(4); });

/// A smooth picture as a texture, embedded in the model.
Texture colors_texture(int64_t side) {
  Picture picture{side, side, 3, {}};
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      for (const int64_t value : {x / 4, y / 4, (x ^ y) / 4}) picture.pixels.push_back(static_cast<uint8_t>(value));
    }
  }
  return {.path = "", .picture = std::make_shared<const std::vector<std::byte>>(encode_png(picture, "bench"))};
}

/// The same frames, with one texture on all faces.
std::function<void()> textured_frames() {
  const IctScene scene = ict_scene();
  BlendshapeData data = read_blendshapes(kIctModel);
  if (data.uv_faces.empty()) fail("render_textured_512: expected a model with uvs.");
  data.group_names = {"skin"};
  data.face_groups = std::vector<int32_t>(static_cast<size_t>(data.num_faces()), 0);
  data.materials = {{.name = "skin", .texture = 0}};
  data.textures = {colors_texture(1024)};
  return frames_of(scene, 1, std::make_shared<MaterialShader>(data));
}

const Bench textured(
    {.name = "render_textured_512",
     .work = "ICT head, 512 x 512, 1 sample a pixel, a texture of 1024 x 1024 by UV, bilinear",
     .note = "the target is 1.5 times the white model",
     .needs = "ict",
     .peer = "the white model (render_ict_512)"},
    [] { return textured_frames(); }, [] { return frames(1); });

}  // namespace
}  // namespace bisque::bench
