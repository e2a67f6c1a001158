#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/shaders/attribute_shaders.h>
#include <bisque/renderer/shaders/depth_shaders.h>
#include <bisque/renderer/shaders/flat_shader.h>
#include <bisque/renderer/shaders/gouraud_shaders.h>
#include <bisque/renderer/shaders/phong_shaders.h>
#include <bisque/renderer/textures/textures_uv.h>
#include <bisque/renderer/textures/textures_vertex.h>

#include "lights.h"

namespace bisque {
namespace {

using at::Tensor;
using AnyCameras = std::shared_ptr<Cameras>;

struct Settings {
  const c10::Dict<std::string, double>& values;
  double get(const char* name, double otherwise) const { return values.contains(name) ? values.at(name) : otherwise; }
};

RasterizeMeshesOptions raster_options(const Settings& settings) {
  RasterizeMeshesOptions options;
  options.height = static_cast<int64_t>(settings.get("height", 32));
  options.width = static_cast<int64_t>(settings.get("width", 32));
  options.faces_per_pixel = static_cast<int64_t>(settings.get("faces_per_pixel", 1));
  options.blur_radius = settings.get("blur_radius", 0);
  options.z_clip = settings.get("z_clip", -1);
  options.with_dists = settings.get("with_dists", 1) != 0;
  return options;
}

std::shared_ptr<Shader> make_shader(const std::string& kind, const Settings& settings) {
  BlendOptions blend;
  blend.sigma = settings.get("sigma", blend.sigma);
  blend.gamma = settings.get("gamma", blend.gamma);
  blend.background_color = settings.get("background", 1);
  if (kind == "HardPhong") return std::make_shared<HardPhongShader>(blend);
  if (kind == "SoftPhong") return std::make_shared<SoftPhongShader>(blend);
  if (kind == "HardGouraud") return std::make_shared<HardGouraudShader>(blend);
  if (kind == "SoftGouraud") return std::make_shared<SoftGouraudShader>(blend);
  if (kind == "HardFlat") return std::make_shared<HardFlatShader>(blend);
  if (kind == "SoftSilhouette") return std::make_shared<SoftSilhouetteShader>(blend.sigma);
  if (kind == "HardDepth") return std::make_shared<HardDepthShader>();
  if (kind == "SoftDepth") return std::make_shared<SoftDepthShader>(blend.sigma);
  if (kind == "Normals") {
    return std::make_shared<NormalsShader>(
        NormalsShaderOptions{settings.get("in_view_space", 0) != 0, settings.get("as_colors", 0) != 0});
  }
  if (kind == "UV") return std::make_shared<UVShader>();
  if (kind == "ID") return std::make_shared<IDShader>(settings.get("of_meshes", 0) != 0);
  fail("no shader named ", kind);
}

std::shared_ptr<const Textures> make_textures(const std::vector<Tensor>& tensors, const std::string& kind) {
  if (kind == "vertex") return std::make_shared<TexturesVertex>(tensors);
  if (kind == "uv") return std::make_shared<TexturesUV>(tensors[0], tensors[1], tensors[2]);
  return nullptr;
}

/// Pictures, pix_to_face and zbuf.
std::tuple<Tensor, Tensor, Tensor> render(const std::string& shader, const c10::Dict<std::string, double>& settings,
                                          const Held<Meshes>& meshes, const std::string& texture_kind,
                                          const std::vector<Tensor>& textures,
                                          const std::optional<Held<AnyCameras>>& cameras,
                                          const std::vector<Held<AnyLights>>& lights,
                                          const std::optional<Held<AnyMaterials>>& materials, double unit) {
  const Settings all{settings};
  const MeshRenderer renderer(std::make_shared<MeshRasterizer>(raster_options(all)), make_shader(shader, all));
  const Scene scene = {
      meshes->value,     make_textures(textures, texture_kind),     cameras ? (*cameras)->value : nullptr,
      values_of(lights), materials ? (*materials)->value : nullptr, unit};
  const Fragments fragments = renderer.rasterize(scene);
  return {renderer(scene), fragments.pix_to_face, fragments.zbuf};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) { library.def("render", &render); }

}  // namespace bisque
