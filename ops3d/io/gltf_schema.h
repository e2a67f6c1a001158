// Internal. The types of the values in a glTF file's JSON that affect geometry and materials.
#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bisque {

/// Names of extensions in glTF files.
inline constexpr const char* kMeshoptExtension = "EXT_meshopt_compression";
inline constexpr const char* kDracoExtension = "KHR_draco_mesh_compression";
inline constexpr const char* kTransformExtension = "KHR_texture_transform";
/// Of a material: ambient and specular colour, shininess and illumination as in MTL, which glTF lacks.
inline constexpr const char* kPhongExtension = "BISQUE_phong";

/// Checks every value that read_gltf uses, except ranges that need the buffers. `where` is the prefix of
/// messages. Error: not glTF 2.0; a value of the wrong type, with its path; a required extension that changes geometry
/// and is not supported.
void check_gltf_schema(const nlohmann::json& root, const std::string& where);

}  // namespace bisque
