// Loads glTF files as tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <tuple>
#include <vector>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// The content of a glTF file, as load_gltf returns it.
struct GltfTensors {
  at::Tensor verts;                      // [V, 3] float32
  at::Tensor faces;                      // [F, 3] int64
  at::Tensor normals;                    // [V, 3] float32
  at::Tensor uvs;                        // [T, 2] float32
  at::Tensor uv_faces;                   // [F, 3] int64, indices into uvs; -1 for none
  at::Tensor colors;                     // [V, 3] or [V, 4] float32
  at::Tensor face_groups;                // [F] int64
  std::vector<std::string> group_names;  // materials
  at::Tensor materials;                  // [M, 14] float32
  at::Tensor material_textures;          // [M] int64
  std::vector<std::string> textures;     // paths of pictures
  std::vector<at::Tensor> pictures;      // uint8, encoded pictures
  at::Tensor texture_options;            // [textures, 6] float32
  std::vector<std::string> morph_names;  // S of them
  at::Tensor morph_first_idx;            // [S + 1] int64
  at::Tensor morph_verts;                // [D] int64
  at::Tensor morph_offsets;              // [D, 3] float32
  std::vector<std::string> warnings;
};

/// The meshes of the default scene of a .glb, .gltf or .vrm file as one mesh, with its materials and morph targets.
///
///   path     str
///   returns  verts [V, 3] float32, placed by nodes and skins
///            faces [F, 3] int64; strips and fans are split into triangles
///            normals [V, 3] float32, [0, 3] if the file has none
///            uvs [T, 2] float32, origin at the lower left, and uv_faces [F, 3] int64, indices into uvs, -1 for a corner
///            without one; [0, 2] and [0, 3] if the file has none
///            colors [V, 3] or, with alpha, [V, 4] float32; [0, 3] if the file has none
///            face_groups [F] int64, indices into group_names, -1 for none
///            group_names, the names of the materials
///            materials [M, 14] float32, as load_obj returns them: the base colour is diffuse, and its alpha the opacity
///            where alphaMode is not OPAQUE
///            material_textures [M] int64, indices into textures, -1 for none
///            textures, the paths of the pictures; "" for one that the file contains
///            pictures, one tensor [bytes] uint8 for each texture: the contained picture, as PNG or JPEG; else empty
///            texture_options [textures, 6] float32, as load_obj returns them
///            morph_names, S of them
///            morph_first_idx [S + 1] int64: morph target s moves the vertices morph_verts [D] int64 from first[s] up
///            to first[s + 1], at weight 1 by morph_offsets [D, 3] float32
///            warnings, one sentence each: ignored content
///
/// On the CPU. Not differentiable. Deterministic. What is read, and the errors: see read_gltf in ops3d/io/gltf.h.
inline GltfTensors load_gltf(const std::string& path) {
  using T = at::Tensor;
  using Texts = std::vector<std::string>;
  using Results = std::tuple<T, T, T, T, T, T, T, Texts, T, T, Texts, std::vector<T>, T, Texts, T, T, T, Texts>;
  static const auto op = find_op<Results(std::string_view)>("bisque::load_gltf");
  return std::make_from_tuple<GltfTensors>(op.call(path));
}

}  // namespace bisque
