#include <bisque/renderer/models/head_region.h>

#include <gtest/gtest.h>

#include <bisque/renderer/models/demo_head.h>
#include <bisque/renderer/models/obj_folder.h>
#include <bisque/tests/renderer/models/figure.h>
#include <bisque/tests/testing/files.h>

namespace bisque {
namespace {

using namespace test;
using namespace model_test;

HeadRegion head_of(MeshData mesh) { return find_head(make_blendshapes(std::move(mesh))); }

/// The weight of the first vertex of the figure within a box.
float weight_at(const MeshData& mesh, const HeadRegion& region, const Box& box) {
  for (size_t v = 0; v < region.weights.size(); ++v) {
    if (box.contains(&mesh.verts[3 * v])) return region.weights[v];
  }
  ADD_FAILURE() << "no vertex is there";
  return -1;
}

constexpr Box kFeet{{-1, -0.1F, -1}, {1, 0.1F, 1}};
constexpr Box kShoulders{{-0.3F, 1.3F, -0.3F}, {0.3F, 1.39F, 0.3F}};
constexpr Box kLeftHand{{0.4F, 1.6F, -1}, {0.6F, 1.7F, 1}};
constexpr Box kCap{{-0.1F, 1.7F, -0.2F}, {0.1F, 1.8F, 0}};
constexpr Box kMiddleOfNeck{{-0.06F, 1.45F, -0.06F}, {0.06F, 1.47F, 0.06F}};

TEST(HeadRegion, AFiguresHeadIsFoundWithHairAndWithoutHands) {
  for (const bool with_skeleton : {false, true}) {
    const HeadRegion region = head_of(figure(with_skeleton));
    EXPECT_TRUE(region.is_known);
    EXPECT_TRUE(region.is_small);
    EXPECT_EQ(region.model.high[1], kFigureHeight);
    EXPECT_EQ(region.head.high[1], kFigureHeight) << "the crown and the cap, which no shape moves";
    EXPECT_LT(region.head.low[1], kHeadY - kHeadRadius + 0.03F) << "the chin";
    EXPECT_GT(region.head.low[1], 1.38F) << "no shoulders";
    EXPECT_LE(region.head.low[0], -0.1F);
    EXPECT_GT(region.head.low[0], -0.3F) << "no hands";
    EXPECT_LT(region.head.high[0], 0.3F);
    EXPECT_LE(region.head.low[2], -0.1F) << "the back of the head";
  }
}

TEST(HeadRegion, ASkeletonTurnsAboutItsJointByItsWeights) {
  const MeshData mesh = figure(true);
  const HeadRegion region = head_of(mesh);
  EXPECT_EQ(region.pivot, mesh.head_joint);
  EXPECT_EQ(region.weights, mesh.head_weights);
}

TEST(HeadRegion, WithoutASkeletonTheNeckIsBlended) {
  const MeshData mesh = figure(false);
  const HeadRegion region = head_of(mesh);
  float chin = 2;
  for (const MorphTarget& morph : mesh.morphs) {
    for (const int32_t v : morph.verts) chin = std::min(chin, mesh.verts[3 * static_cast<size_t>(v) + 1]);
  }
  EXPECT_EQ(region.pivot[1], chin);
  EXPECT_NEAR(region.pivot[0], 0, 1e-6);
  EXPECT_NEAR(region.pivot[2], 0, 0.02) << "in the neck, though the cap is behind the head";
  EXPECT_EQ(weight_at(mesh, region, kFeet), 0);
  EXPECT_EQ(weight_at(mesh, region, kShoulders), 0);
  EXPECT_EQ(weight_at(mesh, region, kLeftHand), 0);
  EXPECT_EQ(weight_at(mesh, region, kCap), 1);
  const float neck = weight_at(mesh, region, kMiddleOfNeck);
  EXPECT_GT(neck, 0.05F);
  EXPECT_LT(neck, 0.95F);
  for (const MorphTarget& morph : mesh.morphs) {
    for (const int32_t v : morph.verts) EXPECT_EQ(region.weights[static_cast<size_t>(v)], 1);
  }
}

TEST(HeadRegion, EyeballsFollowAsAWhole) {
  for (const bool with_skeleton : {false, true}) {
    MeshData mesh = figure(with_skeleton);
    const auto first = static_cast<int32_t>(mesh.num_verts());
    mesh.group_names = {"body", "EyeballLeft"};
    mesh.face_groups.assign(static_cast<size_t>(mesh.num_faces()), 0);
    add_tube(mesh, 0.05F, 0.08F, ball(1.5F, 0.02F));
    mesh.face_groups.resize(static_cast<size_t>(mesh.num_faces()), 1);
    if (with_skeleton) mesh.head_weights.resize(static_cast<size_t>(mesh.num_verts()), 0);
    const HeadRegion region = head_of(mesh);
    for (auto v = static_cast<size_t>(first); v < region.weights.size(); ++v) EXPECT_EQ(region.weights[v], 1);
  }
}

/// The model turns as a whole about the middle of its box.
void expect_rigid(const HeadRegion& region, const char* why) {
  EXPECT_TRUE(region.weights.empty()) << why;
  EXPECT_FALSE(region.is_small) << why;
  EXPECT_EQ(region.pivot, region.model.middle()) << why;
}

TEST(HeadRegion, AHeadAloneTurnsAsAWhole) {
  const MeshData demo = make_demo_head();
  expect_rigid(head_of(demo), "the demo head");
  MeshData skinned = demo;
  skinned.head_weights.assign(static_cast<size_t>(demo.num_verts()), 0.995F);
  skinned.head_joint = {0, -5, 0};
  expect_rigid(head_of(skinned), "all follows the joint");
  MeshData blink = demo;
  std::erase_if(blink.morphs, [](const MorphTarget& morph) { return !morph.name.starts_with("eyeBlink"); });
  ASSERT_EQ(blink.morphs.size(), 2U);
  expect_rigid(head_of(blink), "the lids alone move, but nothing is below the head");
  MeshData still = figure(false);
  still.morphs.clear();
  expect_rigid(head_of(still), "no shapes");
  EXPECT_FALSE(head_of(still).is_known);
  EXPECT_TRUE(head_of({}).weights.empty());
}

TEST(HeadRegion, TheIctFaceTurnsAsAWhole) {
  BISQUE_NEEDS_SHARED(path, "ict_face");
  expect_rigid(find_head(read_obj_folder(path)), "ICT");
}

TEST(HeadRegion, ABustWithASkeletonTurnsByItAndIsSeenWhole) {
  MeshData mesh = make_demo_head();
  for (size_t v = 0; v < static_cast<size_t>(mesh.num_verts()); ++v) {
    mesh.head_weights.push_back(mesh.verts[3 * v + 1] > -12 ? 1.0F : 0.0F);
  }
  mesh.head_joint = {0, -12, 0};
  const HeadRegion region = head_of(mesh);
  EXPECT_FALSE(region.is_small);
  EXPECT_EQ(region.pivot, mesh.head_joint);
  EXPECT_EQ(region.weights.size(), static_cast<size_t>(mesh.num_verts()));
}

TEST(HeadRegion, WeightsThatDoNotMoveTheFaceAreLeftAside) {
  MeshData mesh = figure(true);
  for (float& weight : mesh.head_weights) weight = 1 - weight;
  const HeadRegion region = head_of(mesh);
  EXPECT_TRUE(region.is_small);
  EXPECT_NE(region.pivot, mesh.head_joint);
  EXPECT_EQ(weight_at(mesh, region, kFeet), 0);
  mesh.head_weights.assign(mesh.head_weights.size(), 0);
  EXPECT_EQ(weight_at(mesh, head_of(mesh), kCap), 1);
}

TEST(HeadRegion, ASkeletonWithoutShapesShowsTheHead) {
  MeshData mesh = figure(true);
  mesh.morphs.clear();
  const HeadRegion region = head_of(mesh);
  EXPECT_TRUE(region.is_known);
  EXPECT_FALSE(region.is_small) << "no shape moves anything";
  EXPECT_EQ(region.weights, mesh.head_weights);
  EXPECT_GT(region.head.low[1], 1.3F);
}

TEST(HeadRegion, ShapesOfTheBodyDoNotCount) {
  const auto always = [](float, float, float) { return true; };
  for (const bool with_known_names : {true, false}) {
    MeshData mesh = figure(false);
    const HeadRegion expected = head_of(mesh);
    mesh.morphs.push_back(shape_of(mesh, "heavy", {0, 0, 0.1F}, always));
    for (MorphTarget& morph : mesh.morphs) {
      if (!with_known_names) morph.name = "shape of " + morph.name;
    }
    const HeadRegion region = head_of(mesh);
    EXPECT_TRUE(region.is_small) << with_known_names;
    EXPECT_EQ(region.pivot, expected.pivot);
  }
  MeshData body_alone = figure(false);
  body_alone.morphs = {shape_of(body_alone, "heavy", {0, 0, 0.1F}, always)};
  expect_rigid(head_of(body_alone), "the shape moves all");
}

TEST(HeadRegion, NegligibleMotionDoesNotCount) {
  MeshData mesh = figure(false);
  const HeadRegion expected = head_of(mesh);
  mesh.morphs.push_back(shape_of(mesh, "mouthClose", {0, 0.0005F, 0}, [](float, float, float) { return true; }));
  EXPECT_TRUE(head_of(mesh).is_small);
  EXPECT_EQ(head_of(mesh).pivot, expected.pivot);
}

TEST(HeadRegion, AThirdOfTheHeightIsTheLimit) {
  // A column of 12 units whose top moves.
  const auto column = [](float from) {
    MeshData mesh;
    std::vector<Ring> rings;
    for (int i = 0; i <= 48; ++i) rings.push_back({static_cast<float>(i) / 4, 1});
    add_tube(mesh, 0, 0, rings);
    mesh.morphs = {shape_of(mesh, "jawOpen", {0, 0, 1}, [from](float, float y, float) { return y >= from; })};
    return head_of(mesh).is_small;
  };
  EXPECT_TRUE(column(8.25F));
  EXPECT_FALSE(column(8)) << "a third is not less";
  EXPECT_FALSE(column(4));
}

TEST(HeadRegion, VerticesThatNoFaceUsesAreNoPartOfTheModel) {
  MeshData mesh = make_demo_head();
  const HeadRegion expected = head_of(mesh);
  mesh.verts.insert(mesh.verts.end(), {1000, -1e30F, 5});
  const HeadRegion region = head_of(mesh);
  EXPECT_EQ(region.model.low, expected.model.low);
  EXPECT_EQ(region.model.high, expected.model.high);
  EXPECT_EQ(region.pivot, expected.pivot);
  EXPECT_EQ(used_verts(make_blendshapes(mesh)).back(), false);
}

TEST(HeadRegion, DoesNotDependOnTheUnit) {
  for (const float scale : {0x1p-100F, 0x1p-24F, 0x1p70F}) {
    for (const bool with_skeleton : {false, true}) {
      MeshData mesh = figure(with_skeleton);
      const HeadRegion expected = head_of(mesh);
      for (float& value : mesh.verts) value *= scale;
      for (float& value : mesh.head_joint) value *= scale;
      for (MorphTarget& morph : mesh.morphs) {
        for (float& value : morph.offsets) value *= scale;
      }
      const HeadRegion region = head_of(mesh);
      EXPECT_TRUE(region.is_small) << scale;
      EXPECT_EQ(region.weights, expected.weights) << scale;
      for (size_t k = 0; k < 3; ++k) EXPECT_EQ(region.head.low[k], expected.head.low[k] * scale);
    }
  }
}

}  // namespace
}  // namespace bisque
