// A dataset of mesh files.
#pragma once
#include <string>
#include <vector>

#include <bisque/core/data/ragged.h>

namespace bisque::data {

/// The meshes of a folder and its subfolders: one sample per mesh file (mesh_extensions), sorted by name; hidden
/// files and folders (names that begin with a dot) are skipped. A file is read when its sample is requested: verts [V,
/// 3] float32 and faces [F, 3] int64, as from load_mesh; default_collate makes PackedMeshes from them.
/// Other content of the file is ignored (see ops3d/io).
///
///   const data::MeshFolder meshes("shapes");
///   data::DataLoader loader(data::StackDataset(meshes, meshes.names()), {.batch_size = 8, .num_workers = 2});
///   for (auto& [packed, names] : loader) ...
///
/// Errors, with the file or folder: it cannot be listed or contains no such file; those of the readers.
class MeshFolder {
 public:
  explicit MeshFolder(std::string folder);

  int64_t size() const { return static_cast<int64_t>(names_.size()); }
  MeshSample operator[](int64_t index) const;
  /// The file of each sample, relative to the folder: "chairs/1.obj".
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::string folder_;
  std::vector<std::string> names_;
};

}  // namespace bisque::data
