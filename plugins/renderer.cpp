// The plugin renderer: its Modules by name. Those that need a model or a camera take it as the name of a file or as
// numbers.
#include <bisque/core/registry/module_plugin.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/mesh/phong_shader.h>
#include <bisque/renderer/models/read_model.h>

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
  bisque::RasterizationSettings settings;
  settings.height = read.get("height", settings.height);
  settings.width = read.get("width", settings.width);
  settings.faces_per_pixel = read.get("faces_per_pixel", settings.faces_per_pixel);
  settings.blur_radius = read.get("blur_radius", settings.blur_radius);
  settings.clip_barycentric_coords = read.get("clip_barycentric_coords", settings.clip_barycentric_coords);
  settings.perspective_correct = read.get("perspective_correct", settings.perspective_correct);
  settings.cull_backfaces = read.get("cull_backfaces", settings.cull_backfaces);
  settings.z_clip = read.get("z_clip", settings.z_clip);
  settings.with_dists = read.get("with_dists", settings.with_dists);
  read.done();
  return std::make_shared<bisque::MeshRasterizer>(settings);
}

std::shared_ptr<bisque::Module> make_phong_shader(const Config& config) {
  ConfigReader read("renderer.PhongShader", config);
  bisque::PhongMaterial material;
  material.specular = read.get("specular", material.specular);
  material.shininess = read.get("shininess", material.shininess);
  material.wrap = read.get("wrap", material.wrap);
  read.done();
  return std::make_shared<bisque::PhongShader>(bisque::studio_lighting(), material);
}

}  // namespace

BISQUE_MODULE_PLUGIN("renderer", BISQUE_VERSION) {
  plugin.add_module("renderer.BlendshapeModel", make_blendshape_model);
  plugin.add_module("renderer.MeshRasterizer", make_mesh_rasterizer);
  plugin.add_module("renderer.PhongShader", make_phong_shader);
}
