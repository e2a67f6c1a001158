// gallery FOLDER: the pictures of docs/mesh_rendering.md, one per feature of the mesh renderer.
#include <ATen/ATen.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include <bisque/ops3d/structures/pointclouds.h>
#include <bisque/renderer/cameras/fisheye_cameras.h>
#include <bisque/renderer/cameras/fit_camera.h>
#include <bisque/renderer/cameras/fov_orthographic_cameras.h>
#include <bisque/renderer/implicit/implicit_renderer.h>
#include <bisque/renderer/lights/ambient_lights.h>
#include <bisque/renderer/lights/directional_lights.h>
#include <bisque/renderer/lights/point_lights.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/png.h>
#include <bisque/renderer/points/points_renderer.h>
#include <bisque/renderer/shaders/attribute_shaders.h>
#include <bisque/renderer/shaders/depth_shaders.h>
#include <bisque/renderer/shaders/flat_shader.h>
#include <bisque/renderer/shaders/gouraud_shaders.h>
#include <bisque/renderer/shaders/phong_shaders.h>
#include <bisque/renderer/textures/textures_atlas.h>
#include <bisque/renderer/textures/textures_uv.h>
#include <bisque/renderer/textures/textures_vertex.h>

namespace {

using at::Tensor;
using bisque::Meshes;

constexpr int64_t kSide = 240;   // pixels of one picture
constexpr int64_t kSamples = 3;  // along each side of a pixel

/// A mesh with uv coordinates.
struct Shape {
  Tensor verts, faces, uvs;
  Meshes meshes() const { return Meshes(verts.unsqueeze(0), faces.unsqueeze(0)); }
};

/// A sphere as a grid of latitudes and longitudes, whose first and last longitudes are one place with two uvs.
Shape sphere(int64_t rows, int64_t columns) {
  const auto v = at::linspace(0, 1, rows + 1).view({-1, 1}), u = at::linspace(0, 1, columns + 1).view({1, -1});
  const auto theta = (1 - v) * M_PI, phi = u * (2 * M_PI);
  const auto verts =
      at::stack({theta.sin() * phi.sin(), theta.cos().expand({-1, columns + 1}), theta.sin() * phi.cos()}, 2);
  const auto first = (at::arange(rows).view({-1, 1}) * (columns + 1) + at::arange(columns).view({1, -1})).flatten();
  const auto right = first + 1, above = first + columns + 1;
  const auto faces = at::cat({at::stack({first, right, above + 1}, 1), at::stack({first, above + 1, above}, 1)});
  return {verts.reshape({-1, 3}), faces,
          at::stack({u.expand({rows + 1, -1}), v.expand({-1, columns + 1})}, 2).reshape({-1, 2})};
}

/// A map of bands and dots, [H, W, 3] in linear light.
Tensor painted_map(int64_t height, int64_t width) {
  const auto y = at::linspace(0, 1, height).view({-1, 1}), x = at::linspace(0, 1, width).view({1, -1});
  const auto waves = 0.5 + 0.5 * at::sin(24 * y + 1.5 * at::sin(6 * M_PI * x));
  const auto squares = ((x * 16).floor() + (y * 8).floor()).remainder(2) * 0.35 + 0.65;
  return at::stack({0.75 * waves + 0.15, 0.35 + 0.25 * (1 - waves), 0.65 - 0.5 * waves}, 2) * squares.unsqueeze(2);
}

bisque::LightList soft_light() {
  return {std::make_shared<bisque::DirectionalLights>(
      bisque::BatchValue{-0.5, 0.7, 0.8},
      bisque::LightColors{.ambient_color = 0.12, .diffuse_color = 0.75, .specular_color = 0.15})};
}

std::shared_ptr<const bisque::Cameras> orbit(double dist, double elev, double azim, double fov = 30) {
  return std::make_shared<bisque::FoVPerspectiveCameras>(
      bisque::look_at_view_transform({.dist = dist, .elev = elev, .azim = azim}),
      bisque::FoVPerspectiveOptions{.fov = fov, .znear = 0.05, .zfar = 50});
}

/// The mean of the samples of each pixel of [N, H, W, C].
Tensor averaged(const Tensor& images, int64_t samples = kSamples) {
  return at::avg_pool2d(images.permute({0, 3, 1, 2}), samples).permute({0, 2, 3, 1});
}

/// Pictures [N, H, W, C] with several samples per pixel.
Tensor render(const bisque::Scene& scene, const std::shared_ptr<bisque::Shader>& shader, double blur_radius = 0,
              int64_t faces_per_pixel = 1) {
  const int64_t samples = blur_radius > 0 ? 1 : kSamples;
  const bisque::MeshRenderer renderer(
      std::make_shared<bisque::MeshRasterizer>(bisque::RasterizeMeshesOptions{.height = kSide * samples,
                                                                              .width = kSide * samples,
                                                                              .faces_per_pixel = faces_per_pixel,
                                                                              .blur_radius = blur_radius}),
      shader);
  return averaged(renderer(scene).to(at::kFloat), samples);
}

/// Puts pictures [N, H, W, C] side by side, and writes them.
void write(const std::string& path, const Tensor& images, bisque::Encoding encoding = bisque::Encoding::kSrgb) {
  const auto row = at::cat(images.slice(3, 0, 3).unbind(0), 1).clamp(0, 1);
  const auto opaque = at::cat({row, at::ones_like(row.slice(2, 0, 1))}, 2).contiguous();
  bisque::write_png(path, bisque::to_picture(opaque, bisque::Color{1, 1, 1}, encoding));
  std::printf("%s\n", path.c_str());
}

Shape head() {
  const bisque::BlendshapeData data = bisque::read_blendshapes("demo");
  const bisque::BlendshapeModel model(data);
  auto coefficients = at::zeros({1, model.num_shapes()});
  for (const char* shape : {"mouthSmileLeft", "mouthSmileRight", "browInnerUp"}) {
    coefficients[0][bisque::find_shape(data, shape)] = 0.8;
  }
  const Tensor verts = model(coefficients)[0];
  const Tensor low = verts.amin(0), high = verts.amax(0);
  const Tensor centred = (verts - (low + high) / 2) * (2 / (high - low).max().item<double>());
  // Uvs around the vertical axis.
  const Tensor u = at::atan2(centred.select(1, 0), centred.select(1, 2)) / (2 * M_PI) + 0.5;
  return {centred, model.faces, at::stack({u, centred.select(1, 1) / 2 + 0.5}, 1)};
}

std::shared_ptr<bisque::TexturesUV> uv_textures(const Shape& shape) {
  return std::make_shared<bisque::TexturesUV>(painted_map(256, 512), shape.faces, shape.uvs,
                                              bisque::TexturesUVOptions{.wrap = bisque::TextureWrap::kRepeat});
}

void textured_head(const std::string& path) {
  const Shape shape = head();
  const auto textures = uv_textures(shape);
  write(path, at::cat({render({shape.meshes(), textures, orbit(4.4, 5, -32), soft_light()},
                              std::make_shared<bisque::HardPhongShader>()),
                       render({shape.meshes(), textures, orbit(4.4, 5, 0), soft_light()},
                              std::make_shared<bisque::HardPhongShader>()),
                       render({shape.meshes(), textures, orbit(4.4, 10, 40), soft_light()},
                              std::make_shared<bisque::HardPhongShader>())}));
}

void lit_shaders(const std::string& path) {
  const Shape shape = sphere(10, 20);
  const auto colors = std::make_shared<bisque::TexturesVertex>(shape.verts * 0.35 + 0.55);
  const bisque::Scene scene{shape.meshes(), colors, orbit(4.6, 10, 20), soft_light()};
  write(path, at::cat({render(scene, std::make_shared<bisque::HardPhongShader>()),
                       render(scene, std::make_shared<bisque::HardGouraudShader>()),
                       render(scene, std::make_shared<bisque::HardFlatShader>())}));
}

void surface_shaders(const std::string& path) {
  const Shape shape = head();
  const bisque::Scene scene{shape.meshes(), uv_textures(shape), orbit(4.4, 5, 25)};
  const auto gray = [](const Tensor& values) { return values.expand({-1, -1, -1, 3}); };
  const Tensor depth = render(scene, std::make_shared<bisque::HardDepthShader>());
  // Of few faces, since the pixels of a soft silhouette have a limited number of them; in one sample per pixel.
  const bisque::Scene few_faces{sphere(10, 20).meshes(), nullptr, scene.cameras};
  const Tensor covered = render(few_faces, std::make_shared<bisque::SoftSilhouetteShader>(), 9.2e-4, 40).slice(3, 3, 4);
  const Tensor ids = render(few_faces, std::make_shared<bisque::IDShader>(), 1e-12);
  write(path,
        at::cat({render(scene, std::make_shared<bisque::NormalsShader>(bisque::NormalsShaderOptions{.as_colors = true}))
                     .slice(3, 0, 3),
                 gray(((5.4 - depth) / 2).clamp(0, 1)),
                 render(scene, std::make_shared<bisque::UVShader>()).slice(3, 0, 3), gray(covered),
                 at::where(ids < 0, 1, at::cat({ids * 0.37, ids * 0.61, ids * 0.83}, 3).remainder(1))}),
        bisque::Encoding::kLinear);
}

void textures(const std::string& path) {
  const Shape shape = sphere(24, 48);
  const auto uv = uv_textures(shape);
  const auto vertex = std::make_shared<bisque::TexturesVertex>(at::sin(shape.verts * 5) * 0.4 + 0.5);
  const auto grid = at::linspace(0, 1, 4);
  const auto colors =
      at::stack({grid.view({1, -1}).expand({4, -1}), grid.view({-1, 1}).expand({-1, 4}), at::full({4, 4}, 0.4)}, 2);
  const auto atlas = std::make_shared<bisque::TexturesAtlas>(colors.expand({shape.faces.size(0), 4, 4, 3}));
  std::vector<Tensor> pictures;
  for (const std::shared_ptr<const bisque::Textures>& each :
       {std::shared_ptr<const bisque::Textures>(vertex), std::shared_ptr<const bisque::Textures>(uv),
        std::shared_ptr<const bisque::Textures>(atlas)}) {
    pictures.push_back(
        render({shape.meshes(), each, orbit(4.6, 20, 15), soft_light()}, std::make_shared<bisque::HardPhongShader>()));
  }
  write(path, at::cat(pictures));
}

void lights(const std::string& path) {
  const Shape shape = head();
  const auto colored = [](std::initializer_list<bisque::BatchValue::Number> place,
                          std::initializer_list<bisque::BatchValue::Number> color) {
    return std::make_shared<bisque::PointLights>(
        bisque::BatchValue(place),
        bisque::LightColors{.ambient_color = 0.0, .diffuse_color = bisque::BatchValue(color), .specular_color = 0.3});
  };
  const bisque::LightList one = {colored({-2, 2, 3}, {0.9, 0.9, 0.9})};
  const bisque::LightList three = {std::make_shared<bisque::AmbientLights>(0.06),
                                   colored({-3, 1, 2}, {0.9, 0.25, 0.15}), colored({3, 1, 2}, {0.1, 0.35, 0.9}),
                                   colored({0, 4, -1}, {0.3, 0.6, 0.3})};
  const auto rough =
      std::make_shared<bisque::Materials>(bisque::MaterialsOptions{.specular_color = 0.2, .shininess = 5});
  const auto camera = orbit(4.4, 5, 15);
  const auto shader = std::make_shared<bisque::HardPhongShader>();
  write(path, at::cat({render({shape.meshes(), nullptr, camera, one}, shader),
                       render({shape.meshes(), nullptr, camera, one, rough}, shader),
                       render({shape.meshes(), nullptr, camera, three}, shader)}));
}

void cameras(const std::string& path) {
  const Shape shape = sphere(24, 48);
  const auto textures = uv_textures(shape);
  const auto shader = std::make_shared<bisque::HardPhongShader>();
  const auto view = bisque::look_at_view_transform({.dist = 1.7, .elev = 15, .azim = 15});
  const std::shared_ptr<const bisque::Cameras> kinds[] = {
      orbit(1.7, 15, 15, 80),
      std::make_shared<bisque::FoVOrthographicCameras>(
          view,
          bisque::FoVOrthographicOptions{.znear = 0.05, .max_y = 1.2, .min_y = -1.2, .max_x = 1.2, .min_x = -1.2}),
      std::make_shared<bisque::FishEyeCameras>(
          view, bisque::FishEyeOptions{.focal_length = 1.2, .radial_params = {-0.1, 0, 0, 0, 0, 0}})};
  std::vector<Tensor> pictures;
  for (const auto& camera : kinds) pictures.push_back(render({shape.meshes(), textures, camera, soft_light()}, shader));
  write(path, at::cat(pictures));
}

void views(const std::string& path) {
  const Shape shape = head();
  const auto view = bisque::look_at_view_transform({.dist = 4.4, .elev = 5, .azim = at::linspace(-90, 90, 5)});
  const auto cameras =
      std::make_shared<bisque::FoVPerspectiveCameras>(view, bisque::FoVPerspectiveOptions{.fov = 30.0});
  write(path, render({shape.meshes(), nullptr, cameras, soft_light()}, std::make_shared<bisque::HardPhongShader>()));
}

void near_plane(const std::string& path) {
  const auto corner = at::tensor({-1.F, 1.F}) * 30;
  const auto verts = at::stack({corner.repeat({2}), at::full({4}, -0.6), corner.repeat_interleave(2)}, 1);
  const auto faces = at::tensor({0, 2, 1, 1, 2, 3}, at::kLong).view({1, 2, 3});
  const bisque::TexturesUV textures(painted_map(256, 512), faces[0],
                                    verts.index_select(1, at::tensor({0, 2}, at::kLong)) / 8,
                                    {.wrap = bisque::TextureWrap::kRepeat});
  const bisque::Scene scene{Meshes(verts.unsqueeze(0), faces),
                            std::make_shared<bisque::TexturesUV>(textures),
                            orbit(2, 0, 0, 70),
                            {std::make_shared<bisque::AmbientLights>(0.9)}};
  write(path, render(scene, std::make_shared<bisque::HardPhongShader>()));
}

void soft_blending(const std::string& path) {
  const Shape shape = sphere(8, 12);
  const auto colors = std::make_shared<bisque::TexturesVertex>(shape.verts * 0.4 + 0.55);
  const bisque::Scene scene{shape.meshes(), colors, orbit(4.6, 10, 20), soft_light()};
  std::vector<Tensor> pictures;
  for (const double sigma : {1e-5, 3e-4, 3e-3}) {
    const double blur_radius = std::log(1 / 1e-4 - 1) * sigma;
    pictures.push_back(
        render(scene, std::make_shared<bisque::SoftPhongShader>(bisque::BlendOptions{.sigma = sigma, .gamma = 1e-3}),
               blur_radius, 40));
  }
  write(path, at::cat(pictures));
}

void points_and_fields(const std::string& path) {
  const Shape shape = head();
  const auto camera = orbit(4.4, 5, 25);
  const bisque::PointsRenderer points(
      std::make_shared<bisque::PointsRasterizer>(bisque::RasterizePointsOptions{
          .height = kSide * kSamples, .width = kSide * kSamples, .radius = 0.012, .points_per_pixel = 8}),
      std::make_shared<bisque::AlphaCompositor>(bisque::CompositorOptions{.background_color = at::ones({3})}));
  const auto cloud = points(bisque::Pointclouds({shape.verts}, {}, {shape.verts * 0.35 + 0.5}), *camera);
  const bisque::ImplicitRenderer field(
      std::make_shared<bisque::NDCMultinomialRaysampler>(
          kSide * kSamples, kSide * kSamples, bisque::RaySampling{.n_pts_per_ray = 64, .min_depth = 3, .max_depth = 6}),
      std::make_shared<bisque::EmissionAbsorptionRaymarcher>());
  const auto fog =
      field(*camera, [](const bisque::RayBundle& rays, const bisque::Cameras&) {
        const Tensor x = bisque::ray_bundle_to_ray_points(rays);
        const Tensor wave = (x * 6).sin().prod(-1, true);
        return std::pair(0.3 * at::sigmoid(30 * (0.95 - x.norm(2, -1, true))) * at::sigmoid(20 * wave), x * 0.4 + 0.5);
      }).first;
  const auto over_white = fog.slice(3, 0, 3) + (1 - fog.slice(3, 3, 4));
  write(path, at::cat({averaged(cloud), averaged(over_white)}));
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string folder = argc > 1 ? argv[1] : ".";
  textured_head(folder + "/textured_head.png");
  lit_shaders(folder + "/lit_shaders.png");
  surface_shaders(folder + "/surface_shaders.png");
  textures(folder + "/textures.png");
  lights(folder + "/lights.png");
  cameras(folder + "/cameras.png");
  views(folder + "/views.png");
  near_plane(folder + "/near_plane.png");
  soft_blending(folder + "/soft_blending.png");
  points_and_fields(folder + "/points_and_fields.png");
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "gallery: %s\n", error.what());
  return 1;
}
