// glTF 2.0, .glb, .gltf and .vrm (on tinygltf, meshoptimizer and draco).
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

struct GltfFile {
  MeshData mesh;
  std::vector<GltfCorrective> correctives;  // only files of write_glb have them
};

/// Reads the meshes of the default scene as one mesh, in the order of its nodes: verts of all primitives one after the
/// other (primitives that share their accessors share verts), where their nodes or, in the rest pose, the joints of
/// their skins put them; materials as groups; TEXCOORD_0 as uvs; NORMAL and the weights of the head's joint. Morph
/// targets of one name in several meshes merge into one; see name_targets() for their names. A VRM avatar that looks
/// along -z is turned around. Animations, default weights, points and lines are left aside with a warning. A mesh with
/// the extension BISQUE_topology (see gltf_document.h) comes back as it was written. Buffers may lie in files beside
/// the .gltf or below, or in data: uris; they may be compressed by meshopt or Draco. Error: anything out of range, by
/// accessor; a required extension that changes geometry and is not read, by name.
GltfFile read_gltf(const std::string& path);

/// The same over memory, with all buffers in it; `where` begins the messages.
GltfFile parse_gltf(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
