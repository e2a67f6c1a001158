// Internal. The parts of a glTF file's JSON that tinygltf does not read, or not as they are meant.
#pragma once
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <bisque/ops3d/io/gltf_document.h>

namespace bisque {

/// Fills the document's skins, topologies, compressed views and primitives, and its VRM avatar from JSON that
/// check_gltf_schema() accepts. Error: a value of BISQUE_topology of the wrong type, an unknown mode of compression.
void read_gltf_extensions(const nlohmann::json& root, const std::string& where, GltfDocument& document);

/// Reads the extension VRMC_vrm (VRM 1) or VRM (VRM 0) of the file; nothing where it has neither. An expression has its
/// own name, or that of its preset where it has none or one that is not ASCII.
/// What cannot be used is left aside with a warning, as an avatar is complete without it.
GltfVrm read_vrm(const nlohmann::json& root, const std::string& where, std::vector<std::string>& warnings);

}  // namespace bisque
