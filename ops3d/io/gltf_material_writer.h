// Internal. Writes the materials of a mesh into a .glb file.
#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <bisque/ops3d/io/gltf_buffer.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// Adds a material per group, and the textures, images and samplers that they use, to the JSON of the file at `path`;
/// the other direction of read_gltf_materials().
void add_gltf_materials(const MeshData& mesh, const std::string& path, GltfBuffer& buffer, nlohmann::json& root);

}  // namespace bisque
