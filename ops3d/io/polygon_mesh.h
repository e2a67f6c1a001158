// A mesh of polygons, as a file lists them, and its triangles. Free of libtorch.
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
  std::vector<float> uvs;                // [T, 2], origin at the lower left; empty where the file has none
  std::vector<int32_t> corner_uvs;       // [C] indices into uvs, -1 where a corner has none; empty with uvs
  std::vector<std::string> group_names;  // materials, or groups where the file names no material
  std::vector<int32_t> polygon_groups;   // [P] index into group_names, -1 for none; empty with group_names
  std::vector<std::string> warnings;     // what the reader skipped, a sentence each

  int64_t num_verts() const { return static_cast<int64_t>(verts.size() / 3); }
  int64_t num_polygons() const { return static_cast<int64_t>(polygon_sizes.size()); }
};

/// The mesh as triangles: n - 2 for a polygon of n corners, polygon after polygon. A polygon becomes the fan around its
/// first corner, as every convex one does, unless that fan leaves it: a triangle of it is inverted (its normal is
/// within 45 degrees of the opposite of the polygon's mean normal, so that the fold of a polygon that is not flat does
/// not count). Such polygons are split by ear clipping, seen along the axis nearest to their mean normal. The result is
/// deterministic. Time is linear in the corners: a polygon of more than 2^17 corners, or where too many steps were
/// taken, becomes a fan with a warning, which `where` begins.
MeshData triangulate(PolygonMesh mesh, const std::string& where);

/// The polygon of `mesh`, from 0, that `reference` does not have, or -1: polygons may come in another order, and each
/// may begin at another of its corners. Both must have equal numbers of polygons.
int64_t find_other_polygon(const PolygonMesh& mesh, const PolygonMesh& reference);

}  // namespace bisque
