// Wavefront OBJ (on tinyobjloader).
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// Reads the mesh of an OBJ file: v, vt, f, and usemtl as groups (g and o in a file without usemtl). Every line is
/// checked, and every face kept as it is. Normals, materials and smoothing are left aside; points, lines, curves and a
/// missing material file are warnings. Names that are not UTF-8 are taken as Latin-1.
/// Error, with the line: a number that is none or not finite, an index that is 0 or outside the file, a face of fewer
/// than 3 corners; a file without verts or faces.
MeshData read_obj(const std::string& path);

/// The same over memory; `where` begins the messages.
MeshData parse_obj(std::string_view text, const std::string& where);

}  // namespace bisque
