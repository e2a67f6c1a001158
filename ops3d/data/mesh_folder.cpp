#include <bisque/ops3d/data/mesh_folder.h>

#include <ATen/ops/empty.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include <bisque/core/data/dataset.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/gltf.h>
#include <bisque/ops3d/io/obj.h>

namespace bisque::data {
namespace {

namespace fs = std::filesystem;

bool is_mesh_file(const fs::directory_entry& entry) {
  const std::string extension = lower_extension(entry.path().string());
  std::error_code broken;  // a link to nowhere is no file
  return (extension == ".obj" || extension == ".glb" || extension == ".gltf") && entry.is_regular_file(broken);
}

/// Sorted, so that nothing depends on the order in which a folder lists its files.
std::vector<std::string> list_meshes(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (is_mesh_file(*at)) names.push_back(at->path().lexically_relative(folder).generic_string());
  }
  if (error) fail(folder, ": cannot be listed (", error.message(), ").");
  if (names.empty()) fail(folder, ": holds no .obj, .glb or .gltf file, expected one a sample.");
  std::sort(names.begin(), names.end());
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
