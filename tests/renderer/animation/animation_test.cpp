#include <bisque/renderer/animation/animation.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <bisque/renderer/animation/overrides.h>
#include <bisque/renderer/models/demo_head.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using test::error_of;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

/// A triangle with these shapes.
BlendshapeData model_of(const std::vector<std::string>& shape_names) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  for (const auto& name : shape_names) mesh.morphs.push_back({name, {0}, {0, 0, 1}});
  return make_blendshapes(std::move(mesh));
}

/// A take at 10 Hz of these columns.
Take take_of(std::vector<std::string> names, std::vector<float> values) {
  Take take;
  take.num_frames = static_cast<int64_t>(values.size() / names.size());
  take.names = std::move(names);
  take.values = std::move(values);
  take.rate = {10, 1};
  return take;
}

BlendshapeData face() { return model_of({"jawOpen", "eyeBlink_L"}); }
Take jaw_take() { return take_of({"JawOpen", "headYaw"}, {0, 0.1F, 1, 0.2F, 0.5F, 0.4F, 0, 0.8F}); }

TEST(Animation, InterpolatesBetweenFramesAndStaysAtTheEnds) {
  const Animation animation(face(), jaw_take());
  EXPECT_DOUBLE_EQ(animation.seconds(), 0.4);
  EXPECT_EQ(animation.num_shapes(), 2);
  const auto jaw_at = [&](double seconds) { return animation.frame_at(seconds).coefficients[0]; };
  EXPECT_FLOAT_EQ(jaw_at(0), 0);
  EXPECT_FLOAT_EQ(jaw_at(0.1), 1);
  EXPECT_FLOAT_EQ(jaw_at(0.125), 0.875);
  EXPECT_FLOAT_EQ(jaw_at(0.3), 0);
  EXPECT_FLOAT_EQ(jaw_at(-1e9), 0);
  EXPECT_FLOAT_EQ(jaw_at(1e18), 0);
  EXPECT_FLOAT_EQ(animation.frame_at(-5).angles[0], 0.1F);
  EXPECT_FLOAT_EQ(animation.frame_at(5).angles[0], 0.8F);
  EXPECT_EQ(animation.frame_at(0.1).coefficients[1], 0) << "no column drives it";
}

TEST(Animation, GivesTensorsForTheModel) {
  const Animation animation(face(), jaw_take());
  const auto coefficients = animation.coefficients(0.1);
  EXPECT_TRUE(at::equal(coefficients, at::tensor({1.F, 0.F}).view({1, 2})));
  const Pose pose = animation.pose(0.15);
  EXPECT_TRUE(at::allclose(pose.head, at::tensor({0.3F, 0.F, 0.F}).view({1, 3})));
  EXPECT_FALSE(pose.left_eye.defined());
  EXPECT_FALSE(pose.right_eye.defined());
}

TEST(Animation, WithoutAnglesNothingTurns) {
  EXPECT_FALSE(Animation(face(), jaw_take(), {.with_angles = false}).pose(0).head.defined());
}

TEST(Animation, WithoutATakeIsOneMoment) {
  const Animation still(face(), {kNone, 0.7F});
  EXPECT_EQ(still.seconds(), 0);
  EXPECT_EQ(still.num_frames(), 1);
  EXPECT_EQ(still.num_frames({60, 1}), 1);
  EXPECT_EQ(still.rate().num, 30);
  EXPECT_EQ(still.frame_at(3).coefficients, (std::vector<float>{0, 0.7F}));
  EXPECT_FALSE(still.pose(0).head.defined());
  EXPECT_EQ(Animation(model_of({})).coefficients(0).sizes(), (at::IntArrayRef{1, 0}));
}

TEST(Animation, OverridesReplaceTheTakeAtAllTimes) {
  const Animation animation(face(), jaw_take(), {.overrides = {0.25F, kNone}});
  for (const double seconds : {0.0, 0.1, 0.37}) EXPECT_EQ(animation.frame_at(seconds).coefficients[0], 0.25F);
}

TEST(Animation, APartBeginsAtTimeZero) {
  const Animation part(face(), jaw_take(), {.part = {1, 3}});
  EXPECT_DOUBLE_EQ(part.seconds(), 0.2);
  EXPECT_EQ(part.num_frames(), 2);
  EXPECT_EQ(part.num_frames({60, 1}), 12);
  EXPECT_EQ(part.num_frames({1, 1}), 1);
  EXPECT_FLOAT_EQ(part.frame_at(0).coefficients[0], 1);
  EXPECT_FLOAT_EQ(part.frame_at(0.1).coefficients[0], 0.5);
  EXPECT_FLOAT_EQ(part.frame_at(-0.1).coefficients[0], 0) << "the take before the part";
}

TEST(Animation, TakesABindingOfItsCaller) {
  const Take take = take_of({"mouth"}, {0.5F});
  NameMap map;
  map.push_back({"mouth", "jawOpen"});
  Binding binding = bind_by_name(take.names, face().shape_names, {}, map);
  EXPECT_FLOAT_EQ(Animation(face(), take, {.binding = binding}).frame_at(0).coefficients[0], 0.5F);
}

TEST(Animation, WhatDoesNotFitIsReported) {
  EXPECT_EQ(error_of([] { Animation(face(), jaw_take()).frame_at(kNone); }),
            "Animation: expected a finite time, but got nan.");
  EXPECT_EQ(error_of([] { Animation(face(), take_of({"mouth"}, {0})); }),
            "Animation: the take and the model have no shape name in common; expected ARKit's names or another known "
            "spelling in both, or a binding by a name map.");
  EXPECT_EQ(error_of([] { Animation(face(), {1.F}); }),
            "Animation: expected an override for each of the model's 2 shapes, or none, but got 1.");
  EXPECT_EQ(error_of([] { Animation(face(), jaw_take(), {.part = {4}}); }), "start is 4; the take has frames 0 to 3.");
  EXPECT_EQ(error_of([] { Animation(face(), jaw_take(), {.part = {-1}}); }),
            "start is -1; the take has frames 0 to 3.");
  EXPECT_EQ(error_of([] {
              Animation(face(), jaw_take(), {.part = {2, 2}});
            }),
            "end is 2; expected one after start (2) and at most 4.");
  EXPECT_EQ(error_of([] {
              check_take_part({0, 5}, 4, "--");
            }),
            "--end is 5; expected one after --start (0) and at most 4.");
  const Binding other = bind_by_name({"JawOpen"}, face().shape_names);
  EXPECT_EQ(error_of([&] { Animation(face(), jaw_take(), {.binding = other}); }),
            "Animation: the binding is of 1 columns to 2 shapes, expected one of the take's 2 columns to the model's 2 "
            "shapes.");
  Take torn = jaw_take();
  torn.values.pop_back();
  EXPECT_EQ(error_of([&] { Animation(face(), torn); }),
            "Animation: the take has 7 values in 4 frames of 2 columns at 10/1 Hz, expected a value per frame and "
            "column and a rate.");
}

TEST(OverrideCoefficients, SetsShapesInAnySpelling) {
  const auto coefficients = override_coefficients({{"JawOpen", 0.5F}}, face());
  EXPECT_EQ(coefficients[0], 0.5F);
  EXPECT_TRUE(std::isnan(coefficients[1]));
  const auto halves = override_coefficients({{"browInnerUp", 0.4F}}, model_of({"browInnerUp_L", "browInnerUp_R"}));
  EXPECT_EQ(halves, (std::vector<float>{0.4F, 0.4F}));
  const auto whole =
      override_coefficients({{"browInnerUp_L", 0.4F}, {"browInnerUp_R", 0.8F}}, model_of({"browInnerUp"}));
  EXPECT_FLOAT_EQ(whole[0], 0.6F);
}

TEST(OverrideCoefficients, WhatIsNotAShapeIsReported) {
  EXPECT_EQ(error_of([] {
              override_coefficients({{"headYaw", 1.F}}, face());
            }),
            "The list of overrides has \"headYaw\", which is an angle; expected a shape, because angles come only from "
            "a take.");
  EXPECT_EQ(error_of([] {
              override_coefficients({{"jawOpn", 1.F}}, face(), "--set", "face.glb");
            }),
            "--set has \"jawOpn\", which is not a shape of face.glb; the nearest are jawOpen, eyeBlink_L.");
  EXPECT_EQ(error_of([] {
              override_coefficients({{"jawOpen", 1.F}}, model_of({}));
            }),
            "The list of overrides has \"jawOpen\", which is not a shape of the model; it has no shapes.");
  EXPECT_EQ(error_of([] {
              override_coefficients({{"jawOpen", 1.F}, {"JawOpen", 1.F}}, face());
            }),
            "The list of overrides sets the shape \"jawOpen\" twice; expected one value.");
  BlendshapeData model = model_of({"jawOpen", "mouthClose", "both"});
  model.correctives = {{2, {0, 1}}};
  EXPECT_EQ(error_of([&] {
              override_coefficients({{"both", 1.F}}, model);
            }),
            "The list of overrides has \"both\", which other shapes of the model drive; expected one of those.");
}

}  // namespace
}  // namespace bisque
