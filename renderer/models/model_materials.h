// Internal. Materials and textures in Bisque's format for models.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <bisque/core/serialization/safetensors.h>
#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Whether a tensor of this name is a picture: "picture_0".
bool is_picture_name(std::string_view name);

/// Reads the materials and textures of a file, if it has them, into a model whose group_names are read. Error: JSON
/// that is not of this form, a picture that is not there or that no texture has.
void read_materials(const SafetensorsFile& file, BlendshapeData& model);

/// Adds the entries "materials" and "textures" for a model that has materials.
void add_material_metadata(const BlendshapeData& model, std::map<std::string, std::string>& metadata);

/// Adds the pictures of the textures, as views of the model's memory.
void add_pictures(const BlendshapeData& model, std::vector<TensorView>& tensors);

}  // namespace bisque
