#include <bisque/ops3d/data/mesh_folder.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>

#include <bisque/core/data/combined.h>
#include <bisque/core/data/data_loader.h>
#include <bisque/ops3d/io/obj.h>
#include <bisque/tests/ops3d/io/gltf_builder.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;

/// A fan of a given number of triangles.
std::string obj_of(int triangles) {
  std::string text = "v 0 0 0\nv 1 0 0\n";
  for (int i = 0; i < triangles; ++i) {
    text += "v " + std::to_string(i) + " 1 0\nf 1 " + std::to_string(i + 2) + " " + std::to_string(i + 3) + "\n";
  }
  return text;
}

Tensor longs(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }

TEST(MeshFolder, GivesTheFilesSortedByName) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "b/deep");
  std::filesystem::create_directory(folder / "folder.obj");
  folder.write("c.OBJ", obj_of(1));
  folder.write("b/deep/2.obj", obj_of(3));
  folder.write("a.glb", TestGltf().glb());
  folder.write("b/1.obj", obj_of(2));
  folder.write("readme.txt", "none");
  folder.write("._a.glb", "hidden");
  std::filesystem::create_directory(folder / ".trash");
  folder.write(".trash/d.obj", obj_of(1));
  const MeshFolder meshes(folder.path());
  ASSERT_EQ(meshes.names(), (std::vector<std::string>{"a.glb", "b/1.obj", "b/deep/2.obj", "c.OBJ"}));
  EXPECT_EQ(MeshFolder(folder.path() + "/").names(), meshes.names());
  EXPECT_EQ(meshes.size(), 4);
  const MeshSample square = meshes[0];
  EXPECT_TRUE(
      square.verts.equal(at::tensor({0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 1.f, 0.f, 1.f, 1.f, 0.f}).view({4, 3})));
  EXPECT_TRUE(square.faces.equal(longs({0, 1, 2, 2, 1, 3}).view({2, 3})));
  EXPECT_TRUE(meshes[2].faces.equal(longs({0, 1, 2, 0, 2, 3, 0, 3, 4}).view({3, 3})));
  EXPECT_EQ(meshes[3].verts.sizes(), (std::vector<int64_t>{3, 3}));
}

TEST(MeshFolder, ReadsAFileWhenItIsAskedFor) {
  const TempFolder folder;
  const std::string path = folder.write("a.obj", "not yet");
  const MeshFolder meshes(folder.path());
  EXPECT_EQ(error_of([&] { meshes[0]; }), path + ": has no verts, expected an OBJ file with v and f lines.");
  folder.write("a.obj", obj_of(2));
  EXPECT_EQ(meshes[0].faces.size(0), 2);
  std::filesystem::remove(path);
  std::filesystem::create_symlink(folder / "gone.obj", path);  // is listed, so that its loss is reported
  EXPECT_EQ(MeshFolder(folder.path()).size(), 1);
  EXPECT_EQ(error_of([&] { meshes[0]; }).rfind(path + ": ", 0), 0) << error_of([&] { meshes[0]; });
}

TEST(MeshFolder, SaysWhatIsWrong) {
  const TempFolder folder;
  const std::string file = folder.write("notes.txt", "");
  EXPECT_EQ(
      error_of([&] { MeshFolder{folder.path()}; }),
      folder.path() + ": holds no mesh file (.glb, .gltf, .obj, .off, .ply, .stl, .vrm), expected one per sample.");
  EXPECT_EQ(error_of([&] { MeshFolder{folder / "absent"}; }),
            (folder / "absent") + ": cannot be listed (No such file or directory).");
  EXPECT_EQ(error_of([&] { MeshFolder{file}; }), file + ": cannot be listed (Not a directory).");
  folder.write("a.obj", obj_of(1));
  EXPECT_EQ(error_of([&] { MeshFolder(folder.path())[1]; }), "MeshFolder: expected an index in [0, 1), but got 1.");
}

std::vector<DataLoaderOptions> ways() {
  return {{.batch_size = 2},
          {.batch_size = 2, .num_workers = 2},
          {.batch_size = 2, .num_workers = 2, .worker_kind = WorkerKind::kProcess}};
}

TEST(MeshFolder, IsLoadedInPackedBatches) {
  const TempFolder folder;
  for (int i = 0; i < 5; ++i) folder.write(std::to_string(i) + ".obj", obj_of(i + 1));
  const MeshFolder meshes(folder.path());
  for (const DataLoaderOptions& options : ways()) {
    DataLoader loader(StackDataset(meshes, meshes.names()), options);
    int64_t i = 0;
    for (auto& [packed, names] : loader) {
      const int64_t count = std::min<int64_t>(2, 5 - i);
      EXPECT_TRUE(packed.num_faces_per_mesh.equal(at::arange(i + 1, i + 1 + count)));
      EXPECT_TRUE(packed.num_verts_per_mesh.equal(at::arange(i + 3, i + 3 + count)));
      const Tensor last = meshes[i + count - 1].faces + (count == 2 ? i + 3 : 0);
      EXPECT_TRUE(packed.faces_packed.slice(0, -last.size(0)).equal(last));
      EXPECT_EQ(names.at(0), std::to_string(i) + ".obj");
      i += count;
    }
    EXPECT_EQ(i, 5);
  }
}

TEST(MeshFolder, TellsOfABrokenFileAndGoesOn) {
  const TempFolder folder;
  folder.write("0.obj", obj_of(1));
  const std::string broken = folder.write("1.glb", "glTF");
  folder.write("2.obj", obj_of(2));
  for (DataLoaderOptions options : ways()) {
    options.batch_size = 1;
    DataLoader loader(MeshFolder(folder.path()), options);
    auto epoch = loader.epoch();
    EXPECT_EQ(epoch.next()->faces_packed.size(0), 1);
    const std::string message = error_of([&] { epoch.next(); });
    expect_contains(message, "sample 1: " + broken + ": ends within the .glb header.");
    EXPECT_EQ(epoch.next()->faces_packed.size(0), 2);
    EXPECT_FALSE(epoch.next());
  }
}

TEST(MeshFolder, LoadsRealMeshes) {
  BISQUE_NEEDS_SHARED(folder, "ict_face");
  const MeshFolder meshes(folder);
  DataLoader loader(data::Subset(meshes, {3, 40}), {.batch_size = 2, .num_workers = 2});
  for (auto& packed : loader) {
    const MeshData second = read_obj(folder + "/" + meshes.names()[40]);
    EXPECT_EQ(packed.num_verts_per_mesh[1].item<int64_t>(), second.num_verts());
    EXPECT_EQ(packed.num_faces_per_mesh[1].item<int64_t>(), second.num_faces());
    const Tensor verts = packed.verts_packed.slice(0, packed.verts_packed.size(0) - second.num_verts()).contiguous();
    EXPECT_TRUE(std::equal(second.verts.begin(), second.verts.end(), verts.const_data_ptr<float>()));
    EXPECT_EQ(packed.faces_packed.max().item<int64_t>(), packed.verts_packed.size(0) - 1);
  }
}

}  // namespace
}  // namespace bisque::data
