#include <bisque/plugins/renderer_objects.h>

#include <ATen/ATen.h>

#include <bisque/core/serialization/text.h>
#include <bisque/plugins/tensor_or_list.h>
#include <bisque/renderer/implicit/ray_samplers.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/points/points_rasterizer.h>
#include <bisque/renderer/shaders/scene.h>
#include <bisque/renderer/textures/textures_atlas.h>
#include <bisque/renderer/textures/textures_uv.h>
#include <bisque/renderer/textures/textures_vertex.h>

namespace bisque {
namespace {

constexpr std::pair<const char*, TextureWrap> kWraps[] = {{"repeat", TextureWrap::kRepeat},
                                                          {"clamp", TextureWrap::kClamp},
                                                          {"mirror", TextureWrap::kMirror},
                                                          {"zeros", TextureWrap::kZeros}};

TextureWrap wrap_of(const std::string& name) {
  for (const auto& [known, wrap] : kWraps) {
    if (name == known) return wrap;
  }
  fail("renderer.TexturesUV: expected wrap to be repeat, clamp, mirror or zeros, but got ", quoted_text(name), ".");
}

TexturesVertex make_vertex(const TensorOrList& verts_features) {
  return make_batch(
      "renderer.TexturesVertex", [](const auto& features) { return TexturesVertex(features); }, verts_features);
}

TexturesAtlas make_atlas(const TensorOrList& atlas) {
  return make_batch(
      "renderer.TexturesAtlas", [](const auto& texels) { return TexturesAtlas(texels); }, atlas);
}

TexturesUV make_uv(const TensorOrList& maps, const TensorOrList& faces_uvs, const TensorOrList& verts_uvs,
                   const std::optional<std::string>& wrap, std::optional<bool> bilinear,
                   std::optional<bool> align_corners) {
  TexturesUVOptions options;
  if (wrap) options.wrap = wrap_of(*wrap);
  options.bilinear = bilinear.value_or(options.bilinear);
  options.align_corners = align_corners.value_or(options.align_corners);
  const auto make = [&](const auto&... tensors) { return TexturesUV(tensors..., options); };
  return make_batch("renderer.TexturesUV", make, maps, faces_uvs, verts_uvs);
}

void add_textures(ModulePlugin& plugin) {
  plugin.add_object<TexturesVertex, Textures>("renderer.TexturesVertex")
      .constructor({"verts_features"}, make_vertex)
      .attribute("size", &TexturesVertex::size)
      .attribute("verts_features_packed", &TexturesVertex::verts_features_packed)
      .attribute("verts_features_list", &TexturesVertex::verts_features_list)
      .attribute("verts_features_padded", &TexturesVertex::verts_features_padded);
  plugin.add_object<TexturesUV, Textures>("renderer.TexturesUV")
      .constructor({"maps", "faces_uvs", "verts_uvs", "wrap", "bilinear", "align_corners"}, make_uv)
      .attribute("size", &TexturesUV::size)
      .attribute("maps_packed", &TexturesUV::maps_packed)
      .attribute("map_layouts", &TexturesUV::map_layouts)
      .attribute("faces_uvs_packed", &TexturesUV::faces_uvs_packed)
      .attribute("verts_uvs_packed", &TexturesUV::verts_uvs_packed);
  plugin.add_object<TexturesAtlas, Textures>("renderer.TexturesAtlas")
      .constructor({"atlas"}, make_atlas)
      .attribute("size", &TexturesAtlas::size)
      .attribute("atlas_packed", &TexturesAtlas::atlas_packed)
      .attribute("atlas_list", &TexturesAtlas::atlas_list)
      .attribute("atlas_padded", &TexturesAtlas::atlas_padded);
}

}  // namespace

void add_renderer_objects(ModulePlugin& plugin) {
  add_textures(plugin);
  plugin.add_object<Scene>("renderer.Scene")
      .required("meshes", &Scene::meshes)
      .member("textures", &Scene::textures)
      .member("cameras", &Scene::cameras)
      .member("lights", &Scene::lights)
      .member("materials", &Scene::materials)
      .member("unit", &Scene::unit);
  plugin.add_object<Fragments>("renderer.Fragments")
      .required("pix_to_face", &Fragments::pix_to_face)
      .required("zbuf", &Fragments::zbuf)
      .required("bary_coords", &Fragments::bary_coords)
      .member("dists", &Fragments::dists)
      .member("samples", &Fragments::samples);
  plugin.add_object<PointFragments>("renderer.PointFragments")
      .required("idx", &PointFragments::idx)
      .required("zbuf", &PointFragments::zbuf)
      .required("dists", &PointFragments::dists);
  plugin.add_object<RayBundle>("renderer.RayBundle")
      .required("origins", &RayBundle::origins)
      .required("directions", &RayBundle::directions)
      .required("lengths", &RayBundle::lengths)
      .required("xys", &RayBundle::xys);
  plugin.add_object<RayDraw>("renderer.RayDraw")
      .member("places", &RayDraw::places)
      .member("lengths", &RayDraw::lengths)
      .member("mask", &RayDraw::mask);
  plugin.add_object<Pose>("renderer.Pose")
      .member("head", &Pose::head)
      .member("left_eye", &Pose::left_eye)
      .member("right_eye", &Pose::right_eye);
}

}  // namespace bisque
