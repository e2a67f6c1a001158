// The content of a mesh file as plain arrays, filled by the parsers; free of libtorch.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bisque {

/// A morph target (blendshape) of a mesh: the vertices it moves, and their offsets at weight 1.
struct MorphTarget {
  std::string name;
  std::vector<int32_t> verts;  // increasing indices into MeshData::verts
  std::vector<float> offsets;  // [verts, 3]
};

/// Colours, one per vertex or face.
struct Colors {
  std::vector<float> values;  // [N, channels], usually from 0 to 1; empty if the file has none
  int32_t channels = 3;       // 3, or 4 with alpha

  bool empty() const { return values.empty(); }
};

/// Outside [0, 1], a texture repeats, continues its nearest pixel, or repeats with every other copy mirrored.
enum class Wrap : int32_t { kRepeat, kClamp, kMirror };

/// A picture on the faces of a material.
struct Texture {
  std::string path;  // of the picture file; empty if the mesh file contains the picture
  /// The contained picture, encoded (PNG, JPEG, ...); null if it is in a file. Textures of one picture share it.
  std::shared_ptr<const std::vector<std::byte>> picture = nullptr;
  std::array<Wrap, 2> wrap{};        // along u and v
  std::array<float, 2> scale{1, 1};  // the picture is read at scale * uv + offset
  std::array<float, 2> offset{0, 0};

  bool operator==(const Texture&) const = default;
};

struct Material {
  std::string name;
  std::array<float, 3> ambient{0, 0, 0};
  std::array<float, 3> diffuse{1, 1, 1};
  std::array<float, 3> specular{0, 0, 0};
  float shininess = 0;  // exponent of the specular highlight
  float opacity = 1;
  int32_t illumination = 2;  // the model of MTL: 0 colour, 1 diffuse, 2 diffuse and specular, ...
  float metallic = 0;        // of glTF: 0 (plastic) to 1 (metal)
  float roughness = 1;       // of glTF: 0 (mirror) to 1
  int32_t texture = -1;      // index into MeshData::textures; -1 for none

  bool operator==(const Material&) const = default;
};

/// A triangle mesh, or a point cloud if it has no faces. Polygons are split into triangles (triangulate() in
/// polygon_mesh.h), in file order.
struct MeshData {
  std::vector<float> verts;       // [V, 3]
  std::vector<int32_t> faces;     // [F, 3] indices into verts
  std::vector<float> uvs;         // [T, 2], origin at the lower left; empty if the file has none
  std::vector<int32_t> uv_faces;  // [F, 3] indices into uvs, -1 if a corner has none; empty with uvs
  std::vector<int32_t>
      normal_faces;  // [F, 3] indices into normals, -1 if a corner has none; if empty, a normal is a vertex's
  std::vector<Material> materials;       // that of each group, if groups are materials; empty if the file has none
  std::vector<Texture> textures;         // of the materials; each once
  std::vector<std::string> group_names;  // materials, or groups if the file has no material
  std::vector<int32_t> face_groups;      // [F] index into group_names, -1 for none; empty with group_names
  std::vector<int32_t>
      polygon_sizes;   // corners of each polygon before triangulation; empty if the file has only triangles
  Colors colors;       // [V] of the verts
  Colors face_colors;  // [F]
  std::vector<MorphTarget> morphs;
  std::vector<float>
      normals;  // [V, 3] from the file (of unit length from glTF), or [N, 3] with normal_faces; empty if it has none
  std::vector<float> head_weights;    // [V] weight of each vertex for the head joint, 0 to 1; empty without one
  std::array<float, 3> head_joint{};  // rest position of the head joint; meaningful with head_weights
  std::vector<std::string> warnings;  // ignored content, one sentence each (skins, animations, ...)

  int64_t num_verts() const { return static_cast<int64_t>(verts.size() / 3); }
  int64_t num_faces() const { return static_cast<int64_t>(faces.size() / 3); }
};

/// The extension of an encoded picture by its first bytes: ".png", ".jpg" or ".webp"; empty for other pictures.
std::string picture_extension(std::span<const std::byte> bytes);

/// Error: an array whose length does not fit the others, or an index out of range.
void check_mesh_arrays(const MeshData& mesh);

}  // namespace bisque
