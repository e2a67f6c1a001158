#include <bisque/tests/ops3d/io/gltf_builder.h>

#include <bisque/core/serialization/text.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

const std::string kPng = "\x89PNG picture";

// A square with materials; the first primitive has material 0, which has texture 0, which has image 0 and sampler 0.
class TexturedGltf : public TestGltf {
 public:
  TexturedGltf() {
    root["materials"] = {{{"name", "skin"}, {"pbrMetallicRoughness", {{"baseColorTexture", {{"index", 0}}}}}}};
    root["textures"] = {{{"source", 0}, {"sampler", 0}}};
    root["samplers"] = {json::object()};
    root["images"] = {{{"mimeType", "image/png"}, {"bufferView", add_view(bytes(kPng))}}};
    first_primitive()["material"] = 0;
  }

  static std::vector<char> bytes(const std::string& text) { return {text.begin(), text.end()}; }

  // Adds a primitive with its own material, which has the texture.
  void add_material(const std::string& name, int texture) {
    root["materials"].push_back(
        {{"name", name}, {"pbrMetallicRoughness", {{"baseColorTexture", {{"index", texture}}}}}});
    json other = first_primitive();
    other["material"] = root["materials"].size() - 1;
    root["meshes"][0]["primitives"].push_back(other);
  }

  json& color() { return root["materials"][0]["pbrMetallicRoughness"]; }
  json& reference() { return color()["baseColorTexture"]; }
};

std::string picture_text(const Texture& texture) {
  return texture.picture ? std::string(text_of(*texture.picture)) : "none";
}

TEST(GltfMaterials, ReadsBaseColors) {
  TexturedGltf gltf;
  gltf.color()["baseColorFactor"] = {0.5, 0.25, 0.125, 0.75};
  gltf.color()["metallicFactor"] = 0.5;
  const Material opaque = gltf.read().materials.at(0);
  EXPECT_EQ(opaque.name, "skin");
  EXPECT_EQ(opaque.diffuse, (std::array{0.5F, 0.25F, 0.125F}));
  EXPECT_EQ(opaque.opacity, 1);  // alphaMode OPAQUE
  EXPECT_EQ(opaque.metallic, 0.5F);
  EXPECT_EQ(opaque.roughness, 1);
  EXPECT_EQ(opaque.texture, 0);
  gltf.root["materials"][0]["alphaMode"] = "BLEND";
  gltf.color()["roughnessFactor"] = 0.25;
  gltf.color().erase("metallicFactor");
  gltf.color().erase("baseColorTexture");
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.materials.at(0).opacity, 0.75F);
  EXPECT_EQ(mesh.materials[0].roughness, 0.25F);
  EXPECT_EQ(mesh.materials[0].metallic, 1);
  EXPECT_EQ(mesh.materials[0].texture, -1);
  EXPECT_TRUE(mesh.textures.empty() && mesh.warnings.empty());
}

TEST(GltfMaterials, AreThoseOfTheGroups) {
  TexturedGltf gltf;
  gltf.root["materials"].push_back({{"name", "unused"}});
  gltf.add_material("eyes", 0);
  gltf.root["materials"].push_back({{"name", "unused"}});
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"skin", "eyes"}));
  EXPECT_EQ(mesh.face_groups, (Ints{0, 0, 1, 1}));
  ASSERT_EQ(mesh.materials.size(), 2U);
  EXPECT_EQ(mesh.materials[1].name, "eyes");
  check_mesh_arrays(mesh);
  EXPECT_TRUE(TestGltf().read().materials.empty());
}

TEST(GltfMaterials, OfOneNameAreOneGroupIfTheyAreEqual) {
  TexturedGltf gltf;
  gltf.add_material("skin", 0);
  EXPECT_EQ(gltf.read().group_names, (std::vector<std::string>{"skin"}));
  gltf.root["materials"][1]["pbrMetallicRoughness"]["metallicFactor"] = 0;
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"skin", "skin_1"}));
  EXPECT_EQ(mesh.materials.at(1).metallic, 0);
  EXPECT_EQ(mesh.face_groups, (Ints{0, 0, 1, 1}));
}

TEST(GltfMaterials, EmbeddedPicturesAreHeldOnce) {
  TexturedGltf gltf;
  const json view = gltf.root["images"][0];
  const json uri{{"uri", "data:image/png;base64,iVBORwo="}};
  gltf.root["images"] = {view, view, uri, uri};
  gltf.root["samplers"].push_back({{"wrapS", 33071}, {"wrapT", 33648}});
  for (int i = 1; i < 4; ++i) {
    gltf.root["textures"].push_back({{"source", i}});
    gltf.add_material("m" + std::to_string(i), i);
  }
  gltf.root["textures"].push_back({{"source", 0}, {"sampler", 1}});
  gltf.add_material("m4", 4);
  const MeshData mesh = gltf.read();
  ASSERT_EQ(mesh.textures.size(), 3U);
  EXPECT_EQ(picture_text(mesh.textures[0]), kPng);
  EXPECT_TRUE(mesh.textures[0].path.empty());
  EXPECT_EQ(picture_text(mesh.textures[1]), "\x89PNG\n");
  EXPECT_EQ(mesh.textures[2].picture, mesh.textures[0].picture);  // one copy, with another wrap mode
  EXPECT_EQ(mesh.textures[0].wrap, (std::array{Wrap::kRepeat, Wrap::kRepeat}));
  EXPECT_EQ(mesh.textures[2].wrap, (std::array{Wrap::kClamp, Wrap::kMirror}));
  std::vector<int32_t> textures;
  for (const Material& material : mesh.materials) textures.push_back(material.texture);
  EXPECT_EQ(textures, (Ints{0, 0, 1, 1, 2}));
}

TEST(GltfMaterials, PicturesInFilesAreNamedByTheirPaths) {
  const TempFolder folder;
  TexturedGltf gltf;
  gltf.root["images"] = {{{"uri", "sub/a%20b%3A.png"}}};
  const MeshData mesh = read_gltf(folder.write("f.glb", gltf.glb())).mesh;
  ASSERT_EQ(mesh.textures.size(), 1U);
  EXPECT_EQ(mesh.textures[0].path, folder / "sub/a b:.png");
  EXPECT_EQ(mesh.textures[0].picture, nullptr);
  EXPECT_EQ(gltf.read().textures.at(0).path, "sub/a b:.png");
}

TEST(GltfMaterials, PicturesThatCannotBeReadAreWarnings) {
  const auto expect_warning = [](const std::string& warning, const auto& change) {
    TexturedGltf gltf;
    change(gltf);
    gltf.add_material("second", 0);
    const MeshData mesh = gltf.read();
    EXPECT_EQ(mesh.materials.at(0).texture, mesh.textures.empty() ? -1 : 0);
    EXPECT_EQ(mesh.warnings, (std::vector<std::string>{"f.glb: " + warning}));
  };
  for (const char* uri : {"../a.png", "/etc/passwd", "%2e%2e/a.png", "http://x/a.png", "", "a%00b"}) {
    expect_warning("pictures outside the folder of the file are ignored.", [&](TexturedGltf& gltf) {
      gltf.root["images"] = {{{"uri", uri}}};
    });
  }
  expect_warning("textures without a PNG or JPEG picture are ignored.",
                 [](TexturedGltf& gltf) { gltf.root["textures"][0].erase("source"); });
  TexturedGltf gltf;
  gltf.reference()["texCoord"] = 1;
  MeshData mesh = gltf.read();
  EXPECT_TRUE(mesh.textures.empty());
  EXPECT_EQ(mesh.warnings,
            (std::vector<std::string>{"f.glb: textures that are not placed by TEXCOORD_0 are ignored."}));
  gltf.reference() = {{"index", 0}};
  gltf.root["materials"][0]["normalTexture"] = {{"index", 99}};
  mesh = gltf.read();
  EXPECT_EQ(mesh.textures.size(), 1U);
  EXPECT_EQ(mesh.warnings,
            (std::vector<std::string>{"f.glb: textures other than those of the base colour are ignored."}));
}

TEST(GltfMaterials, ReadsTransformsOfTextures) {
  TexturedGltf gltf;
  gltf.reference()["extensions"]["KHR_texture_transform"] = {{"offset", {0.5, 0.25}}, {"scale", {2, 3}}};
  MeshData mesh = gltf.read();
  const Texture texture = mesh.textures.at(0);
  // At u = 0.125, v = 0.5 from the upper left, glTF reads 0.5 + 2 * 0.125, 0.25 + 3 * 0.5.
  EXPECT_EQ(texture.scale[0] * 0.125F + texture.offset[0], 0.75F);
  EXPECT_EQ(texture.scale[1] * 0.5F + texture.offset[1], 1 - 1.75F);
  gltf.reference()["extensions"]["KHR_texture_transform"] = {{"rotation", 1}};
  mesh = gltf.read();
  EXPECT_EQ(mesh.textures.at(0).scale, (std::array{1.F, 1.F}));
  EXPECT_EQ(mesh.warnings, (std::vector<std::string>{"f.glb: rotations of textures are ignored."}));
  gltf.reference()["extensions"]["KHR_texture_transform"] = {{"texCoord", 1}};
  EXPECT_TRUE(gltf.read().textures.empty());
}

// The reason why the file's material is ignored; the mesh and the material's name are kept.
std::string reason_of(TexturedGltf& gltf) {
  const MeshData mesh = gltf.read();
  EXPECT_EQ(mesh.num_faces(), 2);
  EXPECT_EQ(mesh.materials, std::vector<Material>{{.name = mesh.group_names.at(0)}});
  EXPECT_EQ(mesh.warnings.size(), 1U);
  const std::string warning = mesh.warnings.empty() ? "" : mesh.warnings[0], end = " The material is ignored.";
  return warning.ends_with(end) ? warning.substr(0, warning.size() - end.size()) : warning;
}

TEST(GltfMaterials, WrongIndicesAndRangesAreWarnings) {
  const auto reason = [](const auto& change) {
    TexturedGltf gltf;
    change(gltf);
    return reason_of(gltf);
  };
  EXPECT_EQ(reason([](TexturedGltf& g) { g.reference()["index"] = 1; }),
            "f.glb: materials[0] refers to textures[1], but the file has 1.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["textures"][0]["source"] = 7; }),
            "f.glb: a texture refers to images[7], but the file has 1.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root.erase("images"); }),
            "f.glb: a texture refers to images[0], but the file has 0.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["textures"][0]["sampler"] = 1; }),
            "f.glb: a texture refers to samplers[1], but the file has 1.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["samplers"][0]["wrapT"] = 5; }),
            "f.glb: samplers[0].wrapT is 5, expected 10497, 33071 or 33648.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["images"][0]["bufferView"] = 9; }),
            "f.glb: images[0] refers to bufferViews[9], but the file has 3.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["bufferViews"][2]["byteLength"] = 1000; }),
            "f.glb: images[0] in bufferView 2 reaches beyond the 72 bytes of its buffer.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["bufferViews"][2]["byteOffset"] = UINT64_MAX; }),
            "f.glb: images[0] in bufferView 2 reaches beyond the 72 bytes of its buffer.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["bufferViews"][2]["buffer"] = 3; }),
            "f.glb: images[0] in bufferView 2 reaches beyond the 0 bytes of its buffer.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["bufferViews"][2]["byteLength"] = 0; }),
            "f.glb: images[0] has no bytes.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["images"][0]["uri"] = "a.png"; }),
            "f.glb: images[0] has not either a uri or a bufferView.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.root["images"][0].erase("bufferView"); }),
            "f.glb: images[0] has not either a uri or a bufferView.");
  EXPECT_EQ(reason([](TexturedGltf& g) {
              g.root["images"] = {{{"uri", "data:image/png;base64,A*A="}}};
            }),
            "f.glb: images[0] has a data: uri with characters that are not base64.");
  EXPECT_EQ(reason([](TexturedGltf& g) { g.color()["metallicFactor"] = 1e300; }),
            "f.glb: materials[0] holds a number outside the range of float.");
}

TEST(GltfMaterials, WrongTypesAreWarnings) {
  const std::string material = "/materials/0/", color = material + "pbrMetallicRoughness/";
  const std::vector<std::pair<std::string, json>> wrong = {
      {material + "alphaMode", 1},
      {material + "extensions/BISQUE_phong/shininess", "x"},
      {color + "baseColorFactor", {1, 1, 1}},
      {color + "roughnessFactor", "x"},
      {color + "baseColorTexture/index", "x"},
      {color + "baseColorTexture", json::object()},
      {color + "baseColorTexture/extensions/KHR_texture_transform/scale", {1}},
      {"/textures/0/source", "x"},
      {"/images/0/uri", 1},
      {"/samplers/0/wrapS", "x"},
  };
  for (const auto& [pointer, value] : wrong) {
    TexturedGltf gltf;
    if (pointer == "/images/0/uri") gltf.root["images"][0].erase("bufferView");
    gltf.root[json::json_pointer(pointer)] = value;
    EXPECT_EQ(reason_of(gltf), "f.glb: materials[0] does not follow the glTF 2.0 schema.") << pointer;
  }
}

// Many images in one view's bytes would be a large mesh from a small file.
TEST(GltfMaterials, PicturesDoNotOverlap) {
  TexturedGltf gltf;
  const int view = gltf.add_view(std::vector<char>(1000, 'x'));
  for (int i = 1; i < 4; ++i) {
    json part = gltf.root["bufferViews"][static_cast<size_t>(view)];
    part["byteLength"] = 1000 - i;
    gltf.root["bufferViews"].push_back(part);
    gltf.root["images"].push_back({{"bufferView", view + i}});
    gltf.root["textures"].push_back({{"source", i}});
    gltf.add_material("m" + std::to_string(i), i);
  }
  EXPECT_EQ(gltf.read().warnings,
            (std::vector<std::string>{"f.glb: images[2] overlaps other images. The material is ignored.",
                                      "f.glb: images[3] overlaps other images. The material is ignored."}));
}

}  // namespace
}  // namespace bisque
