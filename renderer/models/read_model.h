// Reads a blendshape model of any format.
#pragma once
#include <functional>
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// The kind under which formats() holds readers of blendshape models, and their type.
inline constexpr const char* kBlendshapeFormat = "blendshape model";
using BlendshapeReader = std::function<BlendshapeData(const std::string& path)>;

/// Reads a model by its path: "demo" (the built-in head), a folder of .obj files, .glb, .gltf or .vrm, .safetensors
/// (Bisque's format, mapped), a mesh file of another format (mesh_extensions), which has no shapes, or a file whose
/// format a plugin has registered.
/// Error: another kind of file; any error in the file.
BlendshapeData read_blendshapes(const std::string& path);

}  // namespace bisque
