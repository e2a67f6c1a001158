#include <bisque/ops3d/data/mesh_folder.h>

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include <bisque/core/data/dataset.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf.h>
#include <bisque/ops3d/io/list_files.h>
#include <bisque/ops3d/io/obj.h>

namespace bisque::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> list_meshes(const std::string& folder) {
  static constexpr std::array<std::string_view, 4> kExtensions{".obj", ".glb", ".gltf", ".vrm"};
  std::vector<std::string> names;
  for (const fs::path& file : list_files(folder, kExtensions, Subfolders::kInclude)) {
    names.push_back(file.generic_string());
  }
  if (names.empty()) fail(folder, ": holds no .obj, .glb, .gltf or .vrm file, expected one per sample.");
  return names;
}

template <class To, class From>
at::Tensor rows_of_three(const std::vector<From>& values, at::ScalarType dtype) {
  at::Tensor rows = at::empty({static_cast<int64_t>(values.size() / 3), 3}, at::TensorOptions(dtype));
  std::copy(values.begin(), values.end(), rows.mutable_data_ptr<To>());
  return rows;
}

}  // namespace

MeshFolder::MeshFolder(std::string folder) : folder_(std::move(folder)), names_(list_meshes(folder_)) {}

MeshSample MeshFolder::operator[](int64_t index) const {
  check_index("MeshFolder", index, size());
  const std::string path = (fs::path(folder_) / names_[static_cast<size_t>(index)]).string();
  const MeshData mesh = lower_extension(path) == ".obj" ? read_obj(path) : read_gltf(path).mesh;
  return {rows_of_three<float>(mesh.verts, at::kFloat), rows_of_three<int64_t>(mesh.faces, at::kLong)};
}

}  // namespace bisque::data
