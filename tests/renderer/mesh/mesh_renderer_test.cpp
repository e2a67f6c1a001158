#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/core/error.h>
#include <bisque/core/registry/module_registry.h>
#include <bisque/renderer/cameras/fov_perspective_cameras.h>
#include <bisque/renderer/cameras/look_at.h>
#include <bisque/renderer/lights/point_lights.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/shaders/phong_shaders.h>

// Pictures are tested in Python: mesh_renderer_test.py.
namespace bisque {
namespace {

/// A square seen from four sides.
Scene square() {
  const auto verts = at::tensor({-1.f, -1.f, 0.f, 1.f, -1.f, 0.f, 1.f, 1.f, 0.f, -1.f, 1.f, 0.f}).view({4, 3});
  const auto faces = at::tensor({0, 1, 2, 0, 2, 3}, at::kLong).view({2, 3});
  const auto view = look_at_view_transform({.dist = 3, .azim = at::tensor({0.f, 40.f, 120.f, 180.f})});
  return {.meshes = Meshes(verts, faces), .cameras = std::make_shared<FoVPerspectiveCameras>(view)};
}

std::shared_ptr<MeshRenderer> make(const Config& config) {
  return modules().make<MeshRenderer>("renderer.MeshRenderer", config);
}

TEST(MeshRenderer, AnyShaderComesFromTheRegistry) {
  const Scene scene = square();
  for (const char* shader :
       {"HardPhong", "SoftPhong", "HardGouraud", "SoftGouraud", "HardFlat", "SoftSilhouette", "Normals"}) {
    const auto renderer = make({{"shader", std::string("renderer.") + shader + "Shader"},
                                {"rasterizer.height", int64_t{8}},
                                {"rasterizer.width", int64_t{12}}});
    const auto images = (*renderer)(scene);
    EXPECT_EQ(images.sizes(), (at::IntArrayRef{4, 8, 12, 4})) << shader;
    EXPECT_TRUE(images.isfinite().all().item<bool>()) << shader;
    EXPECT_GT(images.select(3, 3).sum().item<double>(), 10) << shader;
  }
  for (const char* shader : {"HardDepth", "SoftDepth", "ID"}) {
    const auto renderer = make({{"shader", std::string("renderer.") + shader + "Shader"},
                                {"rasterizer.height", int64_t{8}},
                                {"rasterizer.width", int64_t{12}}});
    EXPECT_EQ((*renderer)(scene).sizes(), (at::IntArrayRef{4, 8, 12, 1})) << shader;
  }
  EXPECT_TRUE(modules().contains("renderer.UVShader"));
}

TEST(MeshRenderer, SettingsReachTheirModule) {
  const Scene scene = square();
  const auto made = make({{"shader", std::string("renderer.SoftPhongShader")},
                          {"shader.sigma", 1e-3},
                          {"shader.gamma", 1e-2},
                          {"shader.background_color", std::vector<double>{0.1, 0.2, 0.3}},
                          {"rasterizer.height", int64_t{16}},
                          {"rasterizer.width", int64_t{16}},
                          {"rasterizer.faces_per_pixel", int64_t{3}},
                          {"rasterizer.blur_radius", 1e-2}});
  const MeshRenderer direct(std::make_shared<MeshRasterizer>(RasterizeMeshesOptions{
                                .height = 16, .width = 16, .faces_per_pixel = 3, .blur_radius = 1e-2}),
                            std::make_shared<SoftPhongShader>(
                                BlendOptions{.sigma = 1e-3, .gamma = 1e-2, .background_color = {0.1, 0.2, 0.3}}));
  EXPECT_TRUE(at::equal((*made)(scene), direct(scene)));
  EXPECT_TRUE(at::equal((*made)(scene.meshes, nullptr, scene.cameras, LightList{std::make_shared<PointLights>()}),
                        direct(scene)));
}

TEST(MeshRenderer, OpaqueShadersAverageTheSamplesOfTheRasterizer) {
  const Scene scene = square();
  for (const char* shader : {"Studio", "NormalColor", "DepthGray"}) {
    const auto renderer = [&](int64_t samples) {
      return make({{"shader", std::string("renderer.") + shader + "Shader"},
                   {"rasterizer.height", 24 / samples},
                   {"rasterizer.width", 24 / samples},
                   {"rasterizer.samples", samples}});
    };
    const auto fine = (*renderer(1))(scene), averaged = (*renderer(2))(scene);
    EXPECT_EQ(averaged.sizes(), (at::IntArrayRef{4, 12, 12, 4})) << shader;
    const auto mean = at::avg_pool2d(fine.permute({0, 3, 1, 2}), 2).permute({0, 2, 3, 1});
    EXPECT_TRUE(at::allclose(averaged, mean, 1e-5, 1e-6)) << shader;
  }
}

TEST(MeshRenderer, ACloneRendersTheSame) {
  const Scene scene = square();
  const auto renderer = make({{"rasterizer.height", int64_t{8}}, {"rasterizer.width", int64_t{8}}});
  EXPECT_TRUE(at::equal((*renderer->clone())(scene), (*renderer)(scene)));
}

TEST(MeshRenderer, RejectsOtherSettings) {
  EXPECT_THROW(make({{"height", int64_t{8}}}), Error);
  EXPECT_THROW(make({{"shader", int64_t{8}}}), Error);
  EXPECT_THROW(make({{"rasterizer.heights", int64_t{8}}}), Error);
  EXPECT_THROW(make({{"shader.gamma", 1.0}, {"shader", std::string("renderer.HardDepthShader")}}), Error);
  EXPECT_THROW(make({{"shader", std::string("renderer.MeshRasterizer")}}), Error);
  EXPECT_THROW(make({{"shader.background_color", std::vector<double>{1, 1}}}), Error);
}

TEST(Cameras, NumbersHoldForAllCameras) {
  const auto view = look_at_view_transform({.dist = 3, .azim = at::tensor({0.f, 90.f})});
  const FoVPerspectiveCameras numbers(view, {.fov = 40, .znear = 0.5}), tensors(view, {.fov = at::full({2}, 40.f)});
  const auto points = at::randn({1, 5, 3});
  EXPECT_TRUE(at::equal(numbers.forward(points), tensors.forward(points)));
  EXPECT_EQ(numbers.znear.sizes(), at::IntArrayRef{2});
  EXPECT_THROW(FoVPerspectiveCameras(view, {.fov = {40, 50}}), Error) << "numbers for one item";
}

}  // namespace
}  // namespace bisque
