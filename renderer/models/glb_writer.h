// Writes a blendshape model as binary glTF.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Writes the neutral mesh of a model with its shapes as morph targets (see write_glb() of meshes in gltf_writer.h);
/// read_blendshapes restores the same model. Normals are written if the model has creases between vertices at one
/// position.
void write_glb(const std::string& path, const BlendshapeData& model);

}  // namespace bisque
