// glTF 2.0, .glb, .gltf and .vrm (with tinygltf, meshoptimizer and draco).
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

struct GltfFile {
  MeshData mesh;
  std::vector<GltfCorrective> correctives;  // only in files of write_glb
};

/// Reads the meshes of the default scene as one mesh, in the order of its nodes: verts of all primitives one after the
/// other (primitives that share their accessors share verts), placed by their nodes or, in the rest pose, by the joints
/// of their skins; materials as groups, with their base colour, its texture (see read_gltf_materials()), metallic and
/// roughness; TEXCOORD_0 as uvs; COLOR_0 as colours; NORMAL and the weights of the head's joint. Materials of one name
/// are one group if they are equal; otherwise _ and its index is appended to the name of the later one. Morph targets
/// of one name in several meshes are merged; see name_targets() for their names. A VRM avatar that looks along -z is
/// turned around. Animations, default weights, points and lines are ignored with a warning. A mesh with the extension
/// BISQUE_topology (see gltf_document.h) is restored as it was written. Buffers may be in files beside or below the
/// .gltf file, or in data: uris; they may be compressed by meshopt or Draco. Error: anything out of range, with its
/// accessor; a required extension that changes geometry and is not supported, with its name.
GltfFile read_gltf(const std::string& path);

/// The same for memory that contains all buffers; `where` is the prefix of messages.
GltfFile parse_gltf(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
