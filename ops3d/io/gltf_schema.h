// Internal. The types of the values in a glTF file's JSON that affect geometry.
#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bisque {

/// Names of extensions in glTF files.
inline constexpr const char* kMeshoptExtension = "EXT_meshopt_compression";
inline constexpr const char* kDracoExtension = "KHR_draco_mesh_compression";

/// Checks every value that a reader of geometry uses, except ranges that need the buffers. `where` is the prefix of
/// messages. Error: not glTF 2.0; a value of the wrong type, with its path; a required extension that changes geometry
/// and is not supported.
void check_gltf_schema(const nlohmann::json& root, const std::string& where);

}  // namespace bisque
