// Wavefront OBJ (with tinyobjloader).
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>
#include <bisque/ops3d/io/polygon_mesh.h>

namespace bisque {

/// Reads the mesh of an OBJ file: v, vt, f, and usemtl as groups (g and o in a file without usemtl). Every line is
/// checked; triangulate() splits polygons into triangles. A byte order mark, comments after values and lines continued
/// by a backslash are accepted. Normals, vertex colours, materials and smoothing are not read. Warnings, with the
/// number of lines and the first one: faces of fewer than 3 corners, which are skipped; points, lines, curves and other
/// elements; a missing material file. Names that are not UTF-8 are read as Latin-1. Error, with the line: an invalid or
/// infinite number, an index that is 0 or outside the file; a file without verts or faces.
MeshData read_obj(const std::string& path);

/// The same for memory; `where` is the prefix of messages.
MeshData parse_obj(std::string_view text, const std::string& where);

/// The polygons of the file, in file order.
PolygonMesh read_obj_polygons(const std::string& path);

}  // namespace bisque
