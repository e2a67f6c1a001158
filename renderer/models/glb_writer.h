// Writing a blendshape model as binary glTF.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Writes a .glb with one mesh: a primitive and a material for each group, named morph targets (sparse where that is
/// smaller). glTF has one index a corner, so verts at uv seams are written again behind the others; the extension
/// BISQUE_topology keeps the original faces, uvs and correctives, and read_blendshapes gives the same model back.
/// Normals are written where the model has creases between vertices at one place, and a skin with the joints body and
/// head where it has head weights.
/// The file appears whole or not at all. Error: it cannot be written, would be larger than 4 GiB, or would repeat what
/// the model holds too often (a .glb has every shape once for each group).
void write_glb(const std::string& path, const BlendshapeData& model);

}  // namespace bisque
