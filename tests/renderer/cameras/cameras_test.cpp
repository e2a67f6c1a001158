#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include <bisque/core/error.h>
#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/cameras/fit_camera.h>

namespace bisque {
namespace {

at::Tensor golden(const SafetensorsFile& file, const char* name) {
  const TensorView& view = file.at(name);
  return at::from_blob(const_cast<std::byte*>(view.bytes.data()), view.shape, at::kFloat).clone();
}

TEST(FoVPerspectiveCameras, ProjectsAsThePeerDoes) {
  const auto file = SafetensorsFile::open("tests/golden/camera_fov_perspective.safetensors");
  const FoVPerspectiveCameras cameras({golden(file, "in.R"), golden(file, "in.T")}, {.fov = 50, .aspect_ratio = 1.3});
  const auto points = golden(file, "in.points");
  const auto ndc = cameras.forward(points);
  EXPECT_TRUE(at::allclose(ndc.slice(2, 0, 2), golden(file, "out.ndc").slice(2, 0, 2), 1e-4, 1e-5));
  EXPECT_TRUE(at::equal(ndc.select(2, 2), cameras.transform_points_to_view(points).select(2, 2)));
  EXPECT_TRUE(at::allclose(cameras.get_camera_center(), golden(file, "out.center"), 1e-4, 1e-5));
}

TEST(FoVPerspectiveCameras, PointsAtTheCameraStayFinite) {
  const FoVPerspectiveCameras camera(look_at_view_transform({0, 0, 5}, {0, 0, 0}));
  const auto ndc = camera.forward(at::tensor({1.f, 1.f, 5.f}).view({1, 1, 3}));
  EXPECT_TRUE(ndc.isfinite().all().item<bool>());
}

TEST(LookAt, AxesAreLeftUpAndAway) {
  // From the front, the world's +X is on the right of the picture, which is -X in view space.
  const auto [R, T] = look_at_view_transform({0, 0, 10}, {0, 0, 0});
  const auto view = at::matmul(at::eye(3), R[0]) + T;
  EXPECT_TRUE(at::allclose(view[0], at::tensor({-1.f, 0.f, 10.f})));
  EXPECT_TRUE(at::allclose(view[1], at::tensor({0.f, 1.f, 10.f})));
  EXPECT_TRUE(at::allclose(view[2], at::tensor({0.f, 0.f, 9.f})));
}

TEST(LookAt, WorksAtAnyScale) {
  const auto expected = look_at_view_transform({1, 2, 3}, {0, 1, 0}).R;
  for (const double scale : {1e-30, 1e-7, 1e30}) {
    const auto R = look_at_view_transform({scale, 2 * scale, 3 * scale}, {0, scale, 0}, {0, 1e-20, 0}).R;
    EXPECT_TRUE(at::allclose(R, expected, 1e-5, 1e-6)) << scale;
  }
}

TEST(LookAt, RejectsWhatHasNoDirection) {
  EXPECT_THROW(look_at_view_transform({1, 2, 3}, {1, 2, 3}), Error);
  EXPECT_THROW(look_at_view_transform({0, 5, 0}, {0, 0, 0}), Error);
  EXPECT_THROW(FoVPerspectiveCameras(look_at_view_transform({0, 0, 1}, {0, 0, 0}), {.fov = 180}), Error);
  EXPECT_THROW(FoVPerspectiveCameras(look_at_view_transform({0, 0, 1}, {0, 0, 0}), {.aspect_ratio = 0}), Error);
}

TEST(FitCamera, TheModelJustFitsFromAnySide) {
  at::manual_seed(3);
  const auto verts = at::randn({500, 3}) * at::tensor({4.f, 9.f, 2.f}) + at::tensor({100.f, -20.f, 5.f});
  for (const double aspect : {1.0, 0.5, 2.5}) {
    for (const double azimuth : {0.0, 35.0, 180.0, -90.0}) {
      Framing framing;
      framing.azimuth = azimuth;
      framing.elevation = azimuth / 4;
      const auto camera = fit_camera(verts, aspect, framing);
      const auto ndc = camera->forward(verts.unsqueeze(0))[0];
      const double x = ndc.select(1, 0).abs().max().item<double>() / std::max(aspect, 1.0);
      const double y = ndc.select(1, 1).abs().max().item<double>() / std::max(1 / aspect, 1.0);
      EXPECT_NEAR(std::max(x, y), 1 - 2 * framing.margin, 1e-3) << aspect << " " << azimuth;
      EXPECT_GT(ndc.select(1, 2).min().item<double>(), camera->znear.item<double>());
    }
  }
}

TEST(FitCamera, OnePointAndGivenDistance) {
  EXPECT_TRUE(fit_camera(at::zeros({1, 3}), 1)->forward(at::zeros({1, 1, 3})).isfinite().all().item<bool>());
  Framing framing;
  framing.distance = 40;
  EXPECT_NEAR(fit_camera(at::randn({10, 3}), 1, framing)->get_camera_center().norm().item<double>(), 40, 3);
  EXPECT_THROW(fit_camera(at::zeros({0, 3}), 1), Error);
  EXPECT_THROW(fit_camera(at::full({2, 3}, NAN), 1), Error);
  EXPECT_THROW(fit_camera(at::tensor({-3e38f, 0.f, 0.f, 3e38f, 0.f, 0.f}).view({2, 3}), 1), Error);
}

TEST(FitCamera, DoesNotDependOnTheUnit) {
  at::manual_seed(4);
  const auto verts = at::randn({200, 3}) * 3;
  Framing framing;
  framing.azimuth = 30;
  framing.elevation = -10;
  framing.offset = {1, 2, 3};
  const auto expected = fit_camera(verts, 1.5, framing);
  for (const double scale : {0x1p-110, 0x1p-24, 0x1p30, 0x1p100}) {
    Framing same = framing;
    for (double& part : same.offset) part *= scale;
    const auto camera = fit_camera(verts * scale, 1.5, same);
    EXPECT_TRUE(at::equal(camera->R, expected->R)) << scale;
    EXPECT_TRUE(at::equal(camera->T, expected->T * scale)) << scale;
    EXPECT_TRUE(at::equal(camera->znear, expected->znear * scale));
    EXPECT_TRUE(at::equal(camera->zfar, expected->zfar * scale));
    const auto ndc = camera->forward(verts.unsqueeze(0) * scale), same_ndc = expected->forward(verts.unsqueeze(0));
    EXPECT_TRUE(at::allclose(ndc.slice(2, 0, 2), same_ndc.slice(2, 0, 2), 1e-4, 1e-5)) << scale;
  }
}

TEST(FitCamera, TheNearPlaneLeavesRoomForTheScene) {
  const auto head = at::tensor({-1.f, -1.f, 0.f, 1.f, 1.f, 0.f}).view({2, 3});
  const auto hand = at::tensor({0.f, 0.f, 4.f}).view({1, 3});
  const auto alone = fit_camera(head, 1), with_hand = fit_camera(head, 1, {}, at::cat({head, hand}));
  EXPECT_TRUE(at::equal(alone->T, with_hand->T));
  const double depth = with_hand->transform_points_to_view(hand.unsqueeze(0))[0][0][2].item<double>();
  EXPECT_GT(depth, with_hand->znear.item<double>());
}

TEST(FoVPerspectiveCameras, PointsMayBeInAnotherUnit) {
  at::manual_seed(6);
  const auto points = at::randn({1, 50, 3});
  const auto camera = fit_camera(points[0], 1);
  const auto expected = camera->forward(points), ndc = camera->forward(points / 4, 4);
  EXPECT_TRUE(at::equal(ndc.slice(2, 0, 2), expected.slice(2, 0, 2)));
  EXPECT_TRUE(at::equal(ndc.select(2, 2) * 4, expected.select(2, 2)));
}

TEST(ModelUnit, IsAPowerOfTwoNearTheSize) {
  const auto unit_of = [](float side) { return model_unit(at::tensor({0.f, 0.f, 1.f, 0.f, side, 1.f}).view({2, 3})); };
  EXPECT_EQ(unit_of(24), 1);
  EXPECT_EQ(unit_of(47.9f), 1);
  EXPECT_EQ(unit_of(48), 2);
  EXPECT_EQ(unit_of(1.5f), 0x1p-4);
  EXPECT_EQ(unit_of(0), 1);
  EXPECT_EQ(unit_of(3e38f), 0x1p120) << "bounded, so that its inverse is a float";
  EXPECT_EQ(unit_of(1e-44f), 0x1p-120);
  EXPECT_EQ(model_unit(at::zeros({0, 3})), 1);
}

}  // namespace
}  // namespace bisque
