// The plugin renderer: its Modules by name. Those that need a model or a camera take it as the name of a file or as
// numbers.
#include <bisque/core/registry/module_plugin.h>
#include <bisque/plugins/renderer_points.h>
#include <bisque/plugins/renderer_shaders.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/models/model_textures.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/shaders/depth_gray_shader.h>
#include <bisque/renderer/shaders/material_shader.h>
#include <bisque/renderer/shaders/normal_color_shader.h>
#include <bisque/renderer/shaders/studio_shader.h>

namespace {

using bisque::Config;
using bisque::ConfigReader;

std::shared_ptr<bisque::Module> make_blendshape_model(const Config& config) {
  ConfigReader read("renderer.BlendshapeModel", config);
  const std::string model = read.get("model", std::string("demo"));
  read.done();
  return std::make_shared<bisque::BlendshapeModel>(bisque::read_blendshapes(model));
}

std::shared_ptr<bisque::Module> make_mesh_rasterizer(const Config& config) {
  ConfigReader read("renderer.MeshRasterizer", config);
  bisque::RasterizeMeshesOptions options;
  options.height = read.get("height", options.height);
  options.width = read.get("width", options.width);
  options.faces_per_pixel = read.get("faces_per_pixel", options.faces_per_pixel);
  options.blur_radius = read.get("blur_radius", options.blur_radius);
  options.clip_barycentric_coords = read.get("clip_barycentric_coords", options.clip_barycentric_coords);
  options.perspective_correct = read.get("perspective_correct", options.perspective_correct);
  options.cull_backfaces = read.get("cull_backfaces", options.cull_backfaces);
  options.z_clip = read.get("z_clip", options.z_clip);
  options.with_dists = read.get("with_dists", options.with_dists);
  const int64_t samples = read.get("samples", int64_t{1});
  read.get("bin_size", 0);  // these have no effect
  read.get("max_faces_per_bin", 0);
  read.done();
  return std::make_shared<bisque::MeshRasterizer>(options, samples);
}

std::shared_ptr<bisque::Module> make_studio_shader(const Config& config) {
  ConfigReader read("renderer.StudioShader", config);
  bisque::PhongMaterial material;
  material.specular = read.get("specular", material.specular);
  material.shininess = read.get("shininess", material.shininess);
  material.wrap = read.get("wrap", material.wrap);
  read.done();
  return std::make_shared<bisque::StudioShader>(bisque::studio_lighting(), material);
}

std::shared_ptr<bisque::Module> make_normal_color_shader(const Config& config) {
  ConfigReader("renderer.NormalColorShader", config).done();
  return std::make_shared<bisque::NormalColorShader>();
}

std::shared_ptr<bisque::Module> make_depth_gray_shader(const Config& config) {
  ConfigReader read("renderer.DepthGrayShader", config);
  bisque::DepthRange range;
  range.nearest = read.get("nearest", range.nearest);
  range.farthest = read.get("farthest", range.farthest);
  read.done();
  return std::make_shared<bisque::DepthGrayShader>(range);
}

std::shared_ptr<bisque::Module> make_material_shader(const Config& config) {
  ConfigReader read("renderer.MaterialShader", config);
  bisque::BlendshapeData model = bisque::read_blendshapes(read.get("model", std::string("demo")));
  read.done();
  bisque::read_textures(model);
  return std::make_shared<bisque::MaterialShader>(model);
}

}  // namespace

BISQUE_MODULE_PLUGIN("renderer", BISQUE_VERSION) {
  plugin.add_module("renderer.BlendshapeModel", make_blendshape_model);
  plugin.add_module("renderer.MeshRasterizer", make_mesh_rasterizer);
  plugin.add_module("renderer.StudioShader", make_studio_shader);
  plugin.add_module("renderer.DepthGrayShader", make_depth_gray_shader);
  plugin.add_module("renderer.NormalColorShader", make_normal_color_shader);
  plugin.add_module("renderer.MaterialShader", make_material_shader);
  bisque::add_points_and_implicit(plugin);
  bisque::add_shaders(plugin);
}
