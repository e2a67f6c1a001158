// A dataset of mesh files.
#pragma once
#include <string>
#include <vector>

#include <bisque/core/data/ragged.h>

namespace bisque::data {

/// The meshes of a folder and the folders below it: one sample per .obj, .glb, .gltf or .vrm file, sorted by name;
/// hidden files and folders, whose names begin with a dot, are left out. A file is read when its sample is asked for:
/// verts [V, 3] float32 and faces [F, 3] int64, as read_obj and read_gltf have them; default_collate makes PackedMeshes
/// of them. What else a file holds stays there (see ops3d/io).
///
///   const data::MeshFolder meshes("shapes");
///   data::DataLoader loader(data::StackDataset(meshes, meshes.names()), {.batch_size = 8, .num_workers = 2});
///   for (auto& [packed, names] : loader) ...
///
/// Errors, with the file or folder: it cannot be listed or holds none of these; those of the readers.
class MeshFolder {
 public:
  explicit MeshFolder(std::string folder);

  int64_t size() const { return static_cast<int64_t>(names_.size()); }
  MeshSample operator[](int64_t index) const;
  /// The file of each sample, below the folder: "chairs/1.obj".
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::string folder_;
  std::vector<std::string> names_;
};

}  // namespace bisque::data
