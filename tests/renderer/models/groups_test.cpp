#include <gtest/gtest.h>

#include <bisque/renderer/models/eyeballs.h>
#include <bisque/renderer/models/groups.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

/// A tetrahedron a group, all on one set of verts apart from each other.
BlendshapeData model_with(const std::vector<std::string>& groups) {
  MeshData mesh;
  mesh.group_names = groups;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto base = static_cast<int32_t>(4 * g);
    const float x = 10.0f * static_cast<float>(g);
    for (float p : {x, 0.f, 0.f, x + 2, 0.f, 0.f, x, 2.f, 0.f, x, 0.f, 2.f}) mesh.verts.push_back(p);
    for (int32_t c : {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3}) mesh.faces.push_back(base + c);
    for (int i = 0; i < 4; ++i) mesh.face_groups.push_back(static_cast<int32_t>(g));
  }
  return make_blendshapes(std::move(mesh));
}

TEST(Groups, TransparentOnesAreToldByName) {
  const auto model =
      model_with({"M_Face", "M_EyeOcclusion", "M_EyeLashes", "M_LacrimalFluid", "M_IrisLeft", "tearline"});
  EXPECT_EQ(transparent_groups(model),
            (std::vector<std::string>{"M_EyeOcclusion", "M_EyeLashes", "M_LacrimalFluid", "tearline"}));
}

TEST(Groups, HiddenFacesGoAndVertsStay) {
  const auto model = model_with({"a", "b", "c"});
  const auto rest = without_groups(model, {"b"});
  EXPECT_EQ(rest.num_faces(), 8);
  EXPECT_EQ(rest.num_verts(), 12);
  for (int32_t group : rest.face_groups) EXPECT_NE(group, 1);
  for (int32_t vert : rest.faces) EXPECT_TRUE(vert < 4 || vert >= 8);
  EXPECT_EQ(without_groups(model, {}).num_faces(), 12);
}

TEST(Groups, AnUnknownNameIsAnError) {
  EXPECT_EQ(error_of([] {
              without_groups(model_with({"a", "b"}), {"z"});
            }),
            "The model has no group \"z\"; it has a, b.");
  EXPECT_EQ(error_of([&] { without_groups({}, {"z\x1B"}); }), "The model has no group \"z\\x1B\"; it has none.");
}

TEST(Eyeballs, FoundByPartAndSide) {
  const auto model = model_with({"M_Face", "M_ScleraLeft", "M_IrisRight", "eyeball.R", "M_EyeBlend", "M_Lips"});
  const auto left = find_eyeball(model, Side::kLeft), right = find_eyeball(model, Side::kRight);
  ASSERT_TRUE(left && right);
  EXPECT_EQ(left->verts, (std::vector<int64_t>{4, 5, 6, 7}));
  EXPECT_EQ(right->verts.size(), 8u);
  // The sphere through a tetrahedron's corners.
  EXPECT_NEAR(left->center[0], 11, 1e-4);
  EXPECT_NEAR(left->center[1], 1, 1e-4);
  EXPECT_NEAR(left->center[2], 1, 1e-4);
  EXPECT_FALSE(find_eyeball(model_with({"M_Face", "M_Lips"}), Side::kLeft));
  EXPECT_FALSE(find_eyeball(model_with({}), Side::kLeft));
}

}  // namespace
}  // namespace bisque
