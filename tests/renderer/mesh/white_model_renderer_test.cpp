#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/models/demo_head.h>
#include <bisque/renderer/shaders/phong_shaders.h>
#include <bisque/renderer/shaders/studio_shader.h>
#include <bisque/tests/renderer/models/figure.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

std::shared_ptr<BlendshapeModel> demo_model() {
  static const auto model = std::make_shared<BlendshapeModel>(make_blendshapes(make_demo_head()));
  return model;
}

WhiteModelRenderer demo_renderer(const RenderSettings& settings) {
  const auto model = demo_model();
  return {model, fit_camera(model->framed_verts(), static_cast<double>(settings.width) / settings.height), settings};
}

at::Tensor coefficients(const std::string& shape, float value) {
  auto row = at::zeros({1, demo_model()->num_shapes()});
  const auto& names = demo_model()->shape_names();
  row[0][std::find(names.begin(), names.end(), shape) - names.begin()] = value;
  return row;
}

TEST(WhiteModelRenderer, TheHeadStandsInTheMiddle) {
  const auto picture = demo_renderer({120, 120, 1}).forward(at::zeros({1, demo_model()->num_shapes()}))[0];
  const auto alpha = picture.select(2, 3);
  EXPECT_EQ(picture.sizes(), (at::IntArrayRef{120, 120, 4}));
  EXPECT_EQ(alpha[60][60].item<float>(), 1);
  EXPECT_EQ(alpha[0][0].item<float>(), 0);
  const double covered = alpha.mean().item<double>();
  EXPECT_GT(covered, 0.2);
  EXPECT_LT(covered, 0.7);
  EXPECT_TRUE(picture.isfinite().all().item<bool>());
  // A symmetric head: the silhouette is its own mirror image, except for pixels at the edge.
  EXPECT_LT((alpha - alpha.flip(1)).abs().mean().item<double>(), 0.005);
}

TEST(WhiteModelRenderer, ACloneHasBuffersOfItsOwnAndRendersTheSame) {
  auto renderer = demo_renderer({64, 64, 1});
  const auto clone = renderer.clone();
  Pose pose;
  pose.left_eye = at::full({1, 3}, 0.2);
  pose.head = at::full({1, 3}, 0.1);
  const auto before = renderer(coefficients("jawOpen", 0.5f), pose);
  EXPECT_TRUE(at::equal((*clone)(coefficients("jawOpen", 0.5f), pose), before));
  EXPECT_EQ(renderer.load_state_dict(clone->state_dict()).missing_keys.size(), 0u);
  for (const auto& entry : clone->named_buffers()) entry.second.zero_();
  EXPECT_TRUE(at::equal(renderer(coefficients("jawOpen", 0.5f), pose), before)) << "nothing is shared";
}

TEST(WhiteModelRenderer, IsAMeshRendererOfTheModel) {
  const auto model = demo_model();
  const auto camera = fit_camera(model->framed_verts(), 1);
  const auto renderer = demo_renderer({64, 64, 4});
  const auto row = coefficients("jawOpen", 0.5f);
  const double unit = model_unit(model->framed_verts(FramedPart::kAll));
  const MeshRenderer direct(
      std::make_shared<MeshRasterizer>(
          RasterizeMeshesOptions{.height = 64, .width = 64, .z_clip = camera->znear.min().item<double>() / unit}, 2),
      std::make_shared<StudioShader>());
  const auto verts = model->forward(row) * (1 / unit);
  const Scene scene{.meshes = Meshes(verts, model->faces.unsqueeze(0)), .cameras = camera, .unit = unit};
  EXPECT_TRUE(at::equal(renderer(row), direct(scene)));
}

TEST(WhiteModelRenderer, SamplesAverageToTheSamePicture) {
  const auto rest = at::zeros({1, demo_model()->num_shapes()});
  const auto one = demo_renderer({96, 96, 1}).forward(rest), four = demo_renderer({96, 96, 4}).forward(rest);
  const auto sixteen = demo_renderer({96, 96, 16}).forward(rest);
  EXPECT_EQ(one.sizes(), sixteen.sizes());
  EXPECT_LT((four - sixteen).abs().mean().item<double>(), (one - sixteen).abs().mean().item<double>());
  EXPECT_LT((one - sixteen).abs().mean().item<double>(), 0.01);
}

TEST(WhiteModelRenderer, TheJawMovesTheLowerFaceAlone) {
  const auto renderer = demo_renderer({128, 128, 1});
  const auto rest = renderer.forward(coefficients("jawOpen", 0))[0],
             open = renderer.forward(coefficients("jawOpen", 1))[0];
  const auto changed = (rest - open).abs().amax(2) > 0.02;
  EXPECT_GT(changed.slice(0, 64).sum().item<int64_t>(), 200);
  EXPECT_EQ(changed.slice(0, 0, 45).sum().item<int64_t>(), 0);
}

TEST(WhiteModelRenderer, TheSameForAnyNumberOfThreads) {
  const auto renderer = demo_renderer({150, 190, 4});
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = renderer.forward(coefficients("mouthSmileLeft", 0.7f));
  at::set_num_threads(3);
  const auto three = renderer.forward(coefficients("mouthSmileLeft", 0.7f));
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one, three));
}

TEST(WhiteModelRenderer, AFrameInABatchIsThatFrame) {
  const auto renderer = demo_renderer({64, 80, 4});
  const auto a = coefficients("jawOpen", 1), b = coefficients("browInnerUp", 1);
  const auto both = renderer.forward(at::cat({a, b}));
  EXPECT_TRUE(at::allclose(both[0], renderer.forward(a)[0], 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose(both[1], renderer.forward(b)[0], 1e-4, 1e-4));
}

at::Tensor picture_of(const MeshData& mesh, const Framing& framing = {}, const Pose& pose = {}) {
  const auto model = std::make_shared<BlendshapeModel>(make_blendshapes(mesh));
  const auto all = model->framed_verts(FramedPart::kAll);
  const auto camera = fit_camera(model->framed_verts(), 1, framing, all);
  return WhiteModelRenderer(model, camera, {128, 128, 4})(at::full({1, model->num_shapes()}, 0.3), pose)[0];
}

TEST(WhiteModelRenderer, ASeamIsNotSeen) {
  const MeshData whole = make_demo_head(), halves = model_test::split_in_halves(whole);
  ASSERT_GT(halves.num_verts(), whole.num_verts());
  Pose pose;
  pose.head = at::full({1, 3}, 0.1);
  EXPECT_TRUE(at::equal(picture_of(halves, {}, pose), picture_of(whole, {}, pose)));
}

TEST(WhiteModelRenderer, ACreaseOfTheFilesNormalsIsSeen) {
  const MeshData whole = make_demo_head();
  MeshData creased = model_test::split_in_halves(whole);
  for (int64_t v = 0; v < creased.num_verts(); ++v) {
    const float x = v < whole.num_verts() ? 1 : -1;
    creased.normals.insert(creased.normals.end(), {x, 0, 0});
  }
  const auto difference = (picture_of(creased) - picture_of(whole)).abs().amax(2);
  EXPECT_GT(difference.slice(1, 60, 68).max().item<double>(), 0.02);
  EXPECT_EQ(difference.slice(1, 0, 56).max().item<double>(), 0) << "beside the crease nothing changes";
}

TEST(WhiteModelRenderer, TheUnitOfAModelIsNotSeen) {
  const MeshData head = make_demo_head();
  Framing framing;
  framing.azimuth = 20;
  framing.offset = {0.5, 1, 0};
  Pose pose;
  pose.head = at::full({1, 3}, 0.1);
  pose.left_eye = pose.right_eye = at::full({1, 3}, 0.2);
  const auto expected = picture_of(head, framing, pose);
  for (const double scale : {0x1p-100, 0x1p-40, 1e-20, 1e-7, 1e-3, 1.0 / 28, 7.0, 1e6, 1e20, 1e30, 0x1p60, 0x1p110}) {
    MeshData scaled = head;
    for (float& value : scaled.verts) value = static_cast<float>(value * scale);
    for (MorphTarget& morph : scaled.morphs) {
      for (float& value : morph.offsets) value = static_cast<float>(value * scale);
    }
    Framing same = framing;
    for (double& part : same.offset) part *= scale;
    const auto difference = (picture_of(scaled, same, pose) - expected).abs();
    if (std::exp2(std::round(std::log2(scale))) == scale) {
      EXPECT_EQ(difference.max().item<double>(), 0) << scale << ", a power of two";
    }
    EXPECT_LT(difference.mean().item<double>(), 1e-4) << scale;
    EXPECT_LT((difference > 0.02).sum().item<int64_t>(), 100) << scale;
  }
}

TEST(WhiteModelRenderer, LightsThatArePointsAreInTheModelsUnit) {
  const auto lit = [](float scale) {
    MeshData head = make_demo_head();
    for (float& value : head.verts) value *= scale;
    head.morphs.clear();
    const auto model = std::make_shared<BlendshapeModel>(make_blendshapes(head));
    const auto shader = std::make_shared<StudioShader>();
    shader->lights = at::tensor({20.f * scale, 10.f * scale, 30.f * scale, 1.f, 0.f, 1.f, 1.f, 0.f}).view({2, 4});
    shader->light_colors = at::full({2, 3}, 0.4);
    return WhiteModelRenderer(model, fit_camera(model->neutral, 1), {64, 64, 1}, shader)(at::zeros({1, 0}))[0];
  };
  const auto expected = lit(1);
  EXPECT_TRUE(at::equal(lit(0x1p-40F), expected));
  EXPECT_TRUE(at::equal(lit(0x1p50F), expected));
}

TEST(WhiteModelRenderer, AFigureShowsItsFaceAndTurnsItsHead) {
  for (const bool with_skeleton : {false, true}) {
    const MeshData mesh = model_test::figure(with_skeleton);
    Pose pose;
    pose.head = at::tensor({0.6f, 0.f, 0.f}).view({1, 3});
    const auto rest = picture_of(mesh), turned = picture_of(mesh, {}, pose);
    // The head fills the picture except for the margin, and nothing else is at its sides.
    const auto alpha = rest.select(2, 3) > 0.5;
    EXPECT_EQ(alpha.slice(0, 0, 8).sum().item<int64_t>(), 0);
    EXPECT_GT(alpha.slice(0, 10, 20).sum().item<int64_t>(), 10);
    EXPECT_GT(alpha.sum().item<int64_t>(), 128 * 128 / 4);
    EXPECT_GT(((rest - turned).abs().amax(2) > 0.02).sum().item<int64_t>(), 20);
  }
}

TEST(WhiteModelRenderer, WhatIsBeforeTheFramedHeadIsNotCut) {
  MeshData mesh = model_test::figure(false);
  model_test::add_tube(mesh, 0, 0.45F, {{1.5F, 0.02F}, {1.7F, 0.02F}});  // a stick before the face
  const auto before = picture_of(model_test::figure(false)), with_stick = picture_of(mesh);
  EXPECT_GT(((before - with_stick).abs().amax(2) > 0.02).sum().item<int64_t>(), 500);
}

TEST(WhiteModelRenderer, AShaderMustAverageItsSamples) {
  const auto render = [](int64_t samples) {
    const auto model = demo_model();
    const WhiteModelRenderer renderer(model, fit_camera(model->framed_verts(), 1), {16, 16, samples},
                                      std::make_shared<HardPhongShader>());
    return renderer(coefficients("jawOpen", 1));
  };
  EXPECT_EQ(render(1).sizes(), (at::IntArrayRef{1, 16, 16, 4}));
  EXPECT_EQ(test::error_of([&] { render(4); }),
            "MeshRenderer: expected a rasterizer with samples 1 for HardPhongShader, which does not average them, but "
            "got 2.");
}

TEST(WhiteModelRenderer, RejectsOtherSampleCounts) { EXPECT_THROW(demo_renderer({64, 64, 2}), Error); }

TEST(ToPicture, EncodesSrgbOverABackground) {
  // Half-covered mid gray in linear light over black and over white.
  const auto linear = at::tensor({0.25f, 0.25f, 0.25f, 0.5f}).view({1, 1, 4});
  EXPECT_EQ(to_picture(linear, Color{0, 0, 0}).pixels, std::vector<uint8_t>(3, 137));  // sRGB of 0.25
  EXPECT_EQ(to_picture(linear, Color{1, 1, 1}).pixels, std::vector<uint8_t>(3, 225));  // sRGB of 0.75
  EXPECT_EQ(to_picture(linear, std::nullopt).pixels,
            (std::vector<uint8_t>{188, 188, 188, 128}));  // of 0.5, alpha apart
}

TEST(ToPicture, ClipsAndSurvivesNan) {
  const auto linear = at::tensor({9.f, -1.f, NAN, 1.f}).view({1, 1, 4});
  EXPECT_EQ(to_picture(linear, Color{0, 0, 0}).pixels, (std::vector<uint8_t>{255, 0, 0}));
  EXPECT_THROW(to_picture(at::zeros({2, 2, 3}), std::nullopt), Error);
  EXPECT_THROW(to_picture(at::zeros({2, 2, 4}, at::kDouble), std::nullopt), Error);
}

TEST(ToPicture, EveryLevelComesBack) {
  for (int level = 0; level < 256; ++level) {
    const float linear = srgb_to_linear(static_cast<float>(level) / 255);
    const auto picture = to_picture(at::tensor({linear, linear, linear, 1.f}).view({1, 1, 4}), Color{0, 0, 0});
    EXPECT_EQ(picture.pixels[0], level);
  }
}

}  // namespace
}  // namespace bisque
