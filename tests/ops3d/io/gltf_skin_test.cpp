#include <bisque/tests/ops3d/io/gltf_builder.h>

#include <cmath>

namespace bisque {
namespace {

using namespace test;

const double kHalf = std::sqrt(0.5);
// -90 degrees about x, which turns a Z-up model upright: x, y, z -> x, z, -y.
const json kUpright{-kHalf, 0, 0, kHalf};
const Floats kOffsets{0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, -1};
const Floats kNormals{0, 0, 1, 0, 0, 1, 0, 0.6F, 0.8F, 1, 0, 0};

// The square, with a morph target and normals.
TestGltf square() {
  TestGltf gltf;
  gltf.first_primitive()["targets"] = {{{"POSITION", gltf.add_floats(kOffsets, "VEC3")}}};
  gltf.first_primitive()["attributes"]["NORMAL"] = gltf.add_floats(kNormals, "VEC3");
  return gltf;
}

int add_joints(TestGltf& gltf, const std::vector<uint8_t>& joints) {
  return gltf.add(joints, kUnsignedByte, "VEC4", joints.size() / 4);
}

int add_weights(TestGltf& gltf, const Floats& weights) { return gltf.add(weights, kFloat, "VEC4", weights.size() / 4); }

int add_matrices(TestGltf& gltf, const Floats& matrices) {
  return gltf.add(matrices, kFloat, "MAT4", matrices.size() / 16);
}

// The square with a skin of two joints, nodes 1 and 2, which move it by 10 along x and by 4 along y.
TestGltf skinned(const std::vector<uint8_t>& joints, const Floats& weights) {
  TestGltf gltf = square();
  gltf.first_primitive()["attributes"]["JOINTS_0"] = add_joints(gltf, joints);
  gltf.first_primitive()["attributes"]["WEIGHTS_0"] = add_weights(gltf, weights);
  gltf.root["nodes"] = {{{"mesh", 0}, {"skin", 0}, {"translation", {99, 99, 99}}},  // does not count
                        {{"name", "Spine"}, {"translation", {10, 0, 0}}},
                        {{"name", "Jaw"}, {"translation", {0, 4, 0}}}};
  gltf.root["skins"] = {{{"joints", {1, 2}}}};
  return gltf;
}

Floats offsets_of(const MeshData& mesh) {
  Floats dense(mesh.verts.size());
  const MorphTarget& morph = mesh.morphs.at(0);
  for (size_t i = 0; i < morph.verts.size(); ++i) {
    std::copy_n(&morph.offsets[i * 3], 3, &dense[static_cast<size_t>(morph.verts[i]) * 3]);
  }
  return dense;
}

TEST(GltfSkin, VertsFollowTheirJoints) {
  TestGltf gltf = skinned({0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 9, 9, 9},
                          {1, 0, 0, 0, 1, 0, 0, 0, 0.25F, 0.75F, 0, 0, 1, 0, 0, 0});
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts, (Floats{10, 0, 0, 1, 4, 0, 2.5F, 4, 0, 1, 5, 0}));
  EXPECT_TRUE(mesh.warnings.empty());
  EXPECT_EQ(offsets_of(mesh), kOffsets);
}

TEST(GltfSkin, WeightsAreIntegersAndNeedNotAddUpToOne) {
  const std::vector<uint8_t> joints{0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0};
  const Floats expected{2.5F, 3, 0, 3.5F, 3, 0, 2.5F, 4, 0, 3.5F, 4, 0};
  TestGltf gltf = skinned(joints, {0.5F, 1.5F, 0, 0, 0.1F, 0.3F, 0, 0, 1, 3, 0, 0, 0.25F, 0.75F, 0, 0});
  expect_near(gltf.read().verts, expected);
  const std::vector<uint8_t> bytes{50, 150, 0, 0, 50, 150, 0, 0, 50, 150, 0, 0, 50, 150, 0, 0};
  gltf.first_primitive()["attributes"]["WEIGHTS_0"] = gltf.add(bytes, kUnsignedByte, "VEC4", 4);
  expect_near(gltf.read().verts, expected);
  gltf.root["accessors"].back()["normalized"] = true;
  expect_near(gltf.read().verts, expected);
  std::vector<uint16_t> shorts(16);
  for (size_t i = 0; i < 16; ++i) shorts[i] = static_cast<uint16_t>(bytes[i] * 200);
  gltf.first_primitive()["attributes"]["WEIGHTS_0"] = gltf.add(shorts, kUnsignedShort, "VEC4", 4);
  gltf.root["accessors"].back()["normalized"] = true;
  expect_near(gltf.read().verts, expected);
}

TEST(GltfSkin, AllSetsOfJointsCount) {
  TestGltf gltf = skinned(std::vector<uint8_t>(16), Floats(16, 0.125F));  // half of each vertex follows joint 0
  gltf.first_primitive()["attributes"]["JOINTS_1"] = add_joints(gltf, std::vector<uint8_t>(16, 1));
  gltf.first_primitive()["attributes"]["WEIGHTS_1"] = add_weights(gltf, Floats(16, 0.125F));
  expect_near(gltf.read().verts, {5, 2, 0, 6, 2, 0, 5, 3, 0, 6, 3, 0});
}

TEST(GltfSkin, AVertexWithoutWeightsFollowsTheFirstJoint) {
  TestGltf gltf = skinned(std::vector<uint8_t>(16, 1), Floats(16));
  EXPECT_EQ(gltf.read().verts, (Floats{10, 0, 0, 11, 0, 0, 10, 1, 0, 11, 1, 0}));
}

// A joint moves a mesh like a node that has the mesh below it.
TEST(GltfSkin, ATurnedAndScaledSkeletonIsLikeATurnedAndScaledNode) {
  const json transform{{"rotation", kUpright}, {"translation", {1, 2, 3}}, {"scale", {2, 3, 5}}};
  TestGltf rigid = square();
  json node = transform;
  node["mesh"] = 0;
  rigid.root["nodes"] = json::array({node});
  const MeshData expected = rigid.read();

  // Joints 2 and 3 are below the node; their inverse bind matrices undo their own places, to the same for both or not.
  for (const bool equal : {true, false}) {
    TestGltf gltf = skinned({0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0},
                            {1, 0, 0, 0, 1, 0, 0, 0, 0.5F, 0.5F, 0, 0, 1, 0, 0, 0});
    json armature = transform;
    armature["children"] = {2, 3};
    gltf.root["nodes"] = {{{"mesh", 0}, {"skin", 0}},
                          armature,
                          {{"translation", {7, 0, 0}}},
                          {{"translation", {0, 0, 8}}, {"name", equal ? "Jaw" : "Head"}}};
    const int inverse = add_matrices(gltf, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -7, 0, 0,  1,  //
                                            1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0,  0, -8, 1});
    gltf.root["skins"] = {{{"joints", {2, 3}}, {"inverseBindMatrices", inverse}}};
    const MeshData mesh = gltf.read();
    expect_near(mesh.verts, expected.verts, 1e-5);
    expect_near(offsets_of(mesh), offsets_of(expected), 1e-5);
    expect_near(mesh.normals, expected.normals);
    EXPECT_EQ(mesh.faces, expected.faces);
    EXPECT_EQ(mesh.head_weights, equal ? Floats{} : (Floats{0, 1, 0.5F, 1}));
  }
}

TEST(GltfSkin, NormalsTurnByTheInverseTranspose) {
  TestGltf gltf = square();
  gltf.root["nodes"] = {{{"mesh", 0}, {"scale", {2, 1, 4}}}};
  const float length = std::hypot(0.6F, 0.2F);
  expect_near(gltf.read().normals, {0, 0, 1, 0, 0, 1, 0, 0.6F / length, 0.2F / length, 1, 0, 0});
  gltf.root["nodes"] = {{{"mesh", 0}, {"scale", {-1, 1, 1}}}};
  expect_near(gltf.read().normals, {0, 0, 1, 0, 0, 1, 0, 0.6F, 0.8F, -1, 0, 0});
}

TEST(GltfSkin, NormalsAreZeroWhereTheFileHasNone) {
  TestGltf gltf = square();
  json second = gltf.primitive({{"POSITION", gltf.add_floats({5, 5, 5, 6, 5, 5, 5, 6, 5}, "VEC3")}}, {0, 1, 2});
  gltf.root["meshes"].push_back({{"primitives", {second}}});
  const float nan = std::nanf("");
  gltf.first_primitive()["attributes"]["NORMAL"] = gltf.add_floats({0, 0, 2, 0, 0, 0, nan, 0, 1, 1, 0, 0}, "VEC3");
  const Floats expected{0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(gltf.read().normals, expected);
  std::swap(gltf.root["meshes"][0], gltf.root["meshes"][1]);
  const Floats swapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0};
  EXPECT_EQ(gltf.read().normals, swapped);
}

TEST(GltfSkin, PrimitivesThatDifferInNormalsHaveTheirOwnVerts) {
  TestGltf gltf = square();
  json second = gltf.first_primitive();
  second["attributes"]["NORMAL"] = gltf.add_floats({1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0}, "VEC3");
  gltf.root["meshes"][0]["primitives"].push_back(second);
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.num_verts(), 8);
  EXPECT_EQ(mesh.normals[12], 1);
}

TEST(GltfSkin, AMirroredSkeletonTurnsTheFacesAround) {
  TestGltf gltf = skinned(std::vector<uint8_t>(16), Floats(16, 0.25F));
  gltf.root["nodes"][1] = {{"scale", {-1, 1, 1}}};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts, (Floats{0, 0, 0, -1, 0, 0, 0, 1, 0, -1, 1, 0}));
  EXPECT_EQ(mesh.faces, (Ints{0, 2, 1, 2, 3, 1}));
}

TEST(GltfSkin, SeveralSkinnedMeshesAndUsesMerge) {
  TestGltf gltf = skinned(std::vector<uint8_t>(16), Floats(16, 0.25F));
  gltf.root["skins"].push_back({{"joints", {2}}});
  gltf.root["nodes"].push_back({{"mesh", 0}, {"skin", 1}});
  gltf.root["nodes"].push_back({{"mesh", 0}, {"translation", {0, 0, 7}}});
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts, (Floats{10, 0, 0, 11, 0, 0, 10, 1, 0, 11, 1, 0,  //
                                0,  4, 0, 1,  4, 0, 0,  5, 0, 1,  5, 0,  //
                                0,  0, 7, 1,  0, 7, 0,  1, 7, 1,  1, 7}));
}

TEST(GltfSkin, JointsMayBeOutsideTheScene) {
  TestGltf gltf = skinned(std::vector<uint8_t>(16), Floats(16, 0.25F));
  gltf.root["scenes"] = {{{"nodes", {0}}}};
  EXPECT_EQ(gltf.read().verts[0], 10);
}

TEST(GltfSkin, APrimitiveWithoutJointsFollowsItsNode) {
  TestGltf gltf = skinned({}, {});
  gltf.first_primitive()["attributes"] = {{"POSITION", 0}};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.verts[0], 99);
  EXPECT_EQ(mesh.warnings,
            (std::vector<std::string>{"f.glb: a primitive of a skinned mesh has no joints and follows its node."}));
}

TEST(GltfSkin, Errors) {
  const auto error = [](const auto& change) {
    TestGltf gltf = skinned(std::vector<uint8_t>(16, 1), Floats(16, 0.25F));
    change(gltf);
    return gltf.error();
  };
  EXPECT_EQ(error([](TestGltf& g) { g.root["nodes"][0]["skin"] = 3; }),
            "f.glb: nodes[0] refers to skin 3, but the file has 1 skins.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.root["skins"][0]["joints"] = {1, 9};
            }),
            "f.glb: skins[0] refers to node 9, which is in no tree of the file's 3 nodes.");
  EXPECT_EQ(error([](TestGltf& g) { g.root["skins"][0]["joints"] = json::array(); }), "f.glb: skins[0] has no joints.");
  EXPECT_EQ(error([](TestGltf& g) { g.root["skins"][0] = json::object(); }), "f.glb: skins[0] has no joints.");
  EXPECT_EQ(error([](TestGltf& g) { g.root["skins"][0]["joints"] = "x"; }),
            "f.glb: skins[0].joints is not a list of indices.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["attributes"]["JOINTS_0"] = add_joints(g, std::vector<uint8_t>(16, 2));
            }),
            "f.glb: accessor 6 names joint 2 at element 0, but skins[0] has 2 joints.");
  EXPECT_EQ(error([](TestGltf& g) { g.first_primitive()["attributes"]["WEIGHTS_0"] = add_weights(g, Floats(12, 1)); }),
            "f.glb: accessor 6 has 3 elements, expected 4, one per vertex.");
  EXPECT_EQ(error([](TestGltf& g) { g.root["skins"][0]["inverseBindMatrices"] = add_matrices(g, Floats(16)); }),
            "f.glb: skins[0] has 2 joints, but 1 inverse bind matrices.");
  EXPECT_EQ(error([](TestGltf& g) { g.root["skins"][0]["inverseBindMatrices"] = 0; }),
            "f.glb: accessor 0 is not MAT4.");
  EXPECT_EQ(error([](TestGltf& g) { g.root["nodes"][0]["weights"] = {"x"}; }),
            "f.glb: nodes[0].weights is not a list of numbers.");
}

TEST(GltfSkin, NodeWeightsStandInForThoseOfTheMesh) {
  const std::vector<std::string> warning{"f.glb: default weights of morph targets are ignored."};
  const auto warnings = [](const json& mesh_weights, const json& node_weights) {
    TestGltf gltf = square();
    gltf.root["nodes"] = {{{"mesh", 0}}};
    if (!mesh_weights.is_null()) gltf.root["meshes"][0]["weights"] = mesh_weights;
    if (!node_weights.is_null()) gltf.root["nodes"][0]["weights"] = node_weights;
    return gltf.read().warnings;
  };
  EXPECT_EQ(warnings({0.5}, nullptr), warning);
  EXPECT_EQ(warnings(nullptr, {0.5}), warning);
  EXPECT_EQ(warnings({0}, {0.5}), warning);
  EXPECT_TRUE(warnings({0.5}, {0}).empty());
  EXPECT_TRUE(warnings({0}, nullptr).empty());
}

TEST(GltfHead, JointsAreFoundByName) {
  const auto has_head = [](const std::string& name) {
    TestGltf gltf = skinned(std::vector<uint8_t>(16), Floats(16, 0.25F));
    gltf.root["nodes"][1]["name"] = name;
    return !gltf.read().head_weights.empty();
  };
  for (const char* name :
       {"Head", "head", "HEAD", "mixamorig:Head", "mixamorig1:Head_06", "J_Bip_C_Head", "CC_Base_Head", "Bip01 Head",
        "DEF-head", "Head_M", "ValveBiped.Bip01_Head1", "Head.001", "Head_joint", "Armature|Head"}) {
    EXPECT_TRUE(has_head(name)) << name;
  }
  for (const char* name : {"HeadTop_End", "headfront", "Head_end", "Forehead", "HeadNub", "Neck", "", "Headphones"}) {
    EXPECT_FALSE(has_head(name)) << name;
  }
}

TEST(GltfHead, ThePlainestNameWins) {
  TestGltf gltf =
      skinned({0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0});
  gltf.root["nodes"][1]["name"] = "IK_Head";
  gltf.root["nodes"][2]["name"] = "Head";
  EXPECT_EQ(gltf.read().head_weights, (Floats{0, 1, 0, 0}));
}

TEST(GltfHead, WeightsOfJointsBelowTheHeadCount) {
  TestGltf gltf = skinned({0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3},
                          {0.25F, 0.25F, 0.25F, 0.25F, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0.5F, 0.25F, 0.25F});
  gltf.root["nodes"] = {{{"mesh", 0}, {"skin", 0}},
                        {{"name", "Neck"}, {"translation", {0, 5, 0}}, {"children", {2}}},
                        {{"name", "Head"}, {"translation", {0, 1, 0.5}}, {"children", {3}}},
                        {{"name", "Jaw"}, {"children", {4}}},
                        {{"name", "Tongue"}}};
  gltf.root["skins"] = {{{"joints", {1, 2, 3, 4}}}};
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.head_weights, (Floats{0.75F, 0, 1, 1}));
  EXPECT_EQ(mesh.head_joint, (std::array<float, 3>{0, 6, 0.5F}));
}

TEST(GltfHead, RigidMeshesBelowTheHeadFollowIt) {
  TestGltf gltf = skinned(std::vector<uint8_t>(16), Floats(16, 0.25F));
  gltf.root["nodes"][2]["name"] = "Head";
  gltf.root["nodes"][2]["children"] = {3};
  gltf.root["nodes"].push_back({{"mesh", 1}});
  gltf.root["nodes"].push_back({{"mesh", 1}});
  json glasses = gltf.primitive({{"POSITION", 0}}, {0, 1, 2});
  gltf.root["meshes"].push_back({{"primitives", {glasses}}});
  EXPECT_EQ(gltf.read().head_weights, (Floats{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0}));
}

TEST(GltfHead, AVrmAvatarNamesItsHeadBone) {
  const json version_0{{"VRM", {{"humanoid", {{"humanBones", {{{"bone", "head"}, {"node", 2}}}}}}}}};
  const json version_1{{"VRMC_vrm", {{"humanoid", {{"humanBones", {{"head", {{"node", 2}}}}}}}}}};
  for (const json& extensions : {version_0, version_1}) {
    TestGltf gltf = skinned(std::vector<uint8_t>(16, 1), Floats(16, 0.25F));
    gltf.root["nodes"][1]["name"] = "Head";  // the bone counts more
    gltf.root["extensions"] = extensions;
    const MeshData mesh = gltf.read();
    EXPECT_EQ(mesh.head_weights, (Floats{1, 1, 1, 1}));
    EXPECT_EQ(mesh.head_joint, (std::array<float, 3>{0, 4, 0}));
  }
}

// VRM 0 has its avatars look along -z.
TEST(GltfHead, AnAvatarWhoseLeftSideIsAtMinusXIsTurnedAround) {
  for (const int side : {-1, 1}) {
    TestGltf gltf = square();
    gltf.root["nodes"] = {
        {{"mesh", 0}, {"translation", {0, 0, 3}}}, {{"translation", {side, 0, 0}}}, {{"translation", {-side, 0, 0}}}};
    gltf.root["extensions"]["VRM"]["humanoid"]["humanBones"] = {
        {{"bone", "leftEye"}, {"node", 1}}, {{"bone", "rightEye"}, {"node", 2}}, {{"bone", "leftHand"}, {"node", 99}}};
    const MeshData mesh = gltf.read();
    const auto sign = static_cast<float>(side);
    EXPECT_EQ(mesh.verts, (Floats{0, 0, 3 * sign, sign, 0, 3 * sign, 0, 1, 3 * sign, sign, 1, 3 * sign}));
    EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 2, 1, 3}));
    EXPECT_EQ(mesh.normals[2], sign);
    EXPECT_EQ(offsets_of(mesh)[5], 3 * sign);
  }
}

}  // namespace
}  // namespace bisque
