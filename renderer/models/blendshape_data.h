// A blendshape model as plain arrays, the common format of readers and writers. Free of libtorch.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <bisque/core/serialization/array.h>
#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// A shape whose coefficient is the product of other shapes' coefficients (a combination or corrective shape).
struct Corrective {
  int32_t shape = 0;             // index of the driven shape; a take does not drive it directly
  std::vector<int32_t> factors;  // indices of the shapes whose coefficients are multiplied
};

/// Neutral verts plus named deltas: verts = neutral + sum over shapes of coefficient * delta. The deltas are sorted by
/// vertex, as the blendshapes op reads them: those of vertex v are the entries vert_offsets[v] up to vert_offsets[v +
/// 1], by increasing shape index; a vertex lists only the shapes that move it.
struct BlendshapeData {
  std::vector<std::string> shape_names;  // S, unique
  Array<float> neutral;                  // [V, 3]
  Array<int32_t> faces;                  // [F, 3]
  Array<int64_t> vert_offsets;           // [V + 1], from 0 to D
  Array<int32_t> delta_shape;            // [D] index into shape_names
  Array<float> deltas;                   // [D, 3]
  Array<float> uvs;                      // [T, 2], origin at the lower left; may be empty
  Array<int32_t> uv_faces;               // [F, 3] into uvs, -1 for none; empty with uvs
  std::vector<std::string> group_names;  // materials or groups; may be empty
  Array<int32_t> face_groups;            // [F] into group_names, -1 for none; empty with group_names
  std::vector<Material> materials;       // that of each group; empty if the file has none but names
  std::vector<Texture> textures;         // of the materials; see read_textures
  // [V] the vertex whose normal each vertex shares: of the vertices that a seam splits, the first. Empty without seams.
  // Vertices that share a normal have one position under all coefficients and angles, up to rounding.
  Array<int32_t> normal_verts;
  Array<float> head_weights;          // [V] weight of each vertex for the head joint, 0 to 1; may be empty
  std::array<float, 3> head_joint{};  // rest position of the head joint; meaningful with head_weights
  std::vector<Corrective> correctives;
  std::vector<std::string> warnings;  // ignored content, one sentence each

  int64_t num_verts() const { return static_cast<int64_t>(neutral.size() / 3); }
  int64_t num_faces() const { return static_cast<int64_t>(faces.size() / 3); }
  int64_t num_shapes() const { return static_cast<int64_t>(shape_names.size()); }
};

/// The model of a mesh and its morph targets, with deltas sorted by vertex. find_normal_verts computes normal_verts.
/// Error: two morph targets of one name, an index outside the mesh, verts and offsets, normals or head weights that do
/// not match.
BlendshapeData make_blendshapes(MeshData mesh);

/// The morph targets by shape (the inverse of make_blendshapes), for writers.
std::vector<MorphTarget> morph_targets(const BlendshapeData& model);

/// The shapes that other shapes drive (Corrective::shape).
std::vector<int32_t> corrective_shapes(const BlendshapeData& model);

/// The index of a shape by its exact name, or -1.
int64_t find_shape(const BlendshapeData& model, const std::string& name);

}  // namespace bisque
