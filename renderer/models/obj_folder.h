// A blendshape model as a folder of OBJ files.
#pragma once
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

/// Reads `folder`: one .obj file of the rest shape (the neutral), and one .obj file per shape, named by its file name
/// without .obj. Hidden files are ignored. The neutral is the file whose name contains "neutral" in any case; if there
/// is none, the one whose name, or last word after "_", "-", "." or a space, is basis, rest, default or base. Shapes
/// are sorted by name. Faces, UVs and groups are those of the neutral; a shape lists the same faces, in any order. A
/// warning lists shapes whose vertices seem to have another order: most of those that faces use move by more than a
/// tenth of the model's size, which is the diagonal of their box. The files are read on `threads` threads (0: as many
/// as cores); the result does not depend on them. Error: no neutral or several, a file that cannot be read, a file
/// whose verts or faces are not the neutral's.
BlendshapeData read_obj_folder(const std::string& folder, int threads = 0);

}  // namespace bisque
