// Reading a blendshape model of any kind.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Reads a model by what its path is: "demo" (the embedded head), a folder of .obj files, .glb or .gltf,
/// .safetensors (our own form, mapped), or one .obj file, which has no shapes.
/// Error: another kind of file; whatever is wrong in the file.
BlendshapeData read_blendshapes(const std::string& path);

}  // namespace bisque
