#include <bisque/ops3d/io/gltf_writer.h>

#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf.h>
#include <bisque/ops3d/io/mesh_file.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::shared_ptr<const std::vector<std::byte>> picture_of(const std::string& text) {
  const auto bytes = bytes_of(text);
  return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

// Two triangles of a square that share an edge in 3D but not in uv, with a material each.
MeshData textured_square() {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0.1F};
  mesh.faces = {0, 1, 2, 2, 1, 3};
  mesh.uvs = {0, 0, 1, 0, 0, 1, 0.3F, 0.7F, 0.1F, 0.2F};
  mesh.uv_faces = {0, 1, 2, 3, 4, 0};
  mesh.normals = {0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, -1};
  mesh.colors = {{1, 0, 0, 0.5F, 0, 1, 0, 0.1F, 0, 0, 1, 1, 0.2F, 0.4F, 0.6F, 0.8F}, 4};
  mesh.group_names = {"b", "a"};
  mesh.face_groups = {1, 0};
  mesh.textures = {{.path = "", .picture = picture_of("\xFF\xD8 jpeg"), .scale = {2, 3}, .offset = {0.5F, 0.25F}},
                   {.path = "", .picture = picture_of("\x89PNG 1"), .wrap = {Wrap::kClamp, Wrap::kMirror}}};
  mesh.materials = {{.name = "b", .diffuse = {0.1F, 0.2F, 0.3F}, .metallic = 0.25F, .roughness = 0.5F, .texture = 0},
                    {.name = "a",
                     .ambient = {0.1F, 0, 0},
                     .specular = {0, 0.2F, 0},
                     .shininess = 30,
                     .opacity = 0.3F,
                     .illumination = 7,
                     .texture = 1}};
  return mesh;
}

void expect_same_textures(const std::vector<Texture>& found, const std::vector<Texture>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].path, expected[i].path);
    ASSERT_EQ(found[i].picture == nullptr, expected[i].picture == nullptr);
    if (found[i].picture) {
      EXPECT_EQ(*found[i].picture, *expected[i].picture);
    }
    EXPECT_EQ(found[i].wrap, expected[i].wrap);
    EXPECT_EQ(found[i].scale, expected[i].scale);
    EXPECT_EQ(found[i].offset, expected[i].offset);
  }
}

void expect_same(const MeshData& found, const MeshData& expected) {
  EXPECT_EQ(found.verts, expected.verts);
  EXPECT_EQ(found.faces, expected.faces);
  EXPECT_EQ(found.uvs, expected.uvs);
  EXPECT_EQ(found.uv_faces, expected.uv_faces);
  EXPECT_EQ(found.normals, expected.normals);
  EXPECT_EQ(found.normal_faces, expected.normal_faces);
  EXPECT_EQ(found.colors.values, expected.colors.values);
  EXPECT_EQ(found.colors.channels, expected.colors.channels);
  EXPECT_EQ(found.group_names, expected.group_names);
  EXPECT_EQ(found.face_groups, expected.face_groups);
  EXPECT_EQ(found.materials, expected.materials);
  expect_same_textures(found.textures, expected.textures);
  EXPECT_TRUE(found.warnings.empty());
}

nlohmann::json json_of(const std::string& path) {
  const std::string glb = read_file(path);
  uint32_t size = 0;
  std::memcpy(&size, glb.data() + 12, 4);
  return nlohmann::json::parse(glb.substr(20, size));
}

TEST(GlbWriter, AMeshIsReadBack) {
  const TempFolder folder;
  save_mesh(folder / "m.glb", textured_square());
  expect_same(load_mesh(folder / "m.glb"), textured_square());
}

TEST(GlbWriter, PartsOfAMeshAreReadBack) {
  const TempFolder folder;
  const auto expect_back = [&](const auto& change) {
    MeshData mesh = textured_square();
    change(mesh);
    save_mesh(folder / "m.glb", mesh);
    expect_same(load_mesh(folder / "m.glb"), mesh);
  };
  expect_back([](MeshData& mesh) { mesh.normals.clear(); });
  expect_back([](MeshData& mesh) { mesh.colors = {{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0}, 3}; });
  expect_back([](MeshData& mesh) {
    mesh.uvs.clear();
    mesh.uv_faces.clear();
    mesh.colors = {};
  });
  expect_back([](MeshData& mesh) { mesh.uv_faces = {0, 1, -1, -1, 4, 0}; });
  expect_back([](MeshData& mesh) {
    mesh.face_groups = {-1, 0};
    mesh.group_names = {"b"};
    mesh.materials.resize(1);
    mesh.textures.resize(1);
  });
  expect_back([](MeshData& mesh) {
    mesh.group_names.clear();
    mesh.face_groups.clear();
    mesh.materials.clear();
    mesh.textures.clear();
  });
}

TEST(GlbWriter, MorphTargetsAndHeadWeightsAreReadBack) {
  const TempFolder folder;
  MeshData mesh = textured_square();
  mesh.morphs = {
      {"smile", {1, 3}, {1, 2, 3, 4, 5, 6}}, {"none", {}, {}}, {"all", {0, 1, 2, 3}, std::vector<float>(12, 1)}};
  mesh.head_weights = {1, 0.5F, 0.25F, 0};
  mesh.head_joint = {0.5F, 1, 2};
  write_glb(folder / "m.glb", mesh, {{"all", {"smile", "none"}}});
  const GltfFile file = read_gltf(folder / "m.glb");
  expect_same(file.mesh, mesh);
  ASSERT_EQ(file.mesh.morphs.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(file.mesh.morphs[i].name, mesh.morphs[i].name);
    EXPECT_EQ(file.mesh.morphs[i].verts, mesh.morphs[i].verts);
    EXPECT_EQ(file.mesh.morphs[i].offsets, mesh.morphs[i].offsets);
  }
  EXPECT_EQ(file.mesh.head_weights, mesh.head_weights);
  EXPECT_EQ(file.mesh.head_joint, mesh.head_joint);
  ASSERT_EQ(file.correctives.size(), 1U);
  EXPECT_EQ(file.correctives[0].factors, (std::vector<std::string>{"smile", "none"}));
}

// The file without the extension, as other readers see it.
TEST(GlbWriter, OtherReadersSeeTheSameCorners) {
  const TempFolder folder;
  const MeshData mesh = textured_square();
  write_glb(folder / "m.glb", mesh);
  std::string glb = read_file(folder / "m.glb");
  const size_t at = glb.find("BISQUE_topology\":{");
  ASSERT_NE(at, std::string::npos);
  glb.replace(at, 6, "OTHER_");
  const MeshData plain = read_gltf(folder.write("plain.glb", glb)).mesh;
  EXPECT_EQ(plain.num_verts(), 6);  // two verts have two uvs
  ASSERT_EQ(plain.num_faces(), 2);
  const size_t order[] = {1, 0};  // sorted by group
  for (size_t f = 0; f < 2; ++f) {
    for (size_t k = 0; k < 3; ++k) {
      const auto found = static_cast<size_t>(plain.faces[f * 3 + k]);
      const auto vert = static_cast<size_t>(mesh.faces[order[f] * 3 + k]);
      const auto uv = static_cast<size_t>(mesh.uv_faces[order[f] * 3 + k]);
      const auto found_uv = static_cast<size_t>(plain.uv_faces[f * 3 + k]);
      for (size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(plain.verts[found * 3 + i], mesh.verts[vert * 3 + i]);
        EXPECT_EQ(plain.normals[found * 3 + i], mesh.normals[vert * 3 + i]);
      }
      for (size_t i = 0; i < 4; ++i) EXPECT_EQ(plain.colors.values[found * 4 + i], mesh.colors.values[vert * 4 + i]);
      for (size_t i = 0; i < 2; ++i) EXPECT_FLOAT_EQ(plain.uvs[found_uv * 2 + i], mesh.uvs[uv * 2 + i]);
    }
    EXPECT_EQ(plain.group_names[static_cast<size_t>(plain.face_groups[f])], f == 0 ? "b" : "a");
  }
}

TEST(GlbWriter, NormalsOfCornersSplitVerts) {
  const TempFolder folder;
  MeshData mesh = textured_square();
  mesh.normals = {0, 0, 1, 1, 0, 0};
  mesh.normal_faces = {0, 0, 0, 1, 1, 1};
  mesh.uvs.clear();
  mesh.uv_faces.clear();
  mesh.face_groups = {0, 1};
  write_glb(folder / "m.glb", mesh);
  const MeshData found = load_mesh(folder / "m.glb");
  EXPECT_EQ(found.num_verts(), 6);
  EXPECT_TRUE(found.normal_faces.empty());
  EXPECT_EQ(found.faces, (std::vector<int32_t>{0, 1, 2, 4, 5, 3}));
  EXPECT_EQ(found.normals, (std::vector<float>{0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(found.materials, mesh.materials);
}

TEST(GlbWriter, MaterialsOfOneNameStayApart) {
  const TempFolder folder;
  MeshData mesh = textured_square();
  mesh.group_names = {"a", "a"};
  write_glb(folder / "m.glb", mesh);
  const MeshData found = load_mesh(folder / "m.glb");
  EXPECT_EQ(found.group_names, (std::vector<std::string>{"a", "a_1"}));
  EXPECT_EQ(found.materials.at(0).metallic, 0.25F);
  EXPECT_EQ(found.materials.at(1).shininess, 30);
}

TEST(GlbWriter, EachPictureIsWrittenOnce) {
  const TempFolder folder;
  MeshData mesh = textured_square();
  mesh.textures[1].picture = mesh.textures[0].picture;
  write_glb(folder / "m.glb", mesh);
  EXPECT_EQ(json_of(folder / "m.glb")["images"].size(), 1U);
  const MeshData found = load_mesh(folder / "m.glb");
  EXPECT_EQ(found.textures.at(0).picture, found.textures.at(1).picture);
}

TEST(GlbWriter, PicturesInItsFolderAreNamedAndOthersEmbedded) {
  const TempFolder folder;
  const TempFolder other;
  MeshData mesh = textured_square();
  mesh.textures = {{.path = folder / "sub/a b%:\xC3\xA9.png"}, {.path = other.write("c.png", "\x89PNG other")}};
  write_glb(folder / "m.glb", mesh);
  const MeshData found = load_mesh(folder / "m.glb");
  MeshData expected = mesh;
  expected.textures[1] = {.path = "", .picture = picture_of("\x89PNG other")};
  expect_same(found, expected);
  mesh.textures[1].path = other / "absent.png";
  EXPECT_EQ(error_of([&] { write_glb(folder / "n.glb", mesh); }),
            other / "absent.png" + ": cannot be opened for reading (No such file or directory).");
  mesh.textures[1] = {.path = "", .picture = picture_of("GIF89a")};
  EXPECT_EQ(error_of([&] { write_glb(folder / "n.glb", mesh); }),
            folder / "n.glb" + ": the mesh has a picture that is neither PNG nor JPEG, which glTF does not allow.");
  EXPECT_EQ(folder.num_files(), 1U);
}

TEST(GlbWriter, AMeshThatWouldNotReadBackIsNotWritten) {
  const TempFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto error = [&](const auto& change) {
    MeshData mesh = textured_square();
    change(mesh);
    const std::string text = error_of([&] { write_glb(folder / "m", mesh); });
    const std::string prefix = folder / "m" + ": ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  };
  const auto not_finite = [](const std::string& what) {
    return "the mesh's " + what + " hold a value that is not finite, which glTF does not allow.";
  };
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.verts[1] = nan; }), not_finite("verts"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.uvs[1] = nan; }), not_finite("uvs"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.normals[1] = nan; }), not_finite("normals"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.colors.values[1] = nan; }), not_finite("colors"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.materials[1].diffuse[2] = nan; }), not_finite("materials"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.materials[1].roughness = nan; }), not_finite("materials"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.textures[1].scale[0] = nan; }), not_finite("textures"));
  EXPECT_EQ(error([&](MeshData& mesh) { mesh.morphs = {{"a", {1}, {0, 0, nan}}}; }), not_finite("morph targets"));
  EXPECT_EQ(error([](MeshData& mesh) {
              mesh.morphs = {{"a", {4}, {0, 0, 0}}};
            }),
            "a morph target moves vertex 4, expected increasing indices below 4.");
  EXPECT_EQ(error([](MeshData& mesh) {
              mesh.morphs = {{"a", {1, 1}, {0, 0, 0, 0, 0, 0}}};
            }),
            "a morph target moves vertex 1, expected increasing indices below 4.");
  EXPECT_EQ(error([](MeshData& mesh) {
              mesh.morphs = {{"a", {1}, {0, 0}}};
            }),
            "a morph target has 2 values for 1 verts, expected 3 for each.");
  EXPECT_EQ(error([](MeshData& mesh) { mesh.faces[0] = 4; }), "The mesh's faces hold index 4, expected 0 to 3.");
  EXPECT_EQ(error([](MeshData& mesh) { mesh.materials[0].texture = 2; }),
            "The mesh's materials hold index 2, expected -1 to 1.");
  EXPECT_EQ(error([](MeshData& mesh) {
              mesh = {};
              mesh.verts = {0, 0, 0};
            }),
            "the mesh has no faces, which a .glb file needs.");
  EXPECT_EQ(error([](MeshData& mesh) { mesh.group_names[0] = "\xFF"; }), "a name of the mesh is not UTF-8.");
  EXPECT_EQ(folder.num_files(), 0U);
  EXPECT_EQ(error_of([&] { write_glb("/dev/full", textured_square()); }),
            "/dev/full: cannot be written (No space left on device).");
}

}  // namespace
}  // namespace bisque
