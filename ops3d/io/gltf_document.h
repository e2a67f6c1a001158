// The outer layer of a glTF file: its JSON, checked, and its buffers. tinygltf gets the JSON from here, as it takes
// values of the wrong type for absent ones and does not check the ranges of a .glb.
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

namespace bisque {

/// The types of a .glb file's chunks.
inline constexpr uint32_t kGlbJsonChunk = 0x4E4F534A;
inline constexpr uint32_t kGlbBinChunk = 0x004E4942;

/// A shape that is driven by the product of other shapes' coefficients, by name.
struct GltfCorrective {
  std::string shape;
  std::vector<std::string> factors;
};

/// The extension BISQUE_topology of a mesh, which write_glb adds: the mesh as it was before verts were split at uv
/// seams and faces sorted by material. Numbers are accessors; the primitives' first `verts` verts are the mesh's.
struct GltfTopology {
  static constexpr const char* kName = "BISQUE_topology";
  int64_t verts = 0;
  int faces = -1;        // [F * 3] unsigned int
  int uvs = -1;          // [T] VEC2 of float, origin at the lower left; -1 where there are none
  int uv_faces = -1;     // [F * 3] unsigned int, 2^32 - 1 for none
  int face_groups = -1;  // [F] unsigned int, 2^32 - 1 for none
  std::vector<std::string> group_names;
  std::vector<GltfCorrective> correctives;
};

/// The joints that move a mesh, and the accessor of their inverse bind matrices; -1 stands for identities.
struct GltfSkin {
  std::vector<int> joints;  // nodes
  int inverse_bind_matrices = -1;
};

/// The extension KHR_draco_mesh_compression of a primitive.
struct GltfDracoPrimitive {
  int view = 0;                           // the bufferView of the compressed bytes
  std::map<std::string, int> attributes;  // ids in there, by the names of the primitive's attributes
};

struct GltfDocument {
  std::string json;                                 // what describes geometry, for tinygltf
  std::vector<std::span<const std::byte>> buffers;  // by their index in the file; empty for meshopt's fallbacks
  std::vector<std::shared_ptr<const void>> owners;  // of buffers that lie outside the file's own bytes
  std::vector<GltfSkin> skins;
  std::map<int, GltfTopology> topologies;                              // by mesh
  std::map<int, MeshoptView> meshopt_views;                            // by bufferView
  std::map<std::pair<int, int>, GltfDracoPrimitive> draco_primitives;  // by mesh and primitive
  GltfVrm vrm;
  std::vector<std::string> warnings;
};

/// Opens a .glb or .gltf file in memory. Buffers in files of their own are looked for in `folder`; without one they are
/// an error, as are names that lead out of it. `where` begins the messages. The result views `bytes`.
GltfDocument open_gltf_document(std::span<const std::byte> bytes, const std::string& where,
                                const std::optional<std::string>& folder);

}  // namespace bisque
