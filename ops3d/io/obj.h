// Wavefront OBJ (on tinyobjloader).
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>
#include <bisque/ops3d/io/polygon_mesh.h>

namespace bisque {

/// Reads the mesh of an OBJ file: v, vt, f, and usemtl as groups (g and o in a file without usemtl). Every line is
/// checked; polygons become triangles as triangulate() does it. A byte order mark, comments after values and lines that
/// a backslash continues are read. Normals, vertex colours, materials and smoothing are not read. Warnings, with the
/// number of lines and the first one: faces of fewer than 3 corners, which are skipped; points, lines, curves and other
/// elements; a missing material file. Names that are not UTF-8 are taken as Latin-1.
/// Error, with the line: a number that is none or not finite, an index that is 0 or outside the file; a file without
/// verts or faces.
MeshData read_obj(const std::string& path);

/// The same over memory; `where` begins the messages.
MeshData parse_obj(std::string_view text, const std::string& where);

/// The polygons of the file, as it lists them.
PolygonMesh read_obj_polygons(const std::string& path);

}  // namespace bisque
