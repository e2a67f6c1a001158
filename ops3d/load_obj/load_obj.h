// Loads OBJ files as tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <tuple>
#include <vector>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The content of an OBJ file, as load_obj returns it. M is the number of groups if they have materials, else 0.
struct ObjTensors {
  at::Tensor verts;                      // [V, 3] float32
  at::Tensor faces;                      // [F, 3] int64
  at::Tensor normals;                    // [N, 3] float32
  at::Tensor normal_faces;               // [F, 3] int64, indices into normals; -1 for none
  at::Tensor uvs;                        // [T, 2] float32
  at::Tensor uv_faces;                   // [F, 3] int64, indices into uvs; -1 for none
  at::Tensor colors;                     // [V, 3] or [V, 4] float32
  at::Tensor face_groups;                // [F] int64
  std::vector<std::string> group_names;  // materials, or groups
  at::Tensor materials;                  // [M, 14] float32
  at::Tensor material_textures;          // [M] int64
  std::vector<std::string> textures;     // paths of pictures
  at::Tensor texture_options;            // [textures, 6] float32
  std::vector<std::string> warnings;
};

/// The mesh of an OBJ file, with the materials of its MTL files.
///
///   path     str
///   returns  verts [V, 3] float32
///            faces [F, 3] int64, of polygons split into triangles
///            normals [N, 3] float32, of any length, and normal_faces [F, 3] int64, indices into normals, -1 for a corner
///            without one; both [0, 3] if the file has none
///            uvs [T, 2] float32, origin at the lower left, and uv_faces [F, 3] int64, in the same way
///            colors [V, 3] or, with alpha, [V, 4] float32 from 0 to 1; [0, 3] if the file has none
///            face_groups [F] int64, indices into group_names, -1 for none: materials, or groups if the file has none
///            group_names, M of them if they have materials
///            materials [M, 14] float32: ambient, diffuse and specular colour, shininess, opacity, illumination model,
///            and metallic and roughness, which OBJ does not have (0 and 1); M is 0 if no material file could be read
///            material_textures [M] int64, indices into textures, -1 for none
///            textures, the paths of the pictures, each once
///            texture_options [textures, 6] float32: the picture is read at scale (2) * uv + offset (2); outside it,
///            along u and v (2), 0 repeats it, 1 continues its nearest pixel, 2 mirrors every other copy
///            warnings, one sentence each: skipped lines, missing files, ...
///
/// On the CPU. Not differentiable. Deterministic. What is read, and the errors, which name the file with the line: see
/// read_obj in ops3d/io/obj.h.
inline ObjTensors load_obj(const std::string& path) {
  using T = at::Tensor;
  using Texts = std::vector<std::string>;
  using Results = std::tuple<T, T, T, T, T, T, T, T, Texts, T, T, Texts, T, Texts>;
  static const auto op = find_op<Results(std::string_view)>("bisque::load_obj");
  return std::make_from_tuple<ObjTensors>(op.call(path));
}

}  // namespace bisque
