// A mesh of polygons, as in a file, and its triangulation. Free of libtorch.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// A mesh before triangulation. C is the number of corners of all polygons together.
struct PolygonMesh {
  std::vector<float> verts;              // [V, 3]
  std::vector<int32_t> corner_verts;     // [C] indices into verts, polygon after polygon
  std::vector<int32_t> polygon_sizes;    // [P] corners of each polygon, at least 3
  std::vector<float> uvs;                // [T, 2], origin at the lower left; empty if the file has none
  std::vector<int32_t> corner_uvs;       // [C] indices into uvs, -1 if a corner has none; empty with uvs
  std::vector<float> normals;            // [N, 3]; empty if the file has none
  std::vector<int32_t> corner_normals;   // [C] indices into normals, -1 if a corner has none; empty with normals
  std::vector<std::string> group_names;  // materials, or groups if the file has no material
  std::vector<int32_t> polygon_groups;   // [P] index into group_names, -1 for none; empty with group_names
  std::vector<Material> materials;       // that of each group, if groups are materials; empty if the file has none
  std::vector<Texture> textures;         // of the materials; each once
  std::vector<std::string> warnings;     // skipped content, one sentence each

  int64_t num_verts() const { return static_cast<int64_t>(verts.size() / 3); }
  int64_t num_polygons() const { return static_cast<int64_t>(polygon_sizes.size()); }
};

/// Triangulates the mesh: n - 2 triangles for a polygon of n corners, in polygon order. A polygon becomes the fan
/// around its first corner, as every convex one does, unless that fan leaves it: a triangle of the fan is inverted (its
/// normal is within 45 degrees of the opposite of the polygon's mean normal, so a fold of a nonplanar polygon does not
/// count). Such polygons are split by ear clipping, projected along the axis nearest to their mean normal. The result
/// is deterministic. Time is linear in the corners: a polygon of more than 2^17 corners, or one that needs too many
/// steps, becomes a fan with a warning, whose prefix is `where`. A polygon with a corner that is not finite becomes a
/// fan.
MeshData triangulate(PolygonMesh mesh, const std::string& where);

/// The colours of the triangles that triangulate() makes of polygons of these sizes; the colours themselves if there
/// are no sizes, as in a MeshData of triangles only.
Colors triangle_colors(Colors polygon_colors, const std::vector<int32_t>& polygon_sizes);

/// Removes polygons of fewer than 3 corners, and their colours, with a warning. Such polygons are allowed before this.
void drop_small_polygons(PolygonMesh& mesh, Colors& polygon_colors, const std::string& where);

/// Error, with the number of the face from 0: a corner that is no vertex of the mesh.
void check_corners(const PolygonMesh& mesh, const std::string& where);

/// The index of a polygon of `mesh` that `reference` does not have, or -1: polygons may have another order, and each
/// may begin at another corner. Both must have the same number of polygons.
int64_t find_other_polygon(const PolygonMesh& mesh, const PolygonMesh& reference);

}  // namespace bisque
