#include <bisque/ops3d/data/mesh_folder.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include <bisque/core/data/dataset.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/functions/mesh_tensors.h>
#include <bisque/ops3d/io/list_files.h>
#include <bisque/ops3d/io/mesh_file.h>

namespace bisque::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> list_meshes(const std::string& folder) {
  const std::vector<std::string> extensions = mesh_extensions();
  const std::vector<std::string_view> views(extensions.begin(), extensions.end());
  std::vector<std::string> names;
  for (const fs::path& file : list_files(folder, views, Subfolders::kInclude)) {
    names.push_back(file.generic_string());
  }
  if (names.empty()) {
    fail(folder, ": holds no mesh file (", comma_list(extensions), "), expected one per sample.");
  }
  return names;
}

}  // namespace

MeshFolder::MeshFolder(std::string folder) : folder_(std::move(folder)), names_(list_meshes(folder_)) {}

MeshSample MeshFolder::operator[](int64_t index) const {
  check_index("MeshFolder", index, size());
  const std::string path = (fs::path(folder_) / names_[static_cast<size_t>(index)]).string();
  const MeshTensors mesh = to_tensors(load_mesh(path));
  return {mesh.verts, mesh.faces};
}

}  // namespace bisque::data
