#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/lights/light_reflection.h>
#include <bisque/renderer/lights/point_lights.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {
namespace {

using at::Tensor;

/// Rows of a batch for N pictures: of all (1), of each mesh, or of each picture.
class PictureRows {
 public:
  PictureRows(const Fragments& fragments, const Scene& scene)
      : n_(fragments.pix_to_face.size(0)), b_(scene.meshes.size()), options_(scene.meshes.verts_packed().options()) {}

  Tensor operator()(const char* what, const Tensor& rows) const {
    const int64_t size = rows.size(0);
    if (size != 1 && size != n_ && size != b_) {
      fail("Shader: expected ", what, " for all, each of the ", b_, " meshes or each of the ", n_,
           " pictures, but got a batch of ", size, ".");
    }
    const Tensor converted = rows.to(options_.dtype()).to(options_.device());
    if (size == n_) return converted;
    std::vector<int64_t> sizes = converted.sizes().vec();
    sizes[0] = n_;
    return size == 1 ? converted.expand(sizes) : converted.repeat_interleave(n_ / b_, 0);
  }

  Tensor none(int64_t channels) const { return at::zeros({n_, 0, channels}, options_); }

 private:
  int64_t n_, b_;
  at::TensorOptions options_;
};

}  // namespace

Tensor in_unit(const Tensor& lights, double unit) {
  if (unit == 1) return lights;
  return at::where(lights.narrow(1, 3, 1) != 0, at::cat({lights.narrow(1, 0, 3) / unit, lights.narrow(1, 3, 1)}, 1),
                   lights);
}

PictureLighting lighting_of(const Fragments& fragments, const Scene& scene) {
  if (!scene.cameras) fail("Shader: expected cameras, but got none.");
  const PictureRows rows(fragments, scene);
  const Materials own_materials;
  const Materials& materials = scene.materials ? *scene.materials : own_materials;
  const LightList all = scene.lights.empty() ? LightList{std::make_shared<PointLights>()} : scene.lights;
  std::vector<Tensor> places = {rows.none(4)}, diffuse = {rows.none(3)}, specular = {rows.none(3)};
  Tensor ambient;
  for (const auto& light : all) {
    const Tensor from_all_sides = rows("lights", light->ambient_color);
    ambient = ambient.defined() ? ambient + from_all_sides : from_all_sides;
    const Tensor place = light->positions();
    if (!place.defined()) continue;
    places.push_back(rows("lights", in_unit(place, scene.unit)).unsqueeze(1));
    diffuse.push_back((rows("lights", light->diffuse_color) * rows("materials", materials.diffuse_color)).unsqueeze(1));
    specular.push_back(
        (rows("lights", light->specular_color) * rows("materials", materials.specular_color)).unsqueeze(1));
  }
  const Tensor center = scene.cameras->get_camera_center();
  return {rows("cameras", scene.unit == 1 ? center : center / scene.unit),
          at::cat(places, 1),
          at::cat(diffuse, 1),
          at::cat(specular, 1),
          ambient * rows("materials", materials.ambient_color),
          rows("materials", materials.shininess)};
}

Reflection reflection_at(const Tensor& points, const Tensor& normals, const PictureLighting& lighting) {
  Tensor factor = beside_points(lighting.ambient, points).expand_as(points), highlight = at::zeros_like(points);
  for (int64_t i = 0; i < lighting.lights.size(1); ++i) {
    const Tensor light = lighting.lights.select(1, i);
    factor = factor + diffuse_reflection(normals, points, light, lighting.diffuse.select(1, i));
    highlight = highlight + specular_reflection(normals, points, light, lighting.specular.select(1, i),
                                                lighting.camera_position, lighting.shininess);
  }
  return {factor, highlight};
}

Tensor padded_per_picture(const Tensor& packed, const data::RaggedSizes& sizes, int64_t num_pictures) {
  const Tensor padded = sizes.padded_of_packed(packed, 0);
  const int64_t b = sizes.num_elements();
  if (num_pictures == b) return padded;
  return padded.unsqueeze(1).expand({-1, num_pictures / b, -1, -1}).reshape({num_pictures, padded.size(1), -1});
}

Tensor packed_per_view(const Tensor& padded, const data::RaggedSizes& sizes) {
  const int64_t b = sizes.num_elements(), c = padded.size(2);
  if (b == 1) return padded;
  const int64_t views = b == 0 ? 1 : padded.size(0) / b;
  const Tensor by_view = padded.view({b, views, padded.size(1), c}).transpose(0, 1).reshape({views, -1, c});
  return sizes.are_equal() ? by_view : by_view.index_select(1, sizes.padded_to_packed_idx(padded.device()));
}

Fragments with_faces_per_view(const Fragments& fragments, int64_t num_meshes, int64_t num_faces) {
  const Tensor& faces = fragments.pix_to_face;
  const int64_t views = num_meshes == 0 ? 1 : faces.size(0) / num_meshes;
  if (views <= 1) return fragments;
  Fragments result = fragments;
  const Tensor first = (at::arange(views, faces.options()) * num_faces).repeat({num_meshes}).view({-1, 1, 1, 1});
  result.pix_to_face = at::where(faces < 0, faces, faces + first);
  return result;
}

Tensor texels_of(const Fragments& fragments, const Scene& scene) {
  if (!scene.textures) return {};
  const Textures& textures = *scene.textures;
  if (textures.size() != scene.meshes.size()) {
    fail("Shader: expected textures of ", scene.meshes.size(), " meshes, but got those of ", textures.size(), ".");
  }
  if (textures.num_channels() != 3 && textures.size() > 0) {
    fail("Shader: expected textures with 3 channels, but got ", textures.num_channels(), ".");
  }
  return textures.sample_textures(fragments, scene.meshes.faces_packed());
}

Fragments nearest_of(const Fragments& fragments) {
  if (fragments.pix_to_face.size(3) <= 1) return fragments;
  const auto first = [](const Tensor& values) {
    return values.defined() && values.dim() >= 4 ? values.narrow(3, 0, 1).contiguous() : values;
  };
  return {first(fragments.pix_to_face), first(fragments.zbuf), first(fragments.bary_coords), first(fragments.dists),
          fragments.samples};
}

std::pair<Tensor, Tensor> depth_range(const Fragments& fragments, const Scene& scene) {
  if (!scene.cameras) fail("Shader: expected cameras, but got none.");
  const PictureRows rows(fragments, scene);
  const auto of = [&](const Tensor& own, double otherwise) {
    const Tensor depth =
        own.defined() ? own : at::full({1}, otherwise, scene.cameras->R.options().requires_grad(false));
    return rows("cameras", scene.unit == 1 ? depth : depth / scene.unit).contiguous();
  };
  return {of(scene.cameras->get_znear(), 1), of(scene.cameras->get_zfar(), 100)};
}

void check_has_dists(const char* user, const Fragments& fragments) {
  if (!fragments.dists.defined() || fragments.dists.sizes() != fragments.pix_to_face.sizes()) {
    fail("Shader: expected fragments with dists for ", user, "; set with_dists of the rasterizer.");
  }
}

}  // namespace bisque
