#include <bisque/ops3d/io/mtl.h>

#include <bisque/ops3d/io/obj.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using MtlInts = std::vector<int32_t>;
using MtlFloats = std::vector<float>;

MtlFile parsed_mtl(const std::string& text) { return parse_mtl(text, "d/f.mtl"); }

std::string mtl_error(const std::string& text) {
  return error_of([&] { parsed_mtl(text); });
}

TEST(Mtl, ReadsMaterials) {
  const MtlFile file = parsed_mtl(
      "# c\r\nnewmtl  a b \r\nKa 0.1 0.2 0.3\r\nKd .5\r\nKs 1 0 1e-1\r\nNs 96\r\nd 0.25\r\nillum 1\r\nKe 0 0 0\r\n"
      "map_Bump x.png\n\nnewmtl c\n Tr 0.25\n\tmap_Kd my picture.png\nnewmtl e\nd -halo 0.5\n");
  ASSERT_EQ(file.materials.size(), 3U);
  const Material& a = file.materials[0];
  EXPECT_EQ(a.name, "a b");
  EXPECT_EQ(a.ambient, (std::array<float, 3>{0.1F, 0.2F, 0.3F}));
  EXPECT_EQ(a.diffuse, (std::array<float, 3>{0.5F, 0.5F, 0.5F}));
  EXPECT_EQ(a.specular, (std::array<float, 3>{1, 0, 0.1F}));
  EXPECT_EQ(a.shininess, 96);
  EXPECT_EQ(a.opacity, 0.25F);
  EXPECT_EQ(a.illumination, 1);
  EXPECT_EQ(a.texture, -1);
  EXPECT_EQ(file.materials[1].opacity, 0.75F);
  EXPECT_EQ(file.materials[1].texture, 0);
  EXPECT_EQ(file.materials[2].opacity, 0.5F);
  ASSERT_EQ(file.textures.size(), 1U);
  EXPECT_EQ(file.textures[0].path, "d/my picture.png");
  EXPECT_TRUE(file.warnings.empty());
}

TEST(Mtl, ReadsOptionsOfTextures) {
  const auto texture = [](const std::string& statement) {
    return parsed_mtl("newmtl a\nmap_Kd " + statement + "\n").textures.at(0);
  };
  EXPECT_EQ(
      texture("-s 2 3 1 -o 0.5 0.25 -clamp on a b.png"),
      (Texture{.path = "d/a b.png", .wrap = {Wrap::kClamp, Wrap::kClamp}, .scale = {2, 3}, .offset = {0.5F, 0.25F}}));
  EXPECT_EQ(texture("-s 2 -clamp off 7.png"), (Texture{.path = "d/7.png", .scale = {2, 1}}));
  EXPECT_EQ(texture("-mm 0 1 -blendu on -t 1 1 1 -bm 0.5 x.png"), (Texture{.path = "d/x.png"}));
  EXPECT_EQ(texture("textures\\x.png").path, "d/textures/x.png");
  EXPECT_EQ(texture("/abs/x.png").path, "/abs/x.png");
}

TEST(Mtl, HoldsEachTextureOnce) {
  const MtlFile file =
      parsed_mtl("newmtl a\nmap_Kd x.png\nnewmtl b\nmap_Kd x.png\nnewmtl c\nmap_Kd -clamp on x.png\nnewmtl d\n");
  EXPECT_EQ(file.textures.size(), 2U);
  MtlInts textures;
  for (const Material& material : file.materials) textures.push_back(material.texture);
  EXPECT_EQ(textures, (MtlInts{0, 0, 1, -1}));
}

TEST(Mtl, SpectralColorsAreIgnoredWithAWarning) {
  const MtlFile file = parsed_mtl("newmtl a\nKd spectral f.rfl 1\nKs xyz 1 1 1\n");
  EXPECT_EQ(file.materials[0].diffuse, (std::array<float, 3>{1, 1, 1}));
  EXPECT_EQ(file.warnings,
            (std::vector<std::string>{"d/f.mtl: ignores a colour that is a spectral curve or CIE XYZ."}));
}

TEST(Mtl, Errors) {
  EXPECT_EQ(mtl_error("Kd 1 1 1\n"), "d/f.mtl: line 1: \"Kd\" precedes the first newmtl.");
  EXPECT_EQ(mtl_error("newmtl a\nKd 1 x 1\n"), "d/f.mtl: line 2: \"x\" is not a number.");
  EXPECT_EQ(mtl_error("newmtl a\nKd 1 1\n"), "d/f.mtl: line 2: ends early, expected a number.");
  EXPECT_EQ(mtl_error("newmtl a\nNs\n"), "d/f.mtl: line 2: ends early, expected a number.");
  EXPECT_EQ(mtl_error("newmtl a\nillum 1.5\n"), "d/f.mtl: line 2: \"1.5\" is not an integer.");
  EXPECT_EQ(mtl_error("newmtl a\nmap_Kd -s 1\n"), "d/f.mtl: line 2: ends early, expected the name of a picture.");
  EXPECT_EQ(mtl_error("newmtl a\nmap_Kd -q 1 x.png\n"), "d/f.mtl: line 2: \"-q\" is not an option of map_Kd.");
}

const std::string kTexturedObj =
    "mtllib m.mtl\nv 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 0 1 0 0 0 0.5\nv 1 1 0 0 0 0\nvt 0 0\nvt 1 1\nvn 0 0 1\nvn 0 1 0\n"
    "usemtl red\nf 1/1/1 2/2/2 3//2\nusemtl other\nf 2 3 4\nusemtl blue\nf 1/1 3/2 4/1\n";
const std::string kMtlFile = "newmtl red\nKd 1 0 0\nmap_Kd x.png\nnewmtl blue\nKd 0 0 1\nmap_Kd x.png\nnewmtl unused\n";

TEST(Mtl, MaterialsOfAnObjFileAreThoseOfItsGroups) {
  const TempFolder folder;
  folder.write("m.mtl", kMtlFile);
  const MeshData mesh = read_obj(folder.write("a.obj", kTexturedObj));
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"red", "other", "blue"}));
  EXPECT_EQ(mesh.face_groups, (MtlInts{0, 1, 2}));
  ASSERT_EQ(mesh.materials.size(), 3U);
  EXPECT_EQ(mesh.materials[0].diffuse, (std::array<float, 3>{1, 0, 0}));
  EXPECT_EQ(mesh.materials[1].name, "other");
  EXPECT_EQ(mesh.materials[1].texture, -1);
  EXPECT_EQ(mesh.materials[2].texture, 0);
  ASSERT_EQ(mesh.textures.size(), 1U);
  EXPECT_EQ(mesh.textures[0].path, folder / "x.png");
  EXPECT_EQ(mesh.warnings, (std::vector<std::string>{folder / "a.obj" +
                                                     ": the material \"other\" is in none of its material files."}));
  EXPECT_EQ(mesh.normals, (MtlFloats{0, 0, 1, 0, 1, 0}));
  EXPECT_EQ(mesh.normal_faces, (MtlInts{0, 1, 1, -1, -1, -1, -1, -1, -1}));
  EXPECT_EQ(mesh.colors.values, (MtlFloats{1, 0, 0, 0, 1, 0, 0, 0, 0.5F, 0, 0, 0}));
  check_mesh_arrays(mesh);
}

TEST(Mtl, AMalformedMaterialFileIsAWarning) {
  const TempFolder folder;
  folder.write("m.mtl", "newmtl red\nKd x\n");
  const MeshData mesh = read_obj(folder.write("a.obj", kTexturedObj));
  EXPECT_TRUE(mesh.materials.empty());
  EXPECT_EQ(mesh.num_faces(), 3);
  EXPECT_EQ(mesh.warnings, (std::vector<std::string>{"ignores materials: " + (folder / "m.mtl") +
                                                     ": line 2: \"x\" is not a number."}));
}

TEST(Mtl, ColorsOfObjVerts) {
  const std::string faces = "v 0 1 0 0 0 1\nf 1 2 3\n";
  EXPECT_EQ(parse_obj("v 0 0 0 255 0 0\nv 1 0 0 0 51 0\n" + faces, "f").colors.values,
            (MtlFloats{1, 0, 0, 0, 0.2F, 0, 0, 0, 1.0F / 255}));
  const MeshData alpha = parse_obj("v 0 0 0 1 0 0 0.5\nv 1 0 0 0 1 0 1\nv 1 0 0 0 1 0 1\nf 1 2 3\n", "f");
  EXPECT_EQ(alpha.colors.channels, 4);
  EXPECT_EQ(alpha.colors.values.size(), 12U);
  const MeshData weights = parse_obj("v 0 0 0 1\nv 1 0 0 1\nv 0 1 0 1\nf 1 2 3\n", "f");
  EXPECT_TRUE(weights.colors.empty() && weights.warnings.empty());
  const MeshData some = parse_obj("v 0 0 0\nv 1 0 0 0 1 0\n" + faces, "f");
  EXPECT_TRUE(some.colors.empty());
  EXPECT_EQ(some.warnings, (std::vector<std::string>{"f: ignores the colours of verts, which not all of them have."}));
  EXPECT_EQ(error_of([&] { parse_obj("v 0 0 0 1e99 0 0\n", "f"); }), "f: line 1: \"1e99\" is not a colour.");
}

TEST(Mtl, NormalsOfObjCorners) {
  const std::string verts = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 1\n";
  EXPECT_EQ(parse_obj(verts + "f 1 2 3\nf 1//1 2//-1 3//1 4//1\n", "f").normal_faces,
            (MtlInts{-1, -1, -1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(parse_obj(verts + "vt 0 0\nf 1// 2/1/ 3//1\n", "f").normal_faces, (MtlInts{-1, -1, 0}));
  EXPECT_TRUE(parse_obj(verts + "f 1 2 3\n", "f").normal_faces == (MtlInts{-1, -1, -1}));
  EXPECT_EQ(error_of([&] { parse_obj(verts + "f 1//2 2//1 3//1\n", "f"); }),
            "f: line 6: refers to normal 2, but the file has 1.");
  EXPECT_EQ(error_of([&] { parse_obj(verts + "vn 1 2\nf 1 2 3\n", "f"); }),
            "f: line 6: has 2 numbers, expected at least 3.");
}

TEST(Mtl, WritesWhatItReads) {
  const TempFolder folder;
  folder.write("m.mtl", kMtlFile + "Ns 3\nd 0.5\nillum 0\nmap_Kd -s 2 3 -o 0.5 1 -clamp on y.png\n");
  MeshData mesh = read_obj(folder.write("a.obj", kTexturedObj + "usemtl unused\nf 1 2 3\n"));
  write_obj(folder / "b.obj", mesh);
  const MeshData read = read_obj(folder / "b.obj");
  EXPECT_EQ(read.verts, mesh.verts);
  EXPECT_EQ(read.faces, mesh.faces);
  EXPECT_EQ(read.uvs, mesh.uvs);
  EXPECT_EQ(read.uv_faces, mesh.uv_faces);
  EXPECT_EQ(read.normals, mesh.normals);
  EXPECT_EQ(read.normal_faces, mesh.normal_faces);
  EXPECT_EQ(read.colors.values, mesh.colors.values);
  EXPECT_EQ(read.group_names, mesh.group_names);
  EXPECT_EQ(read.face_groups, mesh.face_groups);
  EXPECT_EQ(read.textures, mesh.textures);
  ASSERT_EQ(read.materials.size(), 4U);
  EXPECT_EQ(read.materials[3].opacity, 0.5F);
  EXPECT_EQ(read.materials[3].illumination, 0);
  EXPECT_EQ(read.materials[3].texture, 1);
}

TEST(Mtl, WritesAClearObj) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0.25F, 0, 1, 0};
  mesh.normals = {0, 0, 1, 0, 0, 1, 0, 0, 1};
  mesh.faces = {0, 1, 2};
  write_obj(folder / "a.obj", mesh, {.decimal_places = 1});
  EXPECT_EQ(read_file(folder / "a.obj"),
            "# bisque\nv 0.0 0.0 0.0\nv 1.0 0.0 0.2\nv 0.0 1.0 0.0\nvn 0.0 0.0 1.0\nvn 0.0 0.0 1.0\nvn 0.0 0.0 1.0\n"
            "f 1//1 2//2 3//3\n");
  EXPECT_EQ(folder.num_files(), 1U);
  mesh.group_names = {"a\nb"};
  mesh.face_groups = {0};
  EXPECT_EQ(error_of([&] { write_obj(folder / "b.obj", mesh); }),
            folder / "b.obj" + ": a name of the mesh has a line break.");
}

TEST(Mtl, PicturesOfTheMeshAreWrittenBesideTheFile) {
  const TempFolder folder;
  const auto picture = [](std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  };
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  mesh.face_groups = {0};
  mesh.group_names = {"a", "b", "c"};
  mesh.textures = {{.path = "", .picture = picture("\x89PNG 1")}, {.path = "", .picture = picture("\xFF\xD8 2")}};
  mesh.textures.push_back(mesh.textures[0]);
  mesh.textures[2].wrap = {Wrap::kClamp, Wrap::kClamp};
  for (int32_t i = 0; i < 3; ++i) mesh.materials.push_back({.name = mesh.group_names[i], .texture = i});
  write_obj(folder / "m.obj", mesh);
  EXPECT_EQ(folder.num_files(), 4U);
  EXPECT_EQ(read_file(folder / "m_0.png"), "\x89PNG 1");
  EXPECT_EQ(read_file(folder / "m_1.jpg"), "\xFF\xD8 2");
  const MtlFile file = parse_mtl(read_file(folder / "m.mtl"), folder / "m.mtl");
  ASSERT_EQ(file.textures.size(), 3U);
  EXPECT_EQ(file.textures[0].path, folder / "m_0.png");
  EXPECT_EQ(file.textures[1].path, folder / "m_1.jpg");
  EXPECT_EQ(file.textures[2].path, folder / "m_0.png");
  EXPECT_EQ(picture_extension(*picture(std::string_view("RIFF\0\0\0\0WEBPVP8", 15))), ".webp");
  EXPECT_EQ(picture_extension(*picture("RIFFWEBP")), "");
  EXPECT_EQ(picture_extension({}), "");
}

}  // namespace
}  // namespace bisque
