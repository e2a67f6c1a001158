#include <gtest/gtest.h>

#include <cmath>

#include <bisque/renderer/models/eyeballs.h>

namespace bisque {
namespace {

/// A fan of triangles in the group "sclera_left"; the eyeball of these points.
std::optional<Eyeball> eyeball_of(const std::vector<std::array<float, 3>>& points) {
  MeshData mesh;
  mesh.group_names = {"sclera_left"};
  for (const auto& point : points) mesh.verts.insert(mesh.verts.end(), point.begin(), point.end());
  for (int32_t i = 2; i < static_cast<int32_t>(points.size()); ++i) {
    mesh.faces.insert(mesh.faces.end(), {0, i - 1, i});
    mesh.face_groups.push_back(0);
  }
  const auto model = make_blendshapes(std::move(mesh));
  EXPECT_FALSE(find_eyeball(model, Side::kRight));
  return find_eyeball(model, Side::kLeft);
}

/// Points of a cap about the axis z, as far as `angle` from it.
std::vector<std::array<float, 3>> cap(const std::array<float, 3>& center, float radius, float angle) {
  std::vector<std::array<float, 3>> points;
  for (int ring = 1; ring <= 3; ++ring) {
    for (int i = 0; i < 12; ++i) {
      const float polar = angle * ring / 3, turn = 0.5236f * i;
      points.push_back({center[0] + radius * std::sin(polar) * std::cos(turn),
                        center[1] + radius * std::sin(polar) * std::sin(turn), center[2] + radius * std::cos(polar)});
    }
  }
  return points;
}

TEST(Eyeballs, TurnAboutTheCenterOfASphere) {
  for (float angle : {3.0f, 1.5f, 0.5f}) {  // of the eyeball of a model, a part may be there
    const auto eyeball = eyeball_of(cap({3, -2, 100}, 1.2f, angle));
    ASSERT_TRUE(eyeball);
    EXPECT_EQ(eyeball->verts.size(), 36);
    EXPECT_NEAR(eyeball->center[0], 3, 1e-3);
    EXPECT_NEAR(eyeball->center[1], -2, 1e-3);
    EXPECT_NEAR(eyeball->center[2], 100, 2e-3);
  }
}

TEST(Eyeballs, TurnAboutTheMiddleOfADisc) {
  auto points = cap({3, -2, 5}, 1.2f, 1.5f);
  for (auto& point : points) point[2] = 5;
  const auto eyeball = eyeball_of(points);
  ASSERT_TRUE(eyeball);
  EXPECT_NEAR(eyeball->center[0], 3, 1e-4);
  EXPECT_NEAR(eyeball->center[1], -2, 1e-4);
  EXPECT_NEAR(eyeball->center[2], 5, 1e-4);
}

TEST(Eyeballs, AreNoneOfFewerThanFourPoints) { EXPECT_FALSE(eyeball_of({{0, 0, 0}, {1, 0, 0}, {0, 1, 0}})); }

TEST(Eyeballs, OfOnePointTurnAboutIt) {
  const auto eyeball = eyeball_of({{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}});
  ASSERT_TRUE(eyeball);
  EXPECT_EQ(eyeball->center, (std::array<float, 3>{1, 2, 3}));
}

}  // namespace
}  // namespace bisque
