#include <bisque/renderer/models/model_textures.h>

#include <gtest/gtest.h>

#include <filesystem>

#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/models/glb_writer.h>
#include <bisque/renderer/models/model_file.h>
#include <bisque/renderer/models/read_model.h>
#include <bisque/renderer/pictures/png.h>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using test::error_of;
using test::TempFolder;

const Picture kPicture{2, 1, 3, {255, 0, 0, 0, 255, 0}};

std::shared_ptr<const std::vector<std::byte>> png() {
  return std::make_shared<const std::vector<std::byte>>(encode_png(kPicture, "test"));
}

/// Two triangles of two materials, of which the first has a texture.
BlendshapeData textured_model(Texture texture) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0};
  mesh.faces = {0, 1, 2, 1, 3, 2};
  mesh.uvs = {0, 0, 1, 0, 0, 1, 1, 1};
  mesh.uv_faces = mesh.faces;
  mesh.group_names = {"skin", "teeth"};
  mesh.face_groups = {0, 1};
  mesh.materials = {
      {.name = "skin", .diffuse = {0.1F, 0.2F, 0.3F}, .texture = 0},
      {.name = "teeth", .specular = {0.5F, 0.5F, 0.5F}, .shininess = 20, .opacity = 0.5F, .illumination = 4}};
  mesh.textures = {std::move(texture)};
  mesh.morphs = {{"jawOpen", {0}, {0, 0, 1}}};
  return make_blendshapes(std::move(mesh));
}

Texture embedded() {
  return {
      .path = "", .picture = png(), .wrap = {Wrap::kClamp, Wrap::kMirror}, .scale = {2, 0.1F}, .offset = {0.25F, 0}};
}

void expect_same_look(const BlendshapeData& a, const BlendshapeData& b) {
  EXPECT_EQ(a.group_names, b.group_names);
  EXPECT_EQ(a.materials, b.materials);
  ASSERT_EQ(a.textures.size(), b.textures.size());
  for (size_t i = 0; i < a.textures.size(); ++i) {
    Texture left = a.textures[i], right = b.textures[i];
    ASSERT_TRUE(left.picture && right.picture);
    EXPECT_EQ(*left.picture, *right.picture);
    left.picture = right.picture = nullptr;
    EXPECT_EQ(left, right);
  }
}

TEST(ReadTextures, ReadsPicturesOfFiles) {
  const TempFolder folder;
  write_png(folder / "skin.png", kPicture);
  BlendshapeData model = textured_model({.path = folder / "skin.png"});
  model.textures.push_back({.path = folder / "skin.png", .scale = {2, 2}});
  read_textures(model);
  ASSERT_EQ(model.textures.size(), 2u);
  EXPECT_EQ(*model.textures[0].picture, *png());
  EXPECT_EQ(model.textures[0].picture, model.textures[1].picture) << "held once";
  EXPECT_TRUE(model.warnings.empty());
}

TEST(ReadTextures, RemovesThoseThatCannotBeRead) {
  const TempFolder folder;
  BlendshapeData model = textured_model({.path = folder / "none.png"});
  model.textures.push_back(embedded());
  model.textures.push_back({.path = folder.write("a.tga", "not a picture")});
  model.materials[1].texture = 1;
  read_textures(model);
  EXPECT_EQ(model.textures.size(), 1u);
  EXPECT_EQ(model.materials[0].texture, -1);
  EXPECT_EQ(model.materials[1].texture, 0);
  ASSERT_EQ(model.warnings.size(), 2u);
  test::expect_contains(model.warnings[0], "none.png");
  test::expect_contains(model.warnings[0], "The texture is ignored.");
  EXPECT_EQ(model.warnings[1], folder / "a.tga" + ": the picture is neither PNG nor JPEG. The texture is ignored.");
}

TEST(ReadTextures, AnUnsupportedPictureInTheModelIsRemoved) {
  const std::vector<std::byte> webp(40);
  BlendshapeData model = textured_model({.path = "", .picture = std::make_shared<const std::vector<std::byte>>(webp)});
  read_textures(model);
  EXPECT_TRUE(model.textures.empty());
  EXPECT_EQ(model.warnings,
            std::vector<std::string>{"A picture in the model is neither PNG nor JPEG. The texture is ignored."});
}

TEST(ModelTextures, AModelFileKeepsThem) {
  const TempFolder folder;
  BlendshapeData model = textured_model(embedded());
  model.textures.push_back(model.textures[0]);
  model.textures[1].offset = {0, 1};
  write_model(folder / "a.safetensors", model);
  expect_same_look(read_model(folder / "a.safetensors"), model);
  EXPECT_EQ(SafetensorsFile::open(folder / "a.safetensors").find("picture_1"), nullptr) << "one picture, held once";
}

TEST(ModelTextures, AModelFileKeepsThePathOfAPictureInAFile) {
  const TempFolder folder;
  const BlendshapeData model = textured_model({.path = "skin.png"});
  write_model(folder / "a.safetensors", model);
  EXPECT_EQ(read_model(folder / "a.safetensors").textures, model.textures);
}

TEST(ModelTextures, AGlbKeepsThem) {
  const TempFolder folder;
  BlendshapeData model = textured_model(embedded());
  write_glb(folder / "a.glb", model);
  expect_same_look(read_blendshapes(folder / "a.glb"), model);
}

TEST(ModelTextures, AnObjFolderHasTheNeutralsMaterials) {
  const TempFolder folder;
  write_png(folder / "skin.png", kPicture);
  folder.write("a.mtl", "newmtl skin\nKd 0.5 0.25 1\nmap_Kd -s 2 3 skin.png\n");
  const std::string obj =
      "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl skin\nf 1/1 2/2 3/3\n";
  folder.write("neutral.obj", obj);
  folder.write("jawOpen.obj", "mtllib a.mtl\nv 0 0 1\nv 1 0 0\nv 0 1 0\nusemtl skin\nf 1 2 3\n");
  BlendshapeData model = read_blendshapes(folder.path());
  EXPECT_TRUE(model.warnings.empty());
  ASSERT_EQ(model.materials.size(), 1u);
  EXPECT_EQ(model.materials[0].diffuse, (std::array<float, 3>{0.5F, 0.25F, 1}));
  EXPECT_EQ(model.materials[0].texture, 0);
  ASSERT_EQ(model.textures.size(), 1u);
  EXPECT_EQ(model.textures[0].scale, (std::array<float, 2>{2, 3}));
  read_textures(model);
  EXPECT_EQ(*model.textures.at(0).picture, *png());
}

TEST(ModelTextures, MaterialsThatAreOnlyNamesAreLeftOut) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  mesh.group_names = {"skin"};
  mesh.face_groups = {0};
  mesh.materials = {{.name = "skin"}};
  EXPECT_TRUE(make_blendshapes(mesh).materials.empty());
  mesh.materials[0].opacity = 0.5F;
  EXPECT_EQ(make_blendshapes(mesh).materials.size(), 1u);
}

/// The error of a model file whose metadata has this text in place of another.
std::string error_with(const std::string& text, const std::string& replacement) {
  const TempFolder folder;
  write_model(folder / "a.safetensors", textured_model(embedded()));
  std::string bytes = test::read_file(folder / "a.safetensors");
  const size_t at = bytes.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  EXPECT_EQ(text.size(), replacement.size());
  bytes.replace(at, text.size(), replacement);
  test::write_file(folder / "b.safetensors", bytes);
  const std::string message = error_of([&] { read_model(folder / "b.safetensors"); });
  return message.substr(std::min(message.size(), (folder / "b.safetensors").size()));
}

TEST(ModelTextures, AMalformedModelFileIsAnError) {
  EXPECT_EQ(error_with("mirror", "mirror"), "");
  EXPECT_EQ(error_with("mirror", "mirrro"),
            ": textures have the wrap mode \"mirrro\", expected repeat, clamp or mirror.");
  EXPECT_EQ(error_with("ambient", "ambiant"), ": materials or textures have another form than those of a model.");
  EXPECT_EQ(error_with("\\\"texture\\\":0", "\\\"texture\\\":7"), ": materials refer to texture 7, expected -1 to 0.");
  EXPECT_EQ(error_with("\\\"illumination\\\":2", "\\\"illumination\\\":x").substr(0, 11), ": materials");
  EXPECT_EQ(error_with("\\\"picture\\\":0", "\\\"picture\\\":1").substr(0, 10), ": has no t");
}

}  // namespace
}  // namespace bisque
