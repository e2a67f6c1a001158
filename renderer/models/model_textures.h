// The pictures on a model's materials. Free of libtorch.
#pragma once
#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Reads the pictures that are in files into memory (Texture::picture), so that the model does not depend on them.
/// Reads each file once. A texture whose picture cannot be read, or is neither PNG nor JPEG, is removed from the model,
/// with a warning.
void read_textures(BlendshapeData& model);

}  // namespace bisque
