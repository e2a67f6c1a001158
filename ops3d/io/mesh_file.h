// Mesh files of any format: loading, saving, and the formats that plugins add.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// Options of save_mesh; a format ignores those that it does not have.
struct SaveMeshOptions {
  bool binary = true;            // of formats that also have an ascii form
  int decimal_places = -1;       // of ascii forms; -1: as many as restore the same float
  bool colors_as_uint8 = false;  // colours from 0 to 255
};

/// A format of mesh files. A plugin adds one under its extension:
///
///   plugin.add_format(bisque::kMeshFormat, ".xyz", bisque::MeshFormat{.load = read_xyz});
struct MeshFormat {
  std::function<MeshData(const std::string& path)> load = nullptr;
  std::function<void(const std::string& path, const MeshData& mesh, const SaveMeshOptions& options)> save = nullptr;
  /// Whether a file with these bytes may be of this format. None: its files are known by their extension alone.
  std::function<bool(std::string_view bytes)> begins = nullptr;
};

/// The kind under which formats() holds each MeshFormat.
inline constexpr const char* kMeshFormat = "mesh";

/// The extensions of mesh files: .glb, .gltf, .obj, .off, .ply, .stl, .vrm, then those of plugins.
std::vector<std::string> mesh_extensions();
/// Whether `path` has one of them.
bool is_mesh_path(const std::string& path);

/// Loads a mesh by the extension of the file or, if that is none of a mesh, by its content. See read_obj, read_gltf,
/// read_ply, read_off, read_stl. Error: the content is that of another format than the extension says, or of no format;
/// the errors of the readers.
MeshData load_mesh(const std::string& path);

/// Saves a mesh in the format of the extension, which must be one that is written: .obj, .off, .ply, .stl or one of a
/// plugin. See write_obj, write_off, write_ply, write_stl. Error: another extension; the errors of the writers.
void save_mesh(const std::string& path, const MeshData& mesh, const SaveMeshOptions& options = {});

}  // namespace bisque
