// The plugin renderer: its Modules by name. Those that need a model or a camera take it as the name of a file or as
// numbers.
#include <bisque/core/registry/module_plugin.h>
#include <bisque/plugins/renderer_cameras.h>
#include <bisque/plugins/renderer_objects.h>
#include <bisque/plugins/renderer_points.h>
#include <bisque/plugins/renderer_shaders.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/models/model_textures.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/shaders/depth_gray_shader.h>
#include <bisque/renderer/shaders/material_shader.h>
#include <bisque/renderer/shaders/normal_color_shader.h>
#include <bisque/renderer/shaders/studio_shader.h>

namespace bisque {
namespace {

struct NamedModel {
  std::string model = "demo";
};

void describe(OptionFields& fields, NamedModel& named) { fields("model", named.model); }

BlendshapeData read_with_textures(const std::string& path) {
  BlendshapeData model = read_blendshapes(path);
  read_textures(model);
  return model;
}

}  // namespace

void describe(OptionFields& fields, PhongMaterial& material) {
  fields("specular", material.specular);
  fields("shininess", material.shininess);
  fields("wrap", material.wrap);
}

void describe(OptionFields& fields, DepthRange& range) {
  fields("nearest", range.nearest);
  fields("farthest", range.farthest);
}

}  // namespace bisque

BISQUE_MODULE_PLUGIN("renderer", BISQUE_VERSION) {
  using namespace bisque;
  plugin.add_module<NamedModel, BlendshapeModel>(
      "renderer.BlendshapeModel", [](const NamedModel& named) { return std::tuple(read_blendshapes(named.model)); });
  plugin.add_module<NamedModel, MaterialShader>(
      "renderer.MaterialShader", [](const NamedModel& named) { return std::tuple(read_with_textures(named.model)); });
  plugin.add_module<PhongMaterial, StudioShader>(
      "renderer.StudioShader", [](const PhongMaterial& material) { return std::tuple(studio_lighting(), material); });
  plugin.add_module<DepthRange, DepthGrayShader>("renderer.DepthGrayShader");
  plugin.add_module<NoOptions, NormalColorShader>("renderer.NormalColorShader", no_arguments);
  add_renderer_objects(plugin);
  add_cameras_and_lights(plugin);
  add_points_and_implicit(plugin);
  add_shaders(plugin);
}
