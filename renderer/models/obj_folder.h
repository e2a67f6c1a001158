// A blendshape model as a folder of OBJ files.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Reads `folder`: the one .obj file whose name contains "neutral" in any case, and one .obj file a shape, which is
/// named by its file name without .obj. Shapes are sorted by name. UVs and groups are those of the neutral.
/// The files are read on `threads` threads (0: as many as cores); the result does not depend on them.
/// Error: no neutral or several, a file that cannot be read, a file whose verts or faces are not the neutral's.
BlendshapeData read_obj_folder(const std::string& folder, int threads = 0);

}  // namespace bisque
