#include <bisque/renderer/models/normal_verts.h>

#include <gtest/gtest.h>

#include <cmath>

#include <bisque/renderer/models/demo_head.h>
#include <bisque/renderer/models/obj_folder.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/tests/renderer/models/figure.h>
#include <bisque/tests/renderer/models/model_testing.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>

namespace bisque {
namespace {

using namespace test;
using namespace model_test;

using Ints = std::vector<int32_t>;

Ints normal_verts(const MeshData& mesh) { return list(make_blendshapes(mesh).normal_verts); }

// A roof: two quads that meet in the ridge x = 0, whose two vertices are there once for each. One shape lifts the
// ridge.
MeshData roof(float slope = 0.5F) {
  MeshData mesh;
  mesh.verts = {-1, 0, 0, 0, slope, 0, 0, slope, 1, -1, 0, 1, 0, slope, 0, 1, 0, 0, 1, 0, 1, 0, slope, 1};
  mesh.faces = {0, 2, 1, 0, 3, 2, 4, 6, 5, 4, 7, 6};
  mesh.morphs = {{"jawOpen", {1, 2, 4, 7}, {0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 2, 0}}};
  return mesh;
}

const Ints kSmoothRoof{0, 1, 2, 3, 1, 5, 6, 2};

// Normals of the roof that differ by `degrees` at the ridge.
MeshData roof_with_normals(double degrees) {
  MeshData mesh = roof();
  const double half = degrees / 2 * M_PI / 180;
  for (int v = 0; v < 8; ++v) {
    const auto x = static_cast<float>((v < 4 ? -1 : 1) * std::sin(half));
    mesh.normals.insert(mesh.normals.end(), {x, static_cast<float>(std::cos(half)), 0});
  }
  return mesh;
}

TEST(NormalVerts, ASeamWithoutNormalsIsSmooth) { EXPECT_EQ(normal_verts(roof()), kSmoothRoof); }

TEST(NormalVerts, WithNormalsTheAngleBetweenThemDecides) {
  EXPECT_EQ(normal_verts(roof_with_normals(0)), kSmoothRoof);
  EXPECT_EQ(normal_verts(roof_with_normals(0.9)), kSmoothRoof);
  EXPECT_EQ(normal_verts(roof_with_normals(1.1)), Ints{});
  EXPECT_EQ(normal_verts(roof_with_normals(53)), Ints{});
}

TEST(NormalVerts, AVertexWithoutNormalJoinsAlongTheEdge) {
  MeshData mesh = roof_with_normals(90);
  std::fill(mesh.normals.begin() + 12, mesh.normals.end(), 0.0F);
  EXPECT_EQ(normal_verts(mesh), kSmoothRoof);
}

TEST(NormalVerts, NormalsNeedNoUnitLength) {
  MeshData mesh = roof_with_normals(0.5);
  for (size_t i = 0; i < 12; ++i) mesh.normals[i] *= 1e-20F;
  EXPECT_EQ(normal_verts(mesh), kSmoothRoof);
}

TEST(NormalVerts, WhatMovesApartStaysApart) {
  MeshData other_delta = roof(), other_shape = roof(), other_weight = roof(), same_weight = roof();
  other_delta.morphs[0].offsets[7] = 1.5F;
  EXPECT_EQ(normal_verts(other_delta), Ints{}) << "the edge opens at one end";
  other_shape.morphs.push_back({"eyeBlinkLeft", {4, 7}, {0, 0, 1, 0, 0, 1}});
  EXPECT_EQ(normal_verts(other_shape), Ints{});
  other_weight.head_weights = {1, 1, 1, 1, 0.5F, 1, 1, 0.5F};
  EXPECT_EQ(normal_verts(other_weight), Ints{});
  same_weight.head_weights = {0, 0.5F, 0.25F, 0, 0.5F, 1, 1, 0.25F};
  EXPECT_EQ(normal_verts(same_weight), kSmoothRoof);
}

TEST(NormalVerts, BothZerosAreOne) {
  MeshData mesh = roof();
  mesh.verts[12] = -0.0F;
  EXPECT_EQ(normal_verts(mesh), kSmoothRoof);
}

TEST(NormalVerts, RoundingDoesNotDivideASeam) {
  for (const float scale : {1e-20F, 1.0F, 1e20F}) {
    MeshData mesh = roof();
    for (const size_t i : {3U, 6U, 12U, 21U}) mesh.verts[i] += (i % 4 - 1.5F) * 1e-7F;
    mesh.morphs[0].offsets[1] += 1e-7F;
    mesh.morphs[0].verts.insert(mesh.morphs[0].verts.begin() + 3, 5);
    mesh.morphs[0].offsets.insert(mesh.morphs[0].offsets.begin() + 9, {1e-8F, 0, 0});
    for (float& value : mesh.verts) value *= scale;
    for (float& value : mesh.morphs[0].offsets) value *= scale;
    EXPECT_EQ(normal_verts(mesh), kSmoothRoof) << scale;
  }
  MeshData apart = roof();
  for (const size_t i : {12U, 21U}) apart.verts[i] += 1e-4F;
  EXPECT_EQ(normal_verts(apart), Ints{});
  MeshData far = roof();
  for (size_t i = 0; i < far.verts.size(); i += 3) far.verts[i] += 1000;
  for (const size_t i : {12U, 21U}) far.verts[i] = std::nextafter(far.verts[i], 2000.0F);
  EXPECT_EQ(normal_verts(far), kSmoothRoof) << "coordinates far from 0 round coarsely";
}

TEST(NormalVerts, TheTwoSidesOfASheetStayApart) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2, 3, 5, 4};
  EXPECT_EQ(normal_verts(mesh), Ints{});
}

TEST(NormalVerts, BothSidesOfASheetAreSmoothEachForItself) {
  MeshData mesh = roof(0.1F);
  const MeshData front = mesh;
  for (const float value : front.verts) mesh.verts.push_back(value);
  for (size_t f = 0; f < front.faces.size(); f += 3) {
    for (const size_t k : {0U, 2U, 1U}) mesh.faces.push_back(front.faces[f + k] + 8);
  }
  mesh.morphs.clear();
  EXPECT_EQ(normal_verts(mesh), (Ints{0, 1, 2, 3, 1, 5, 6, 2, 8, 9, 10, 11, 9, 13, 14, 10}));
}

TEST(NormalVerts, PartsThatOnlyTouchStayApart) {
  MeshData mesh = roof();
  mesh.verts.insert(mesh.verts.end(), {0, 0.5F, 0, 0, 2, 0, 0.2F, 2, 0});
  mesh.faces.insert(mesh.faces.end(), {8, 9, 10});
  mesh.morphs[0].verts.push_back(8);
  mesh.morphs[0].offsets.insert(mesh.morphs[0].offsets.end(), {0, 1, 0});
  EXPECT_EQ(normal_verts(mesh), (Ints{0, 1, 2, 3, 1, 5, 6, 2, 8, 9, 10}));
}

TEST(NormalVerts, MaterialsMayMeetInASeamButTransparentOnesDoNot) {
  MeshData mesh = roof();
  mesh.face_groups = {0, 0, 1, 1};
  mesh.group_names = {"skin", "scalp"};
  EXPECT_EQ(normal_verts(mesh), kSmoothRoof);
  mesh.group_names[1] = "M_EyeLashes";
  EXPECT_EQ(normal_verts(mesh), Ints{});
}

TEST(NormalVerts, AnEyeballDoesNotJoinItsSocket) {
  MeshData mesh = roof();
  mesh.face_groups = {0, 0, 1, 1};
  mesh.group_names = {"skin", "eyeball_L"};
  EXPECT_EQ(normal_verts(mesh), Ints{});
}

TEST(NormalVerts, ACornerForEachTriangleIsOneSurface) {
  const MeshData ball = [] {
    MeshData mesh;
    add_tube(mesh, 0, 0, model_test::ball(0, 1));
    return mesh;
  }();
  MeshData soup;
  for (const int32_t vert : ball.faces) {
    soup.faces.push_back(static_cast<int32_t>(soup.num_verts()));
    const float* p = &ball.verts[3 * static_cast<size_t>(vert)];
    soup.verts.insert(soup.verts.end(), p, p + 3);
  }
  const Ints joined = normal_verts(soup);
  ASSERT_EQ(joined.size(), ball.faces.size());
  // Corners share a normal just where they are corners at one vertex of the ball.
  Ints first(static_cast<size_t>(ball.num_verts()), -1);
  for (size_t i = 0; i < joined.size(); ++i) {
    int32_t& expected = first[static_cast<size_t>(ball.faces[i])];
    if (expected < 0) expected = static_cast<int32_t>(i);
    EXPECT_EQ(joined[i], expected) << i;
  }
}

TEST(NormalVerts, ADividedHeadGetsItsOwnVerticesBack) {
  const MeshData whole = make_demo_head(), halves = split_in_halves(whole);
  ASSERT_GT(halves.num_verts(), whole.num_verts());
  const BlendshapeData model = make_blendshapes(halves);
  ASSERT_FALSE(model.normal_verts.empty());
  for (int64_t v = 0; v < halves.num_verts(); ++v) {
    const auto i = static_cast<size_t>(v);
    if (v < whole.num_verts()) {
      EXPECT_EQ(model.normal_verts[i], v);
    } else {
      EXPECT_LT(model.normal_verts[i], whole.num_verts()) << v;
    }
  }
}

TEST(NormalVerts, ModelsWithoutSeamsHaveNone) {
  EXPECT_EQ(normal_verts(make_demo_head()), Ints{});
  EXPECT_EQ(normal_verts(figure(true)), Ints{});
  EXPECT_EQ(normal_verts({}), Ints{});
}

TEST(NormalVerts, TheIctFaceHasNone) {
  BISQUE_NEEDS_SHARED(path, "ict_face");
  EXPECT_TRUE(read_obj_folder(path).normal_verts.empty()) << "its lashes and shells touch the face alone";
}

TEST(NormalVerts, TheHeadWithAUvSeamIsOneSurface) {
  const BlendshapeData model = read_blendshapes("tests/cases/glb_uv_seam.glb");
  ASSERT_FALSE(model.normal_verts.empty());
  // 25 vertices are on the far side of the seam: those of the last column.
  int64_t joined = 0;
  for (size_t v = 0; v < model.normal_verts.size(); ++v) joined += model.normal_verts[v] != static_cast<int32_t>(v);
  EXPECT_GE(joined, 23);
}

// Vertices in one place and edges without end would take time that grows with their square.
TEST(NormalVerts, ManyVerticesAtOnePlaceEndSoon) {
  MeshData mesh;
  constexpr int32_t kCount = 300000;
  for (int32_t v = 0; v < kCount; ++v) {
    mesh.verts.insert(mesh.verts.end(), {0, 0, static_cast<float>(v % 3)});
    mesh.normals.insert(mesh.normals.end(), {std::sin(static_cast<float>(v)), std::cos(static_cast<float>(v)), 0});
  }
  for (int32_t v = 0; v + 2 < kCount; v += 3) mesh.faces.insert(mesh.faces.end(), {v, v + 1, v + 2});
  EXPECT_EQ(normal_verts(mesh).size(), static_cast<size_t>(kCount));
  mesh.normals.clear();
  mesh.morphs = {{"jawOpen", {}, {}}};
  for (int32_t v = 0; v < kCount; ++v) {
    mesh.morphs[0].verts.push_back(v);
    mesh.morphs[0].offsets.insert(mesh.morphs[0].offsets.end(), {static_cast<float>(v), 0, 0});
  }
  EXPECT_EQ(normal_verts(mesh), Ints{}) << "each moves in its own way";
  mesh.morphs.clear();
  EXPECT_EQ(normal_verts(mesh), Ints{}) << "an edge of this many faces belongs to no surface";
}

TEST(NormalVerts, ErrorsOfSizes) {
  MeshData mesh = roof();
  mesh.normals = {0, 0, 1};
  EXPECT_EQ(error_of([&] { make_blendshapes(mesh); }), "The mesh has 1 normals, expected 8, one per vertex.");
  mesh.normals.clear();
  mesh.head_weights = {1, 1};
  EXPECT_EQ(error_of([&] { make_blendshapes(mesh); }), "The mesh has 2 head weights, expected 8, one per vertex.");
  mesh.head_weights.assign(8, NAN);
  EXPECT_EQ(error_of([&] { make_blendshapes(mesh); }), "The mesh's head weights hold a value that is not finite.");
  mesh.head_weights.assign(8, 1.0000001F);
  EXPECT_EQ(make_blendshapes(mesh).head_weights[0], 1);
  mesh.head_joint = {0, INFINITY, 0};
  EXPECT_EQ(error_of([&] { make_blendshapes(mesh); }),
            "The coordinates of the mesh's head joint hold a value that is not finite.");
}

TEST(NeutralNormals, AreThoseOfTheRenderedSurface) {
  const std::vector<float> smooth = neutral_normals(make_blendshapes(roof(1)));
  // One triangle on the left and two as large on the right of the ridge's first vertex.
  EXPECT_NEAR(smooth[3], 1 / std::sqrt(10.0F), 1e-6);
  EXPECT_NEAR(smooth[4], 3 / std::sqrt(10.0F), 1e-6);
  EXPECT_EQ(smooth[4], smooth[13]);
  const std::vector<float> creased = neutral_normals(make_blendshapes(roof_with_normals(53)));
  EXPECT_NEAR(creased[3], -std::sqrt(0.2F), 1e-6);
  EXPECT_NEAR(creased[12], std::sqrt(0.2F), 1e-6);
}

}  // namespace
}  // namespace bisque
