// Internal. The materials of a glTF file and the pictures on them.
#pragma once
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <bisque/ops3d/io/gltf_document.h>

namespace bisque {

/// Fills the document's materials and textures from JSON that check_gltf_schema() accepts, which does not look into
/// materials; its buffers are loaded. Each picture is held once, and the path of one in a file is below `folder`.
/// Opacity is 1 in alphaMode OPAQUE. Warnings: pictures other than the base colour, one that is outside the folder, not
/// placed by TEXCOORD_0 or rotated. A material with a wrong type, an index or a range outside the file, an unknown wrap
/// mode or a number outside the range of float keeps its name alone, with a warning.
void read_gltf_materials(const nlohmann::json& root, const std::string& where, const std::optional<std::string>& folder,
                         GltfDocument& document);

}  // namespace bisque
