#include <bisque/plugins/renderer_shaders.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/shaders/attribute_shaders.h>
#include <bisque/renderer/shaders/depth_shaders.h>
#include <bisque/renderer/shaders/flat_shader.h>
#include <bisque/renderer/shaders/gouraud_shaders.h>
#include <bisque/renderer/shaders/phong_shaders.h>

namespace bisque {
namespace {

void add_blending_shader(ModulePlugin& plugin, const std::string& name,
                         std::shared_ptr<Module> (*make)(const BlendOptions&)) {
  plugin.add_module(name, [name, make](const Config& config) {
    ConfigReader read(name, config);
    BlendOptions options;
    options.sigma = read.get("sigma", options.sigma);
    options.gamma = read.get("gamma", options.gamma);
    const std::vector<double> color = read.get("background_color", std::vector<double>{1, 1, 1});
    read.done();
    options.background_color = at::tensor(color, at::kFloat);
    return make(options);
  });
}

template <class Shader>
std::shared_ptr<Module> make_blending(const BlendOptions& options) {
  return std::make_shared<Shader>(options);
}

template <class Shader>
void add_shader_of_sigma(ModulePlugin& plugin, const std::string& name) {
  plugin.add_module(name, [name](const Config& config) {
    ConfigReader read(name, config);
    const double sigma = read.get("sigma", 1e-4);
    read.done();
    return std::make_shared<Shader>(sigma);
  });
}

template <class Shader>
void add_shader_without_settings(ModulePlugin& plugin, const std::string& name) {
  plugin.add_module(name, [name](const Config& config) {
    ConfigReader(name, config).done();
    return std::make_shared<Shader>();
  });
}

std::shared_ptr<Module> make_normals_shader(const Config& config) {
  ConfigReader read("renderer.NormalsShader", config);
  NormalsShaderOptions options;
  options.in_view_space = read.get("in_view_space", options.in_view_space);
  options.as_colors = read.get("as_colors", options.as_colors);
  read.done();
  return std::make_shared<NormalsShader>(options);
}

std::shared_ptr<Module> make_id_shader(const Config& config) {
  ConfigReader read("renderer.IDShader", config);
  const bool of_meshes = read.get("of_meshes", false);
  read.done();
  return std::make_shared<IDShader>(of_meshes);
}

/// `shader` is the name of a Module; the settings shader.NAME are its own, and rasterizer.NAME those of
/// renderer.MeshRasterizer.
std::shared_ptr<Module> make_mesh_renderer(const Config& config) {
  std::string shader = "renderer.HardPhongShader";
  Config of_shader, of_rasterizer;
  for (const auto& [name, value] : config.values()) {
    if (name == "shader" && std::holds_alternative<std::string>(value)) {
      shader = std::get<std::string>(value);
    } else if (name.starts_with("shader.")) {
      of_shader.set(name.substr(7), value);
    } else if (name.starts_with("rasterizer.")) {
      of_rasterizer.set(name.substr(11), value);
    } else {
      fail(
          "renderer.MeshRenderer: expected shader to be the name of a Module, shader.SETTING or rasterizer.SETTING, "
          "but "
          "got ",
          name, ".");
    }
  }
  return std::make_shared<MeshRenderer>(modules().make<MeshRasterizer>("renderer.MeshRasterizer", of_rasterizer),
                                        modules().make<Shader>(shader, of_shader));
}

}  // namespace

void add_shaders(ModulePlugin& plugin) {
  add_blending_shader(plugin, "renderer.HardPhongShader", make_blending<HardPhongShader>);
  add_blending_shader(plugin, "renderer.SoftPhongShader", make_blending<SoftPhongShader>);
  add_blending_shader(plugin, "renderer.HardGouraudShader", make_blending<HardGouraudShader>);
  add_blending_shader(plugin, "renderer.SoftGouraudShader", make_blending<SoftGouraudShader>);
  add_blending_shader(plugin, "renderer.HardFlatShader", make_blending<HardFlatShader>);
  add_shader_of_sigma<SoftSilhouetteShader>(plugin, "renderer.SoftSilhouetteShader");
  add_shader_of_sigma<SoftDepthShader>(plugin, "renderer.SoftDepthShader");
  add_shader_without_settings<HardDepthShader>(plugin, "renderer.HardDepthShader");
  add_shader_without_settings<UVShader>(plugin, "renderer.UVShader");
  plugin.add_module("renderer.NormalsShader", make_normals_shader);
  plugin.add_module("renderer.IDShader", make_id_shader);
  plugin.add_module("renderer.MeshRenderer", make_mesh_renderer);
}

}  // namespace bisque
