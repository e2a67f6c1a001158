#include <bisque/plugins/renderer_shaders.h>

#include <ATen/ATen.h>

#include <bisque/plugins/option_tensors.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/shaders/attribute_shaders.h>
#include <bisque/renderer/shaders/depth_shaders.h>
#include <bisque/renderer/shaders/flat_shader.h>
#include <bisque/renderer/shaders/gouraud_shaders.h>
#include <bisque/renderer/shaders/phong_shaders.h>

namespace bisque {
namespace {

struct Sigma {
  double sigma = 1e-4;
};

void describe(OptionFields& fields, Sigma& options) { fields("sigma", options.sigma); }

template <class S>
void add_shader_of_sigma(ModulePlugin& plugin, const std::string& name) {
  plugin.add_module<Sigma, S>(name, [](const Sigma& options) { return std::tuple(options.sigma); });
}

struct OfMeshes {
  bool of_meshes = false;
};

void describe(OptionFields& fields, OfMeshes& options) { fields("of_meshes", options.of_meshes); }

struct SampledRasterizer {
  RasterizeMeshesOptions options;
  int64_t samples = 1;
};

void describe(OptionFields& fields, SampledRasterizer& rasterizer) {
  RasterizeMeshesOptions& options = rasterizer.options;
  fields("height", options.height);
  fields("width", options.width);
  fields("faces_per_pixel", options.faces_per_pixel);
  fields("blur_radius", options.blur_radius);
  fields("clip_barycentric_coords", options.clip_barycentric_coords);
  fields("perspective_correct", options.perspective_correct);
  fields("cull_backfaces", options.cull_backfaces);
  fields("z_clip", options.z_clip);
  fields("with_dists", options.with_dists);
  fields("bin_size", options.bin_size);
  fields("max_faces_per_bin", options.max_faces_per_bin);
  fields("samples", rasterizer.samples);
}

/// For calls by values.
using MeshRendererForwards =
    Overloads<at::Tensor(const Scene&),
              at::Tensor(const Meshes&, const std::shared_ptr<const Textures>&, const std::shared_ptr<const Cameras>&,
                         const LightList&, const std::shared_ptr<const Materials>&)>;
using MeshRasterizerForwards =
    Overloads<Fragments(const at::Tensor&, const at::Tensor&), Fragments(const Meshes&, const at::Tensor&)>;

/// The settings shader.NAME are those of the Module `shader`.
struct NamedRenderer {
  std::string shader = "renderer.HardPhongShader";
  Config of_shader;
  SampledRasterizer rasterizer;
};

void describe(OptionFields& fields, NamedRenderer& renderer) {
  fields("shader", renderer.shader);
  fields.others("shader", renderer.of_shader);
  fields.nested("rasterizer", renderer.rasterizer);
}

}  // namespace

MeshRendererForwards forward_overloads(const MeshRenderer&);
MeshRasterizerForwards forward_overloads(const MeshRasterizer&);

void describe(OptionFields& fields, BlendOptions& options) {
  fields("sigma", options.sigma);
  fields("gamma", options.gamma);
  fields("background_color", options.background_color);
}

void describe(OptionFields& fields, NormalsShaderOptions& options) {
  fields("in_view_space", options.in_view_space);
  fields("as_colors", options.as_colors);
}

void add_shaders(ModulePlugin& plugin) {
  const auto rasterizer_arguments = [](const SampledRasterizer& r) { return std::tuple(r.options, r.samples); };
  plugin.add_module<SampledRasterizer, MeshRasterizer>("renderer.MeshRasterizer", rasterizer_arguments);
  plugin.add_module<BlendOptions, HardPhongShader>("renderer.HardPhongShader");
  plugin.add_module<BlendOptions, SoftPhongShader>("renderer.SoftPhongShader");
  plugin.add_module<BlendOptions, HardGouraudShader>("renderer.HardGouraudShader");
  plugin.add_module<BlendOptions, SoftGouraudShader>("renderer.SoftGouraudShader");
  plugin.add_module<BlendOptions, HardFlatShader>("renderer.HardFlatShader");
  add_shader_of_sigma<SoftSilhouetteShader>(plugin, "renderer.SoftSilhouetteShader");
  add_shader_of_sigma<SoftDepthShader>(plugin, "renderer.SoftDepthShader");
  plugin.add_module<NoOptions, HardDepthShader>("renderer.HardDepthShader", no_arguments);
  plugin.add_module<NoOptions, UVShader>("renderer.UVShader", no_arguments);
  plugin.add_module<NormalsShaderOptions, NormalsShader>("renderer.NormalsShader");
  plugin.add_module<OfMeshes, IDShader>("renderer.IDShader",
                                        [](const OfMeshes& options) { return std::tuple(options.of_meshes); });
  plugin.add_module<NamedRenderer>("renderer.MeshRenderer", [](const NamedRenderer& named) {
    const auto rasterizer = std::make_shared<OfOptions<MeshRasterizer, SampledRasterizer>>(
        named.rasterizer, named.rasterizer.options, named.rasterizer.samples);
    return std::make_shared<MeshRenderer>(rasterizer, modules().make<Shader>(named.shader, named.of_shader));
  });
}

}  // namespace bisque
