#include <bisque/tests/ops3d/io/gltf_builder.h>

#include <cmath>

#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

TEST(Gltf, ReadsColorsOfVerts) {
  TestGltf rgb;
  const int position = rgb.add_floats({5, 5, 5, 6, 5, 5, 5, 6, 5}, "VEC3");
  rgb.root["meshes"][0]["primitives"].push_back(rgb.primitive({{"POSITION", position}}, {0, 1, 2}));
  const Floats colors{1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5F, 0.5F, 0.5F};
  rgb.root["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"] = rgb.add_floats(colors, "VEC3");
  const MeshData three = rgb.read();
  EXPECT_EQ(three.colors.channels, 3);
  Floats expected = colors;
  expected.resize(21, 1);  // the second primitive is white
  EXPECT_EQ(three.colors.values, expected);
  EXPECT_TRUE(TestGltf().read().colors.empty());

  TestGltf rgba;
  const std::vector<uint8_t> bytes{255, 0, 0, 51, 0, 255, 0, 0, 0, 0, 0, 0, 102, 0, 0, 255};
  const int color = rgba.add(bytes, kUnsignedByte, "VEC4", 4);
  rgba.root["accessors"][static_cast<size_t>(color)]["normalized"] = true;
  rgba.root["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"] = color;
  const MeshData four = rgba.read();
  EXPECT_EQ(four.colors.channels, 4);
  ASSERT_EQ(four.colors.values.size(), 16U);
  for (size_t i = 0; i < bytes.size(); ++i) EXPECT_FLOAT_EQ(four.colors.values[i], static_cast<float>(bytes[i]) / 255);
}

TEST(Gltf, ReadsTriangles) {
  TestGltf gltf;
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts, kSquare);
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 2, 1, 3}));
  EXPECT_TRUE(mesh.uvs.empty() && mesh.uv_faces.empty() && mesh.face_groups.empty() && mesh.polygon_sizes.empty() &&
              mesh.warnings.empty());
}

TEST(Gltf, ReadsAllTypesOfIndices) {
  for (const int type : {kUnsignedByte, kUnsignedShort, kUnsignedInt}) {
    TestGltf gltf;
    if (type == kUnsignedByte)
      gltf.first_primitive()["indices"] = gltf.add(std::vector<uint8_t>{3, 2, 1}, type, "SCALAR", 3);
    if (type == kUnsignedShort)
      gltf.first_primitive()["indices"] = gltf.add(std::vector<uint16_t>{3, 2, 1}, type, "SCALAR", 3);
    if (type == kUnsignedInt)
      gltf.first_primitive()["indices"] = gltf.add(std::vector<uint32_t>{3, 2, 1}, type, "SCALAR", 3);
    EXPECT_EQ(gltf.read().faces, (Ints{3, 2, 1}));
  }
}

TEST(Gltf, StripsFansAndUnindexedPrimitivesBecomeTriangles) {
  TestGltf gltf;
  gltf.first_primitive()["mode"] = 5;
  gltf.first_primitive()["indices"] = gltf.add_indices({0, 1, 2, 3, 0});
  EXPECT_EQ(gltf.read().faces, (Ints{0, 1, 2, 1, 3, 2, 2, 3, 0}));
  gltf.first_primitive()["mode"] = 6;
  EXPECT_EQ(gltf.read().faces, (Ints{0, 1, 2, 0, 2, 3, 0, 3, 0}));
  gltf.first_primitive().erase("indices");
  EXPECT_EQ(gltf.read().faces, (Ints{0, 1, 2, 0, 2, 3}));
  gltf.first_primitive()["mode"] = 4;
  EXPECT_EQ(gltf.error(), "f.glb: a primitive of meshes[0] has 4 corners, which is not a multiple of 3.");
}

TEST(Gltf, ReadsStridedData) {
  TestGltf gltf;
  const int view = gltf.add_view(Floats{9, 0, 0, 0, 9, 1, 0, 0, 9, 0, 1, 0}, 16);
  gltf.root["accessors"][0] = {
      {"bufferView", view}, {"byteOffset", 4}, {"componentType", kFloat}, {"type", "VEC3"}, {"count", 3}};
  gltf.first_primitive()["indices"] = gltf.add_indices({0, 1, 2});
  EXPECT_EQ(gltf.read().verts, (Floats{0, 0, 0, 1, 0, 0, 0, 1, 0}));
  gltf.root["accessors"][0]["count"] = 4;
  EXPECT_EQ(gltf.error(), "f.glb: accessor 0 with 4 elements reaches beyond the 48 bytes of bufferView 2.");
}

TEST(Gltf, ReadsNormalizedAndPlainIntegers) {
  TestGltf gltf;
  gltf.root["extensionsRequired"] = {"KHR_mesh_quantization"};
  gltf.first_primitive()["indices"] = gltf.add_indices({0, 0, 0});
  const auto verts = [&](const auto& values, int type, bool normalized) {
    const int view = gltf.add_view(values);
    gltf.root["accessors"][0] = {
        {"bufferView", view}, {"componentType", type}, {"type", "VEC3"}, {"count", 1}, {"normalized", normalized}};
    return gltf.read().verts;
  };
  EXPECT_EQ(verts(std::vector<int8_t>{127, -128, -127}, kByte, true), (Floats{1, -1, -1}));
  EXPECT_EQ(verts(std::vector<uint8_t>{255, 0, 51}, kUnsignedByte, true), (Floats{1, 0, 51 / 255.F}));
  EXPECT_EQ(verts(std::vector<int16_t>{32767, -32768, 0}, kShort, true), (Floats{1, -1, 0}));
  EXPECT_EQ(verts(std::vector<uint16_t>{65535, 0, 13107}, kUnsignedShort, true), (Floats{1, 0, 13107 / 65535.F}));
  EXPECT_EQ(verts(std::vector<int16_t>{300, -300, 7}, kShort, false), (Floats{300, -300, 7}));
}

TEST(Gltf, TexcoordsAreFlippedToTheLowerLeft) {
  TestGltf gltf;
  gltf.first_primitive()["attributes"]["TEXCOORD_0"] = gltf.add_floats({0, 0, 1, 0.25F, 0, 1, 1, 1}, "VEC2");
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.uvs, (Floats{0, 1, 1, 0.75F, 0, 0, 1, 0}));
  EXPECT_EQ(mesh.uv_faces, mesh.faces);
}

TEST(Gltf, PrimitivesFollowEachOtherAndMaterialsAreGroups) {
  TestGltf gltf;
  gltf.root["materials"] = {{{"name", "skin"}}, json::object(), {{"name", "eyes"}}};
  gltf.first_primitive()["material"] = 2;
  json second = gltf.primitive({{"POSITION", gltf.add_floats({5, 5, 5, 6, 5, 5, 5, 6, 5}, "VEC3")},
                                {"TEXCOORD_0", gltf.add_floats({0, 0, 0, 0, 0, 0}, "VEC2")}},
                               {0, 1, 2});
  second["material"] = 1;
  json third = gltf.primitive({{"POSITION", 0}}, {3, 3, 3});  // shares the verts of the first
  gltf.root["meshes"][0]["primitives"].push_back(second);
  gltf.root["meshes"][0]["primitives"].push_back(third);
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.num_verts(), 7);
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 2, 1, 3, 4, 5, 6, 3, 3, 3}));
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"eyes", "material_1"}));
  EXPECT_EQ(mesh.face_groups, (Ints{0, 0, 1, -1}));
  EXPECT_EQ(mesh.uv_faces, (Ints{-1, -1, -1, -1, -1, -1, 0, 1, 2, -1, -1, -1}));
}

TEST(Gltf, ReadsDenseAndSparseMorphTargets) {
  TestGltf gltf;
  const int dense = gltf.add_floats({0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0}, "VEC3");
  const int indices = gltf.add_view(std::vector<uint8_t>{1, 3});
  const int values = gltf.add_view(Floats{1, 2, 3, 4, 5, 6});
  const json sparse{{"count", 2},
                    {"indices", {{"bufferView", indices}, {"componentType", kUnsignedByte}}},
                    {"values", {{"bufferView", values}}}};
  const int sparse_alone =
      gltf.add_accessor({{"componentType", kFloat}, {"type", "VEC3"}, {"count", 4}, {"sparse", sparse}});
  json over_dense = gltf.root["accessors"][dense];
  over_dense["sparse"] = sparse;
  const int sparse_over_dense = gltf.add_accessor(over_dense);
  const int zeros = gltf.add_accessor({{"componentType", kFloat}, {"type", "VEC3"}, {"count", 4}});
  gltf.first_primitive()["targets"] = {{{"POSITION", dense}},
                                       {{"POSITION", sparse_alone}},
                                       {{"POSITION", sparse_over_dense}},
                                       {{"POSITION", zeros}},
                                       {{"NORMAL", zeros}}};
  gltf.root["meshes"][0]["extras"]["targetNames"] = {"dense", "sparse", "", "zeros"};
  const std::vector<MorphTarget> morphs = gltf.read().morphs;
  ASSERT_EQ(morphs.size(), 5U);
  EXPECT_EQ(morphs[0].name, "dense");
  EXPECT_EQ(morphs[0].verts, (Ints{1}));
  EXPECT_EQ(morphs[0].offsets, (Floats{0, 0, 2}));
  EXPECT_EQ(morphs[1].verts, (Ints{1, 3}));
  EXPECT_EQ(morphs[1].offsets, (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(morphs[2].name, "target_2");
  EXPECT_EQ(morphs[2].offsets, (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(morphs[3].verts.empty());
  EXPECT_EQ(morphs[4].name, "target_4");
}

TEST(Gltf, ReadsMoreThanEightTargets) {
  TestGltf gltf;
  for (int i = 0; i < 100; ++i) {
    Floats offsets(12);
    offsets[static_cast<size_t>(i % 12)] = static_cast<float>(i + 1);
    gltf.first_primitive()["targets"].push_back({{"POSITION", gltf.add_floats(offsets, "VEC3")}});
    gltf.first_primitive()["extras"]["targetNames"].push_back("shape" + std::to_string(i));
  }
  const std::vector<MorphTarget> morphs = gltf.read().morphs;
  ASSERT_EQ(morphs.size(), 100U);
  EXPECT_EQ(morphs[99].name, "shape99");
  EXPECT_EQ(morphs[99].offsets, (Floats{100, 0, 0}));
}

TEST(Gltf, TargetsOfOneNameMergeOverPrimitivesAndMeshes) {
  TestGltf gltf;
  const int offsets = gltf.add_floats({0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, "VEC3");
  gltf.first_primitive()["targets"] = {{{"POSITION", offsets}}};
  json other = gltf.first_primitive();
  other["attributes"]["POSITION"] = gltf.add_floats(kSquare, "VEC3");
  gltf.root["meshes"][0]["primitives"].push_back(other);
  gltf.root["meshes"][0]["extras"]["targetNames"] = {"jawOpen"};
  gltf.root["meshes"].push_back({{"primitives", {gltf.first_primitive()}}, {"extras", {{"targetNames", {"jawOpen"}}}}});
  const MeshData mesh = gltf.read();
  ASSERT_EQ(mesh.morphs.size(), 1U);
  EXPECT_EQ(mesh.num_verts(), 12);
  EXPECT_EQ(mesh.morphs[0].verts, (Ints{1, 5, 9}));
  EXPECT_EQ(mesh.morphs[0].offsets, (Floats{0, 0, 1, 0, 0, 1, 0, 0, 1}));
}

TEST(Gltf, NodeTransformsMoveVertsAndTurnOffsets) {
  TestGltf gltf;
  gltf.first_primitive()["targets"] = {{{"POSITION", gltf.add_floats({0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, "VEC3")}}};
  const double half = std::sqrt(0.5);
  gltf.root["nodes"] = {{{"children", {1}}, {"translation", {10, 0, 0}}, {"rotation", {0, 0, half, half}}},
                        {{"mesh", 0}, {"scale", {2, 3, 1}}, {"translation", {0, 0, 5}}}};
  gltf.root["scenes"] = {{{"nodes", {0}}}};
  const MeshData mesh = gltf.read();
  // A quarter turn about z after the scale: x, y -> -3 y, 2 x; then 10, 0, 5.
  const Floats expected{10, 0, 5, 10, 2, 5, 7, 0, 5, 7, 2, 5};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(mesh.verts[i], expected[i], 1e-5) << i;
  ASSERT_EQ(mesh.morphs[0].verts, (Ints{1}));
  EXPECT_NEAR(mesh.morphs[0].offsets[0], 0, 1e-6);
  EXPECT_NEAR(mesh.morphs[0].offsets[1], 2, 1e-6);
}

TEST(Gltf, AMirrorTurnsTheFacesAround) {
  TestGltf gltf;
  gltf.root["nodes"] = {{{"mesh", 0}, {"matrix", {-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 7, 0, 0, 1}}}};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts, (Floats{7, 0, 0, 6, 0, 0, 7, 1, 0, 6, 1, 0}));
  EXPECT_EQ(mesh.faces, (Ints{0, 2, 1, 2, 3, 1}));
}

TEST(Gltf, AMeshMayBeUsedByTwoNodes) {
  TestGltf gltf;
  gltf.root["nodes"] = {{{"mesh", 0}}, {{"mesh", 0}, {"translation", {5, 0, 0}}}};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.num_verts(), 8);
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 2, 1, 3, 4, 5, 6, 6, 5, 7}));
}

TEST(Gltf, ReadsTheDefaultSceneAndWarnsOfTheRest) {
  TestGltf gltf;
  gltf.root["nodes"] = {{{"mesh", 0}, {"translation", {1, 0, 0}}}, {{"mesh", 0}, {"translation", {2, 0, 0}}}};
  gltf.root["scenes"] = {{{"nodes", {0}}}, {{"nodes", {1}}}};
  gltf.root["scene"] = 1;
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts[0], 2);
  EXPECT_EQ(mesh.num_verts(), 4);
  EXPECT_EQ(
      mesh.warnings,
      (std::vector<std::string>{"f.glb: meshes outside the default scene are ignored, such as that of nodes[0]."}));
}

TEST(Gltf, AnimationsPointsAndWeightsAreWarnings) {
  TestGltf gltf;
  gltf.root["animations"] = {json::object()};
  gltf.root["meshes"][0]["weights"] = {0.5};
  for (int mode = 0; mode < 4; ++mode) {  // points, lines, line loops, line strips
    json other = gltf.first_primitive();
    other["mode"] = mode;
    gltf.root["meshes"][0]["primitives"].push_back(other);
  }
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts, kSquare);
  EXPECT_EQ(mesh.warnings, (std::vector<std::string>{"f.glb: its animations are ignored.",
                                                     "f.glb: default weights of morph targets are ignored.",
                                                     "f.glb: primitives of points or lines are ignored."}));
}

TEST(Gltf, UnusedImagesAndUnknownPartsDoNotMatter) {
  TestGltf gltf;
  gltf.root["images"] = {{{"uri", "../../etc/passwd"}}, {{"bufferView", 99}}};
  gltf.root["textures"] = {{{"source", 1}}, {{"sampler", 9}}};
  gltf.root["extensions"] = {{"X", 1}};
  gltf.root["materials"] = {{{"name", "a"}, {"normalTexture", "wrong"}, {"extras", "wrong"}}};
  EXPECT_EQ(gltf.read().num_faces(), 2);
}

TEST(Gltf, ReadsBuffersInFilesAndDataUris) {
  const TempFolder folder;
  TestGltf gltf;
  gltf.glb();
  std::filesystem::create_directory(folder / "sub dir");
  folder.write("sub dir/a.bin", gltf.bin + "more than it needs");
  gltf.root["buffers"][0]["uri"] = "sub%20dir/a.bin";
  EXPECT_EQ(read_gltf(folder.write("f.gltf", gltf.root.dump())).mesh.verts, kSquare);
  gltf.root["buffers"] = {{{"byteLength", 4}, {"uri", "data:application/octet-stream;base64,AAECAw=="}}};
  gltf.root["accessors"][0] = {{"bufferView", 0}, {"componentType", kUnsignedByte}, {"type", "VEC3"}, {"count", 1}};
  gltf.root["bufferViews"] = {{{"buffer", 0}, {"byteOffset", 1}, {"byteLength", 3}}};
  gltf.root["meshes"][0]["primitives"] = {{{"attributes", {{"POSITION", 0}}}, {"indices", 1}}};
  gltf.root["accessors"][1] = {{"bufferView", 0}, {"componentType", kUnsignedByte}, {"type", "SCALAR"}, {"count", 3}};
  EXPECT_EQ(error_of([&] { read_gltf(folder.write("f.gltf", gltf.root.dump())); }),
            folder / "f.gltf" + ": accessor 1 holds index 1, expected less than 1.");
}

}  // namespace
}  // namespace bisque
