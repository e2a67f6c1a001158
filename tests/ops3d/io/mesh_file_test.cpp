#include <bisque/ops3d/io/mesh_file.h>

#include <algorithm>

#include <bisque/core/serialization/formats.h>
#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/stl.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

const std::string kObjFile = "# c\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n";
const std::string kOffFile = "OFF 3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n";
const std::string kPlyFile =
    "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n";

MeshData one_triangle() {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  return mesh;
}

void expect_one_triangle(const MeshData& mesh) {
  EXPECT_EQ(mesh.verts, one_triangle().verts);
  EXPECT_EQ(mesh.faces, one_triangle().faces);
}

TEST(MeshFile, LoadsByExtensionInAnyCase) {
  const TempFolder folder;
  expect_one_triangle(load_mesh(folder.write("a.OBJ", kObjFile)));
  expect_one_triangle(load_mesh(folder.write("a.off", kOffFile)));
  expect_one_triangle(load_mesh(folder.write("a.Ply", kPlyFile)));
  expect_one_triangle(load_mesh(folder.write("a.off", "3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")));  // no keyword to see
  const std::string glb =
      (std::filesystem::path(case_file("x")).parent_path() / "../fuzz/corpus/gltf/morph.glb").string();
  EXPECT_GT(load_mesh(glb).num_faces(), 0);
}

TEST(MeshFile, SavesByExtension) {
  const TempFolder folder;
  for (const bool binary : {false, true}) {
    for (const std::string name : {"a.ply", "a.off", "a.STL", "a.obj", "a.glb"}) {
      save_mesh(folder / name, one_triangle(), {.binary = binary});
      expect_one_triangle(load_mesh(folder / name));
    }
  }
  save_mesh(folder / "a.off", one_triangle(), {.decimal_places = 1});
  EXPECT_EQ(read_file(folder / "a.off"), "OFF\n3 1 0\n0.0 0.0 0.0\n1.0 0.0 0.0\n0.0 1.0 0.0\n3 0 1 2\n");
}

TEST(MeshFile, OtherExtensionsAreSniffed) {
  const TempFolder folder;
  save_mesh(folder / "binary.stl", one_triangle());
  save_mesh(folder / "ascii.stl", one_triangle(), {.binary = false});
  for (const std::string& content :
       {kObjFile, kOffFile, kPlyFile, read_file(folder / "binary.stl"), read_file(folder / "ascii.stl")}) {
    expect_one_triangle(load_mesh(folder.write("mesh", content)));
    expect_one_triangle(load_mesh(folder.write("mesh.dat", content)));
  }
  EXPECT_EQ(error_of([&] { load_mesh(folder.write("a.dat", "hello")); }),
            folder / "a.dat" +
                ": is not a mesh by its extension or its content, expected one of .glb, .gltf, .obj, .off, "
                ".ply, .stl, .vrm.");
}

TEST(MeshFile, AWrongExtensionIsAnError) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { load_mesh(folder.write("a.stl", kPlyFile)); }),
            folder / "a.stl" + ": is named .stl but begins like a .ply file.");
  EXPECT_EQ(error_of([&] { load_mesh(folder.write("a.glb", kObjFile)); }),
            folder / "a.glb" + ": is named .glb but begins like a .obj file.");
  EXPECT_EQ(error_of([&] { load_mesh(folder.write("a.ply", "hello")); }),
            folder / "a.ply" + ": is not a PLY file, expected \"ply\" first.");
  EXPECT_NE(error_of([&] { load_mesh(folder / "absent.ply"); }), "");
  EXPECT_EQ(error_of([&] { save_mesh(folder / "a.vrm", one_triangle()); }),
            folder / "a.vrm" +
                ": has an extension of no mesh that can be written, expected one of .glb, .obj, .off, .ply, .stl.");
}

TEST(MeshFile, PluginsAddFormats) {
  const TempFolder folder;
  EXPECT_FALSE(is_mesh_path("a.tri"));
  formats().add({kMeshFormat, ".tri",
                 MeshFormat{.load = [](const std::string&) { return one_triangle(); },
                            .save = [](const std::string& path, const MeshData&,
                                       const SaveMeshOptions&) { write_file(path, "TRI"); },
                            .begins = [](std::string_view bytes) { return bytes.starts_with("TRI"); }}});
  EXPECT_TRUE(is_mesh_path("a.TRI"));
  EXPECT_EQ(mesh_extensions().back(), ".tri");
  save_mesh(folder / "a.tri", one_triangle());
  expect_one_triangle(load_mesh(folder / "a.tri"));
  expect_one_triangle(load_mesh(folder.write("a", "TRI")));
  EXPECT_EQ(error_of([&] { load_mesh(folder.write("a.off", "TRI")); }),
            folder / "a.off" + ": is named .off but begins like a .tri file.");
  formats().remove(kMeshFormat, ".tri");
  formats().add({kMeshFormat, ".tri", MeshFormat{.load = [](const std::string&) { return one_triangle(); }}});
  expect_one_triangle(load_mesh(folder / "a.tri"));
  EXPECT_NE(error_of([&] { save_mesh(folder / "a.tri", one_triangle()); }), "");
  formats().remove(kMeshFormat, ".tri");
  EXPECT_FALSE(is_mesh_path("a.tri"));
  EXPECT_EQ(error_of([] {
              formats().add({kMeshFormat, ".ply", MeshFormat{}});
            }),
            "the format .ply of a mesh is taken, expected an extension that is neither built in nor a plugin's.");
}

}  // namespace
}  // namespace bisque
