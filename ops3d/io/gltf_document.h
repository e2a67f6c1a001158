// The outer layer of a glTF file: its checked JSON and its buffers. tinygltf receives this JSON, because it treats
// values of the wrong type as absent and does not check the ranges of a .glb.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bisque/ops3d/io/gltf_meshopt.h>
#include <bisque/ops3d/io/gltf_vrm.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// The types of a .glb file's chunks.
inline constexpr uint32_t kGlbJsonChunk = 0x4E4F534A;
inline constexpr uint32_t kGlbBinChunk = 0x004E4942;

/// A shape that is the product of other shapes' coefficients, by name.
struct GltfCorrective {
  std::string shape;
  std::vector<std::string> factors;
};

/// The extension BISQUE_topology of a mesh, which write_glb adds: the mesh before its verts were split at uv seams and
/// its faces sorted by material. Numbers are accessors; the primitives' first `verts` verts are the mesh's.
struct GltfTopology {
  static constexpr const char* kName = "BISQUE_topology";
  int64_t verts = 0;
  int faces = -1;        // [F * 3] unsigned int
  int uvs = -1;          // [T] VEC2 of float, origin at the lower left; -1 if there are none
  int uv_faces = -1;     // [F * 3] unsigned int, 2^32 - 1 for none
  int face_groups = -1;  // [F] unsigned int, 2^32 - 1 for none
  std::vector<std::string> group_names;
  std::vector<GltfCorrective> correctives;
};

/// The joints that move a mesh, and the accessor of their inverse bind matrices; -1 means identities.
struct GltfSkin {
  std::vector<int> joints;  // nodes
  int inverse_bind_matrices = -1;
};

/// The extension KHR_draco_mesh_compression of a primitive.
struct GltfDracoPrimitive {
  int view = 0;                           // the bufferView of the compressed bytes
  std::map<std::string, int> attributes;  // ids in the compressed data, by the names of the primitive's attributes
};

struct GltfDocument {
  std::string json;                                 // the geometry part, for tinygltf
  std::vector<std::span<const std::byte>> buffers;  // by index in the file; empty for meshopt's fallbacks
  std::vector<std::shared_ptr<const void>> owners;  // of buffers outside the file's bytes
  std::vector<GltfSkin> skins;
  std::map<int, GltfTopology> topologies;                              // by mesh
  std::map<int, MeshoptView> meshopt_views;                            // by bufferView
  std::map<std::pair<int, int>, GltfDracoPrimitive> draco_primitives;  // by mesh and primitive
  std::vector<Material> materials;  // of the file, with names; those of one name are equal
  std::vector<Texture> textures;    // of the materials
  GltfVrm vrm;
  std::vector<std::string> warnings;
};

/// Opens a .glb or .gltf file in memory. Buffers in separate files are searched in `folder`; without a folder they are
/// an error, as are names that lead out of it. Pictures in separate files are not opened. `where` is the prefix of
/// messages. The result views `bytes`.
GltfDocument open_gltf_document(std::span<const std::byte> bytes, const std::string& where,
                                const std::optional<std::string>& folder);

}  // namespace bisque
