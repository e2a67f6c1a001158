// STL, triangles without indices: ascii and binary.
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

struct StlOptions {
  bool merge_verts = true;  // corners with equal coordinates become one vertex; otherwise verts holds 3 per face
};

/// Reads the triangles of an STL file, with the verts in order of appearance. Solids of an ascii file become groups, if
/// it has several. A file whose size is that of a binary one is binary, even if it begins with "solid". Coordinates may
/// be infinite or NaN (NaNs of the same bits are equal). The normals of the file, which follow from the corners, and
/// the attribute bytes are not read. Error, with the line or the byte: neither form, a file that ends early, a word
/// that is not expected, text that is no number, a finite number beyond the range of float.
MeshData read_stl(const std::string& path, const StlOptions& options = {});

/// The same for memory; `where` is the prefix of messages.
MeshData parse_stl(std::string_view bytes, const std::string& where, const StlOptions& options = {});

/// Whether the bytes are those of an STL file: they begin with "solid", or have the size that a binary file says.
bool is_stl(std::string_view bytes);

struct WriteStlOptions {
  bool binary = true;  // otherwise ascii
};

/// Writes the triangles, with normals computed from their corners (0 for a triangle without area). The file is written
/// completely or not at all. Error: it cannot be written.
void write_stl(const std::string& path, const MeshData& mesh, const WriteStlOptions& options = {});

}  // namespace bisque
