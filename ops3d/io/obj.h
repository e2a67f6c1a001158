// Wavefront OBJ (with tinyobjloader).
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>
#include <bisque/ops3d/io/polygon_mesh.h>

namespace bisque {

/// Reads the mesh of an OBJ file: v, with a colour of 3 or 4 values after the position; vt, vn, f; usemtl as groups (g
/// and o in a file without usemtl), and their materials from the files of mtllib (parse_mtl). Every line is checked;
/// triangulate() splits polygons into triangles. A byte order mark, comments after values and lines continued by a
/// backslash are accepted. Colours are divided by 255 if one is above 1. Smoothing is not read. Warnings, with the
/// number of lines and the first one: faces of fewer than 3 corners, which are skipped; points, lines, curves and other
/// elements. Further warnings: a missing or malformed material file, a material that is in none of them, colours that
/// not all verts have. Names that are not UTF-8 are read as Latin-1. Error, with the line: an invalid or infinite
/// number, an index that is 0 or outside the file; a file without verts or faces.
MeshData read_obj(const std::string& path);

/// The same for memory, without materials; `where` is the prefix of messages.
MeshData parse_obj(std::string_view text, const std::string& where);

/// The polygons of the file, in file order, with their materials.
PolygonMesh read_obj_polygons(const std::string& path);

struct WriteObjOptions {
  int decimal_places = -1;  // -1: as many as restore the same float
};

/// Writes verts with their colours (without alpha), uvs, normals and faces with their groups. If the mesh has
/// materials, also an MTL file beside it, NAME.mtl, which names the paths of the textures; pictures that the mesh
/// contains are written beside it, NAME_0.png and so on, others are the caller's to write. MTL has no mirrored
/// textures: they repeat. The files are written completely or not at all. Error: one cannot be written; a name has a
/// line break.
void write_obj(const std::string& path, const MeshData& mesh, const WriteObjOptions& options = {});

}  // namespace bisque
