// Reading a blendshape model of any kind.
#pragma once
#include <functional>
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// The kind under which a plugin registers readers of blendshape models, and what they are.
inline constexpr const char* kBlendshapeFormat = "blendshape model";
using BlendshapeReader = std::function<BlendshapeData(const std::string& path)>;

/// Reads a model by what its path is: "demo" (the embedded head), a folder of .obj files, .glb, .gltf or .vrm,
/// .safetensors (our own form, mapped), one .obj file, which has no shapes, or a file whose format a plugin has
/// registered. Error: another kind of file; whatever is wrong in the file.
BlendshapeData read_blendshapes(const std::string& path);

}  // namespace bisque
