#include <bisque/renderer/models/blendshape_data.h>

#include <limits>

#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

MeshData triangle(std::vector<MorphTarget> morphs = {}) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  mesh.morphs = std::move(morphs);
  return mesh;
}

template <class T>
std::vector<T> list(const Array<T>& array) {
  return {array.begin(), array.end()};
}

TEST(BlendshapeData, DeltasLieByVertexThenShape) {
  const BlendshapeData model = make_blendshapes(triangle({{"b", {0, 2}, {1, 2, 3, 4, 5, 6}}, {"a", {2}, {7, 8, 9}}}));
  EXPECT_EQ(model.shape_names, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(list(model.vert_offsets), (std::vector<int64_t>{0, 1, 1, 3}));
  EXPECT_EQ(list(model.delta_shape), (std::vector<int32_t>{0, 0, 1}));
  EXPECT_EQ(list(model.deltas), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(BlendshapeData, ExactZerosAreDropped) {
  const BlendshapeData model =
      make_blendshapes(triangle({{"a", {0, 1}, {0, 0, -0.F, 0, 1e-38F, 0}}, {"none", {}, {}}}));
  EXPECT_EQ(list(model.vert_offsets), (std::vector<int64_t>{0, 0, 1, 1}));
  EXPECT_EQ(list(model.deltas), (std::vector<float>{0, 1e-38F, 0}));
  EXPECT_EQ(model.num_shapes(), 2);
}

TEST(BlendshapeData, KeepsTheRestOfTheMesh) {
  MeshData mesh = triangle();
  mesh.uvs = {0.5F, 1};
  mesh.uv_faces = {0, -1, 0};
  mesh.group_names = {"skin"};
  mesh.face_groups = {0};
  mesh.warnings = {"w"};
  const BlendshapeData model = make_blendshapes(mesh);
  EXPECT_EQ(list(model.neutral), mesh.verts);
  EXPECT_EQ(list(model.faces), mesh.faces);
  EXPECT_EQ(list(model.uvs), mesh.uvs);
  EXPECT_EQ(list(model.uv_faces), mesh.uv_faces);
  EXPECT_EQ(model.group_names, mesh.group_names);
  EXPECT_EQ(list(model.face_groups), mesh.face_groups);
  EXPECT_EQ(model.warnings, mesh.warnings);
}

TEST(BlendshapeData, MorphTargetsAreTheReverse) {
  const std::vector<MorphTarget> morphs{{"b", {0, 2}, {1, 2, 3, 4, 5, 6}}, {"none", {}, {}}, {"a", {2}, {7, 8, 9}}};
  const std::vector<MorphTarget> back = morph_targets(make_blendshapes(triangle(morphs)));
  ASSERT_EQ(back.size(), morphs.size());
  for (size_t i = 0; i < morphs.size(); ++i) {
    EXPECT_EQ(back[i].name, morphs[i].name);
    EXPECT_EQ(back[i].verts, morphs[i].verts);
    EXPECT_EQ(back[i].offsets, morphs[i].offsets);
  }
}

TEST(BlendshapeData, FindShapeIsExact) {
  const BlendshapeData model = make_blendshapes(triangle({{"jawOpen", {}, {}}, {"jaw", {}, {}}}));
  EXPECT_EQ(find_shape(model, "jaw"), 1);
  EXPECT_EQ(find_shape(model, "JawOpen"), -1);
}

TEST(BlendshapeData, ErrorsOfMorphTargets) {
  const auto error = [](std::vector<MorphTarget> morphs) {
    return error_of([&] { make_blendshapes(triangle(morphs)); });
  };
  EXPECT_EQ(error({{"a", {}, {}}, {"a", {}, {}}}), "Two morph targets have the name \"a\".");
  EXPECT_EQ(error({{"a", {0}, {1, 2}}}), "Morph target \"a\" has 1 verts and 2 offset values, expected 3 per vertex.");
  EXPECT_EQ(error({{"a", {3}, {1, 2, 3}}}),
            "Morph target \"a\" lists vertex 3 after -1, expected increasing indices below 3.");
  EXPECT_EQ(error({{"a", {-1}, {1, 2, 3}}}),
            "Morph target \"a\" lists vertex -1 after -1, expected increasing indices below 3.");
  EXPECT_EQ(error({{"a", {1, 1}, {1, 2, 3, 4, 5, 6}}}),
            "Morph target \"a\" lists vertex 1 after 1, expected increasing indices below 3.");
  EXPECT_EQ(error({{"a", {1}, {1, 2, std::numeric_limits<float>::infinity()}}}),
            "The offsets of morph target \"a\" hold a value that is not finite.");
}

TEST(BlendshapeData, ErrorsOfTheMesh) {
  const auto error = [](auto change) {
    MeshData mesh = triangle();
    change(mesh);
    return error_of([&] { make_blendshapes(mesh); });
  };
  EXPECT_EQ(error([](MeshData& m) { m.faces[1] = 3; }), "The mesh's faces hold index 3, expected 0 to 2.");
  EXPECT_EQ(error([](MeshData& m) { m.faces[1] = -1; }), "The mesh's faces hold index -1, expected 0 to 2.");
  EXPECT_EQ(error([](MeshData& m) { m.verts[1] = std::numeric_limits<float>::quiet_NaN(); }),
            "The mesh's verts hold a value that is not finite.");
  EXPECT_EQ(error([](MeshData& m) {
              m.uvs = {0, 0}, m.uv_faces = {0, 0, 1};
            }),
            "The mesh's uv_faces hold index 1, expected -1 to 0.");
  EXPECT_EQ(error([](MeshData& m) {
              m.uvs = {0, 0}, m.uv_faces = {0};
            }),
            "The mesh has 0 uv_faces, expected 1, one per face.");
  EXPECT_EQ(error([](MeshData& m) { m.group_names = {"a"}, m.face_groups = {1}; }),
            "The mesh's face_groups hold index 1, expected -1 to 0.");
  EXPECT_EQ(error([](MeshData& m) {
              m.group_names = {"a"}, m.face_groups = {0, 0};
            }),
            "The mesh has 2 face_groups, expected 1, one per face.");
}

}  // namespace
}  // namespace bisque
