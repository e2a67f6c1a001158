// Writes a blendshape model as binary glTF.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Writes a .glb with one mesh: a primitive and a material per group, named morph targets (sparse if that is smaller).
/// glTF has one index per corner, so verts at uv seams are repeated after the others; the extension BISQUE_topology
/// keeps the original faces, uvs and correctives, and read_blendshapes restores the same model. Normals are written if
/// the model has creases between vertices at one position, and a skin with the joints body and head if it has head
/// weights. The file is written completely or not at all. Error: it cannot be written, would be larger than 4 GiB, or
/// would repeat the model's data too often (a .glb has every shape once per group).
void write_glb(const std::string& path, const BlendshapeData& model);

}  // namespace bisque
