#include <bisque/renderer/models/glb_writer.h>

#include <cstring>

#include <nlohmann/json.hpp>

#include <bisque/ops3d/io/gltf.h>
#include <bisque/renderer/models/obj_folder.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/tests/renderer/models/figure.h>
#include <bisque/tests/renderer/models/model_testing.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using namespace model_test;
using nlohmann::json;

TEST(Glb, WhatIsWrittenReadsBackEqual) {
  const TempFolder folder;
  const BlendshapeData model = seam_model();
  write_glb(folder / "m.glb", model);
  const BlendshapeData back = read_blendshapes(folder / "m.glb");
  expect_equal(back, model);
  EXPECT_TRUE(back.warnings.empty());
}

TEST(Glb, AModelWithoutUvsGroupsAndShapesReadsBack) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  const BlendshapeData model = make_blendshapes(mesh);
  write_glb(folder / "m.glb", model);
  expect_equal(read_blendshapes(folder / "m.glb"), model);
}

json json_of(const std::string& glb) {
  uint32_t size = 0;
  std::memcpy(&size, glb.data() + 12, 4);
  return json::parse(glb.substr(20, size));
}

// Values of an accessor of 4-byte numbers.
template <class T>
std::vector<T> values_at(const std::string& glb, const json& accessor, size_t components) {
  uint32_t json_size = 0;
  std::memcpy(&json_size, glb.data() + 12, 4);
  const json view = json_of(glb)["bufferViews"][accessor["bufferView"].get<size_t>()];
  std::vector<T> values(accessor["count"].get<size_t>() * components);
  std::memcpy(values.data(), glb.data() + 28 + json_size + view["byteOffset"].get<size_t>(), values.size() * sizeof(T));
  return values;
}

// Two quads that meet at a right angle, with separate vertices.
MeshData folded_paper(bool with_crease) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, -1, 1, 1, -1, 1, 1, 0};
  mesh.faces = {0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7};
  mesh.uvs = {0, 0, 0.5F, 0, 0.5F, 1, 0, 1, 0.6F, 0, 1, 0, 1, 1, 0.6F, 1};
  mesh.uv_faces = mesh.faces;
  for (int v = 0; v < 8 && with_crease; ++v) {
    const float x = v < 4 ? 0 : 1;
    mesh.normals.insert(mesh.normals.end(), {x, 0, 1 - x});
  }
  return mesh;
}

TEST(Glb, SeamsAndCreasesReadBack) {
  const TempFolder folder;
  for (const bool with_crease : {false, true}) {
    const BlendshapeData model = make_blendshapes(folded_paper(with_crease));
    ASSERT_EQ(model.normal_verts.empty(), with_crease);
    write_glb(folder / "m.glb", model);
    const std::string glb = read_file(folder / "m.glb");
    const json attributes = json_of(glb)["meshes"][0]["primitives"][0]["attributes"];
    EXPECT_EQ(attributes.contains("NORMAL"), with_crease) << "a seam is found again without normals";
    if (!with_crease) {
      expect_equal(read_blendshapes(folder / "m.glb"), model);
      continue;
    }
    const auto normals = values_at<float>(glb, json_of(glb)["accessors"][attributes["NORMAL"].get<size_t>()], 3);
    EXPECT_EQ(normals, folded_paper(true).normals);
  }
}

TEST(Glb, HeadWeightsBecomeASkin) {
  const TempFolder folder;
  const BlendshapeData model = make_blendshapes(figure(true));
  write_glb(folder / "m.glb", model);
  const std::string glb = read_file(folder / "m.glb");
  const json root = json_of(glb);
  EXPECT_EQ(root["nodes"][0]["skin"], 0);
  EXPECT_EQ(root["scenes"][0]["nodes"], json({0, 1}));
  EXPECT_EQ(root["nodes"][1]["children"], json({2}));
  EXPECT_EQ(root["nodes"][2]["name"], "head");
  for (size_t k = 0; k < 3; ++k) EXPECT_EQ(root["nodes"][2]["translation"][k].get<float>(), model.head_joint[k]);
  EXPECT_EQ(root["skins"][0]["joints"], json({2, 1}));
  const auto accessor = [&](const json& index) { return root["accessors"][index.get<size_t>()]; };
  // Joint matrix times inverse bind matrix is the identity for both.
  const auto inverse = values_at<float>(glb, accessor(root["skins"][0]["inverseBindMatrices"]), 16);
  ASSERT_EQ(inverse.size(), 32U);
  for (size_t i = 0; i < 16; ++i) {
    const bool is_place = i >= 12 && i < 15;
    EXPECT_EQ(inverse[i] + (is_place ? model.head_joint[i - 12] : 0), i % 5 == 0 ? 1 : 0);
    EXPECT_EQ(inverse[16 + i], i % 5 == 0 ? 1 : 0);
  }
  const json attributes = root["meshes"][0]["primitives"][0]["attributes"];
  const json joints = accessor(attributes["JOINTS_0"]), weights = accessor(attributes["WEIGHTS_0"]);
  EXPECT_EQ(joints["componentType"], 5121);
  EXPECT_EQ(joints["type"], "VEC4");
  EXPECT_EQ(weights["type"], "VEC4");
  const auto head_then_body = values_at<uint8_t>(glb, joints, 4);
  const auto shares = values_at<float>(glb, weights, 4);
  ASSERT_EQ(shares.size(), 4 * model.head_weights.size());
  for (size_t v = 0; v < model.head_weights.size(); ++v) {
    EXPECT_EQ(head_then_body[4 * v], 0);
    EXPECT_EQ(head_then_body[4 * v + 1], 1);
    EXPECT_EQ(shares[4 * v], model.head_weights[v]);
    EXPECT_EQ(shares[4 * v + 1], 1 - model.head_weights[v]);
  }
  EXPECT_EQ(list(read_blendshapes(folder / "m.glb").neutral), list(model.neutral));
}

// The file without the extension, as any other program reads it.
MeshData read_as_plain_gltf(const std::string& path) {
  std::string glb = read_file(path);
  const size_t at = glb.find("BISQUE_topology\":{");
  glb.replace(at, 6, "OTHERS");
  return parse_gltf(bytes_of(glb), "plain").mesh;
}

TEST(Glb, OtherProgramsSeeTheSameSurface) {
  const TempFolder folder;
  const BlendshapeData model = seam_model();
  write_glb(folder / "m.glb", model);
  const MeshData plain = read_as_plain_gltf(folder / "m.glb");
  // Vertex 4 has uv 2 and 1, vertex 1 has uv 1 and 3: each appears twice; 5 and the others once.
  ASSERT_EQ(plain.num_verts(), 8);
  EXPECT_EQ(plain.num_faces(), model.num_faces());
  EXPECT_EQ(plain.group_names, (std::vector<std::string>{"skin", "eyes é", "teeth"}));
  const std::vector<size_t> face_order{1, 0, 2, 3, 4};  // by group, faces without one last
  for (size_t f = 0; f < face_order.size(); ++f) {
    const size_t original = face_order[f];
    for (size_t corner = 0; corner < 3; ++corner) {
      const auto vert = static_cast<size_t>(plain.faces[f * 3 + corner]);
      const auto expected = static_cast<size_t>(model.faces[original * 3 + corner]);
      for (size_t axis = 0; axis < 3; ++axis)
        EXPECT_EQ(plain.verts[vert * 3 + axis], model.neutral[expected * 3 + axis]);
      const int32_t uv = model.uv_faces[original * 3 + corner];
      const auto plain_uv = static_cast<size_t>(plain.uv_faces[f * 3 + corner]);
      for (size_t axis = 0; axis < 2 && uv >= 0; ++axis)
        EXPECT_NEAR(plain.uvs[plain_uv * 2 + axis], model.uvs[static_cast<size_t>(uv) * 2 + axis], 1e-6);
    }
  }
}

TEST(Glb, SplitVertsMoveWithTheirOriginals) {
  const TempFolder folder;
  write_glb(folder / "m.glb", seam_model());
  const MeshData plain = read_as_plain_gltf(folder / "m.glb");
  ASSERT_EQ(plain.morphs.size(), 4U);
  EXPECT_EQ(plain.morphs[0].name, "jawOpen");
  EXPECT_EQ(plain.morphs[0].verts.size(), 4U);
  EXPECT_EQ(plain.morphs[1].verts.size(), 0U);
  EXPECT_EQ(plain.morphs[2].verts.size(), 8U);
  for (const MorphTarget& morph : plain.morphs) {
    for (size_t i = 0; i < morph.verts.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        const bool same_place = std::equal(&plain.verts[static_cast<size_t>(morph.verts[i]) * 3],
                                           &plain.verts[static_cast<size_t>(morph.verts[i]) * 3] + 3,
                                           &plain.verts[static_cast<size_t>(morph.verts[k]) * 3]);
        if (same_place) {
          EXPECT_TRUE(std::equal(&morph.offsets[i * 3], &morph.offsets[i * 3] + 3, &morph.offsets[k * 3]))
              << morph.name;
        }
      }
    }
  }
}

TEST(Glb, TargetsAreSparseWhereThatIsSmaller) {
  const TempFolder folder;
  write_glb(folder / "m.glb", seam_model());
  const json root = json_of(read_file(folder / "m.glb"));
  const json& primitive = root["meshes"][0]["primitives"][0];
  const auto is_sparse = [&](int target) {
    return root["accessors"][primitive["targets"][target]["POSITION"].get<size_t>()].contains("sparse");
  };
  EXPECT_TRUE(is_sparse(0));
  EXPECT_FALSE(is_sparse(2));
  EXPECT_EQ(root["meshes"][0]["extras"]["targetNames"], json({"jawOpen", "none", "all", "both"}));
  EXPECT_EQ(root["materials"].size(), 4U);
}

// The requirements of the standard: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
TEST(Glb, TheFileKeepsTheRulesOfTheStandard) {
  const TempFolder folder;
  write_glb(folder / "m.glb", seam_model());
  const std::string glb = read_file(folder / "m.glb");
  uint32_t length = 0;
  std::memcpy(&length, glb.data() + 8, 4);
  EXPECT_EQ(length, glb.size());
  EXPECT_EQ(glb.size() % 4, 0U);
  const json root = json_of(glb);
  for (const json& view : root["bufferViews"]) {
    EXPECT_EQ(view["byteOffset"].get<int>() % 4, 0);
    EXPECT_GT(view["byteLength"].get<int>(), 0);
  }
  for (const json& accessor : root["accessors"]) {
    if (accessor["type"] == "VEC3") {
      EXPECT_EQ(accessor["min"].size() + accessor["max"].size(), 6U);
    }
  }
  EXPECT_EQ(root["accessors"][0]["min"], json({0.F, 0.F, 0.F}));
  EXPECT_EQ(root["accessors"][0]["max"], json({2.F, 1.F, 0.1F}));
  const size_t targets = root["meshes"][0]["extras"]["targetNames"].size();
  EXPECT_EQ(root["meshes"][0]["weights"].size(), targets);
  for (const json& primitive : root["meshes"][0]["primitives"]) EXPECT_EQ(primitive["targets"].size(), targets);
}

TEST(Glb, AModelThatWouldNotReadBackIsNotWritten) {
  const TempFolder folder;
  BlendshapeData model = seam_model();
  model.faces = std::vector<int32_t>(15, 6);
  EXPECT_EQ(error_of([&] { write_glb(folder / "m", model); }),
            folder / "m" + ": faces holds index 6 at place 0, expected 0 to 5.");
  model = seam_model();
  model.group_names[0] = "\xFF";
  EXPECT_EQ(error_of([&] { write_glb(folder / "m", model); }), folder / "m" + ": a name of the mesh is not UTF-8.");
  EXPECT_EQ(error_of([&] { write_glb("/dev/full", seam_model()); }),
            "/dev/full: cannot be written (No space left on device).");
  EXPECT_EQ(folder.num_files(), 0U);
}

TEST(Glb, ASmallModelCannotBecomeAHugeFile) {
  const TempFolder folder;
  const BlendshapeData model = read_blendshapes("tests/cases/hostile/groups_x_shapes.safetensors");
  EXPECT_EQ(error_of([&] { write_glb(folder / "m", model); }),
            folder / "m" + ": has " + std::to_string(model.num_shapes()) + " shapes and " +
                std::to_string(model.num_faces()) +
                " groups, and a .glb holds every shape for every group, expected at most 262144 in all.");
  // One vertex that many shapes move, with a different uv in every face.
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  for (int i = 0; i < 5000; ++i) {
    mesh.faces.insert(mesh.faces.end(), {0, 1, 2});
    mesh.uvs.insert(mesh.uvs.end(), {static_cast<float>(i), 0});
    mesh.uv_faces.insert(mesh.uv_faces.end(), {i, 0, 0});
  }
  for (int i = 0; i < 1000; ++i) mesh.morphs.push_back({"s" + std::to_string(i), {0}, {1, 0, 0}});
  EXPECT_EQ(error_of([&] { write_glb(folder / "m", make_blendshapes(std::move(mesh))); }),
            folder / "m" +
                ": has 1000 offsets of shapes, which its uv seams would repeat to 5000000, expected at most 16 "
                "times as many.");
  EXPECT_EQ(folder.num_files(), 0U);
}

TEST(Glb, TheIctFaceReadsBack) {
  BISQUE_NEEDS_SHARED(path, "ict_face");
  const TempFolder folder;
  const BlendshapeData model = read_obj_folder(path);
  write_glb(folder / "m.glb", model);
  expect_equal(read_blendshapes(folder / "m.glb"), model);
}

}  // namespace
}  // namespace bisque
