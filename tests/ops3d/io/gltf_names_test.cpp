#include <bisque/tests/ops3d/io/gltf_builder.h>

#include <bisque/tests/testing/files.h>

namespace bisque {
namespace {

using namespace test;
using Names = std::vector<std::string>;

// The square with morph targets without names: target i moves vertex i % 4 by i + 1 along z.
TestGltf with_targets(int count) {
  TestGltf gltf;
  for (int i = 0; i < count; ++i) {
    Floats offsets(12);
    offsets[static_cast<size_t>(i % 4) * 3 + 2] = static_cast<float>(i + 1);
    gltf.first_primitive()["targets"].push_back({{"POSITION", gltf.add_floats(offsets, "VEC3")}});
  }
  return gltf;
}

Names names_of(const MeshData& mesh) {
  Names names;
  for (const MorphTarget& morph : mesh.morphs) names.push_back(morph.name);
  return names;
}

json bind(int index, double weight = 100, int mesh = 0) {
  return {{"mesh", mesh}, {"index", index}, {"weight", weight}};
}

json group(const std::string& name, const std::string& preset, const json& binds) {
  return {{"name", name}, {"presetName", preset}, {"binds", binds}};
}

void set_groups(TestGltf& gltf, const json& groups) {
  gltf.root["extensions"]["VRM"]["blendShapeMaster"]["blendShapeGroups"] = groups;
}

std::string case_file(const std::string& name) { return "tests/cases/" + name; }

TEST(GltfNames, EqualNamesGetASuffixThatIsFree) {
  TestGltf gltf = with_targets(6);
  gltf.root["meshes"][0]["extras"]["targetNames"] = {"jawOpen", "jawOpen", "jawOpen_2", "", "target_3", "jawOpen"};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh), (Names{"jawOpen", "jawOpen_3", "jawOpen_2", "target_3", "target_3_2", "jawOpen_4"}));
  EXPECT_EQ(mesh.warnings, (Names{"f.glb: meshes[0] has several morph targets of one name; the later ones are named "
                                  "jawOpen_3, target_3_2, jawOpen_4."}));
  EXPECT_EQ(mesh.morphs[1].offsets, (Floats{0, 0, 2}));
}

TEST(GltfNames, SuffixesAreTheSameInEveryMesh) {
  TestGltf gltf = with_targets(2);
  gltf.root["meshes"][0]["extras"]["targetNames"] = {"jawOpen", "jawOpen"};
  gltf.root["meshes"].push_back(gltf.root["meshes"][0]);
  gltf.root["meshes"].push_back(gltf.root["meshes"][0]);
  gltf.root["meshes"][2]["extras"]["targetNames"] = {"smile", "jawOpen_2"};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh), (Names{"jawOpen", "jawOpen_3", "smile", "jawOpen_2"}));
  EXPECT_EQ(mesh.morphs[1].verts, (Ints{1, 5}));
  EXPECT_EQ(mesh.warnings.size(), 2U);
}

TEST(GltfNames, ManyEqualNamesAreListedInPart) {
  TestGltf gltf = with_targets(3000);
  gltf.root["meshes"][0]["extras"]["targetNames"] = Names(3000, "a\n");
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.morphs.back().name, "a\n_3000");
  EXPECT_EQ(mesh.warnings.at(0),
            "f.glb: meshes[0] has several morph targets of one name; the later ones are named a\\x0A_2, a\\x0A_3, "
            "a\\x0A_4, a\\x0A_5, a\\x0A_6, a\\x0A_7, a\\x0A_8, a\\x0A_9 and 2991 more.");
}

TEST(GltfNames, GroupsOfVrm0NameTargetsThatHaveNone) {
  TestGltf gltf = with_targets(5);
  set_groups(gltf, {group("jawOpen", "unknown", json::array({bind(0)})), group("", "blink_l", json::array({bind(1)})),
                    group("まばたき", "blink", json::array({bind(2)})), group("Neutral", "neutral", json::array()),
                    group("Joy", "joy", json::array({bind(4, 100), bind(3, 0)}))});
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh), (Names{"jawOpen", "blink_l", "blink", "target_3", "Joy"}));
  EXPECT_TRUE(mesh.warnings.empty());
}

TEST(GltfNames, ExpressionsOfVrm1NameTargetsThatHaveNone) {
  TestGltf gltf = with_targets(3);
  gltf.root["nodes"] = {{{"translation", {0, 0, 1}}}, {{"mesh", 0}}};
  const auto expression = [](int index) {
    return json{{"morphTargetBinds", json::array({{{"node", 1}, {"index", index}, {"weight", 1.0}}})}};
  };
  json& expressions = gltf.root["extensions"]["VRMC_vrm"]["expressions"];
  expressions["preset"]["aa"] = expression(1);
  expressions["custom"]["jawOpen"] = expression(0);
  expressions["custom"]["tongueOut"] = expression(7);
  expressions["custom"]["glow"] = {{"materialColorBinds", {1}}};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh), (Names{"jawOpen", "aa", "target_2"}));
  EXPECT_EQ(mesh.warnings, (Names{"f.glb: 1 binds of VRM expressions refer to no morph target and are ignored.",
                                  "f.glb: what VRM expressions do to materials is ignored."}));
}

TEST(GltfNames, NamesInTheFileStay) {
  TestGltf gltf = with_targets(2);
  gltf.first_primitive()["extras"]["targetNames"] = {"mouth", "eyes"};
  set_groups(gltf, {group("A", "a", json::array({bind(0)})), group("Fun", "fun", json::array({bind(0), bind(1)}))});
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh), (Names{"mouth", "eyes"}));
  EXPECT_TRUE(mesh.warnings.empty());
}

TEST(GltfNames, OneTargetInEachMeshIsOneShape) {
  TestGltf gltf = with_targets(2);
  gltf.root["meshes"].push_back(gltf.root["meshes"][0]);
  set_groups(gltf, json::array({group("Blink", "blink", json::array({bind(0), bind(1, 100, 1)}))}));
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh), (Names{"Blink", "target_1", "target_0"}));
  EXPECT_EQ(mesh.morphs[0].verts, (Ints{0, 5}));
}

TEST(GltfNames, AGroupOfSeveralTargetsIsAShapeOfItsOwn) {
  TestGltf gltf = with_targets(6);
  gltf.root["meshes"].push_back(gltf.root["meshes"][0]);  // its targets, of the same indices, are not meant
  set_groups(gltf, {group("Joy", "joy", json::array({bind(0, 50), bind(4, 100), bind(1, 25)})),
                    group("A", "a", json::array({bind(2)})), group("Half", "unknown", json::array({bind(2, 50)})),
                    group("A", "unknown", json::array({bind(3)}))});
  const MeshData mesh = gltf.read();
  EXPECT_EQ(names_of(mesh),
            (Names{"target_0", "target_1", "A", "A_2", "target_4", "target_5", "target_2", "target_3", "Joy", "Half"}));
  EXPECT_EQ(mesh.morphs[8].verts, (Ints{0, 1}));
  EXPECT_EQ(mesh.morphs[8].offsets, (Floats{0, 0, 0.5F + 5, 0, 0, 0.5F}));
  EXPECT_EQ(mesh.morphs[9].verts, (Ints{2}));
  EXPECT_EQ(mesh.morphs[9].offsets, (Floats{0, 0, 1.5F}));
  EXPECT_EQ(mesh.warnings.back(),
            "f.glb: VRM expressions that mix morph targets without names became shapes of their own: Joy, Half.");
}

TEST(GltfNames, AMixtureNeverTakesTheNameOfATarget) {
  TestGltf gltf = with_targets(3);
  set_groups(gltf, {group("A", "a", json::array({bind(0)})), group("A", "a", json::array({bind(1), bind(2)})),
                    group("A", "a", json::array({bind(0), bind(2)}))});
  EXPECT_EQ(names_of(gltf.read()), (Names{"A", "target_1", "target_2", "A_2", "A_3"}));
}

// An avatar is complete without them.
TEST(GltfNames, BrokenVrmPartsAreLeftAside) {
  for (const char* vrm : {"1", "[]", R"({"blendShapeMaster": 3})", R"({"blendShapeMaster": {"blendShapeGroups": "x"}})",
                          R"({"blendShapeMaster": {"blendShapeGroups": [1, {"name": 2, "binds": 5}, {"binds": [7]}]}})",
                          R"({"humanoid": {"humanBones": [{"bone": "head", "node": -1}, 4, {"bone": 3}]}})"}) {
    TestGltf gltf = with_targets(1);
    gltf.root["extensions"]["VRM"] = json::parse(vrm);
    EXPECT_EQ(names_of(gltf.read()), (Names{"target_0"})) << vrm;
    gltf.root["extensions"] = {{"VRMC_vrm", json::parse(vrm)}};
    EXPECT_EQ(names_of(gltf.read()), (Names{"target_0"})) << vrm;
  }
  for (const json& wrong : {bind(-1), bind(1), bind(0, 100, 9), json{{"mesh", 0}, {"index", 0.5}},
                            json{{"mesh", 0}, {"index", 0}, {"weight", "x"}}}) {
    TestGltf gltf = with_targets(1);
    set_groups(gltf, json::array({group("A", "a", json::array({wrong}))}));
    const MeshData mesh = gltf.read();
    EXPECT_EQ(names_of(mesh), (Names{"target_0"}));
    EXPECT_EQ(mesh.warnings, (Names{"f.glb: 1 binds of VRM expressions refer to no morph target and are ignored."}));
  }
}

TEST(GltfNames, AFewMixturesCannotBecomeHuge) {
  TestGltf gltf;
  const size_t num_verts = 20'000;
  gltf.first_primitive()["attributes"]["POSITION"] = gltf.add_floats(Floats(num_verts * 3), "VEC3");
  gltf.first_primitive()["targets"] = {{{"POSITION", gltf.add_floats(Floats(num_verts * 3, 1), "VEC3")}}};
  json groups = json::array();
  for (int i = 0; i < 2000; ++i) groups.push_back(group("g" + std::to_string(i), "", json::array({bind(0, 50)})));
  set_groups(gltf, groups);
  EXPECT_EQ(gltf.error(), "f.glb: expands to more than 16 times the size of its buffers.");
}

TEST(GltfCases, DuplicateNamesAndVrmGroups) {
  EXPECT_EQ(names_of(read_gltf(case_file("glb_duplicate_target_names.glb")).mesh), (Names{"jawOpen", "jawOpen_2"}));
  EXPECT_EQ(names_of(read_gltf(case_file("glb_vrm0_groups.glb")).mesh), (Names{"jawOpen", "Blink_L"}));
}

TEST(GltfCases, TheQuantizedAvatarIsTheFloatOne) {
  const MeshData exact = read_gltf(case_file("glb_float_skinned.glb")).mesh;
  const MeshData quantized = read_gltf(case_file("glb_quantized_skinned.glb")).mesh;
  expect_near(quantized.verts, exact.verts, 1e-4);
  EXPECT_EQ(quantized.faces, exact.faces);
  ASSERT_EQ(names_of(quantized), names_of(exact));
  for (size_t i = 0; i < exact.morphs.size(); ++i) {
    float largest = 0;
    for (const float value : quantized.morphs[i].offsets) largest = std::max(largest, std::abs(value));
    float expected = 0;
    for (const float value : exact.morphs[i].offsets) expected = std::max(expected, std::abs(value));
    EXPECT_NEAR(largest, expected, 1e-4);
  }
  EXPECT_TRUE(quantized.warnings.empty());
}

TEST(GltfCases, NormalsAreRead) {
  const MeshData mesh = read_gltf(case_file("glb_uv_seam.glb")).mesh;
  ASSERT_EQ(mesh.normals.size(), mesh.verts.size());
  for (size_t i = 0; i < mesh.normals.size(); i += 3) {
    EXPECT_NEAR(std::hypot(mesh.normals[i], mesh.normals[i + 1], mesh.normals[i + 2]), 1, 1e-6);
  }
}

TEST(GltfCases, AMessageWithAZeroByteIsWhole) {
  EXPECT_EQ(
      error_of([] { read_gltf(case_file("hostile/nul.gltf")); }),
      "tests/cases/hostile/nul.gltf: buffers[0] is at \"x\\x00y\", expected a file in the folder of the .gltf file.");
}

}  // namespace
}  // namespace bisque
