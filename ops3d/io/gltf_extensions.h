// Internal. The parts of a glTF file's JSON that tinygltf does not read, or misreads.
#pragma once
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <bisque/ops3d/io/gltf_document.h>

namespace bisque {

/// Fills the document's skins, topologies, compressed views and primitives, and its VRM avatar, from JSON that
/// check_gltf_schema() accepts. Error: a value of BISQUE_topology of the wrong type, an unknown mode of compression.
void read_gltf_extensions(const nlohmann::json& root, const std::string& where, GltfDocument& document);

/// Reads the extension VRMC_vrm (VRM 1) or VRM (VRM 0) of the file; nothing if it has neither. An expression has its
/// own name, or that of its preset if it has none or one that is not ASCII. Invalid parts are ignored with a warning,
/// because an avatar is complete without them.
GltfVrm read_vrm(const nlohmann::json& root, const std::string& where, std::vector<std::string>& warnings);

}  // namespace bisque
