// Bisque's format for blendshape models: a .safetensors file whose mapped arrays are used without copies.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque {

class SafetensorsFile;

/// The tensors of the file:
///   neutral f32 [V, 3], faces i32 [F, 3], deltas with their indices, and if the model has them uvs f32 [T, 2],
///   uv_faces i32 [F, 3], face_groups i32 [F], normal_verts i32 [V], head_weights f32 [V] with head_joint f32 [3].
///   A file without normal_verts has no seams. Pictures of textures are picture_0 u8 [bytes], picture_1, ..., encoded.
///   Deltas are sparse: vert_first i64 [V + 1], delta_shape i32 [D], deltas f32 [D, 3], as in BlendshapeData; or
///   dense: only deltas f32 [V, S, 3].
/// Its __metadata__: "format": "bisque.blendshapes", "version": "1", and as JSON texts "shape_names": ["jawOpen", ...],
///   "group_names": [...], "correctives": [{"shape": "mouthSmile_jawOpen", "factors": ["mouthSmile", "jawOpen"]}, ...],
///   and if the model has them "materials", one per group with the fields of Material (but for its name), and "textures":
///   [{"picture": 0, "wrap": ["repeat", "clamp"], "scale": [1, 1], "offset": [0, 0]}, ...], with "path" in place of
///   "picture" for one in a file.

/// Writes the form of deltas that takes fewer bytes; the file is written completely or not at all. Warnings are not
/// kept. Error: the file cannot be written; an index out of range, as in read_model.
void write_model(const std::string& path, const BlendshapeData& model);

/// Opens a file without copying its arrays. Error: anything that the format does not allow, with its name.
BlendshapeData read_model(const std::string& path);

/// The same for an open file.
BlendshapeData read_model(const SafetensorsFile& file);

/// The same for memory, which must outlive the result; `where` is the prefix of messages.
BlendshapeData parse_model(std::span<const std::byte> bytes, const std::string& where);

}  // namespace bisque
