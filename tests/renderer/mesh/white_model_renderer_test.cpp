#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <bisque/core/error.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/models/demo_head.h>

namespace bisque {
namespace {

std::shared_ptr<BlendshapeModel> demo_model() {
  static const auto model = std::make_shared<BlendshapeModel>(make_blendshapes(make_demo_head()));
  return model;
}

WhiteModelRenderer demo_renderer(const RenderSettings& settings) {
  const auto model = demo_model();
  return {model, frame(model->neutral, static_cast<double>(settings.width) / settings.height), settings};
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
  // A symmetric head: the silhouette is its own mirror image, but for pixels at the edge.
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

TEST(WhiteModelRenderer, RefusesOtherSampleCounts) { EXPECT_THROW(demo_renderer({64, 64, 2}), Error); }

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
