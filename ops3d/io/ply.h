// PLY, the Stanford polygon format: ascii, and binary of both byte orders.
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// Reads the mesh or, if the file has no faces, the point cloud of a PLY file. Read are
/// - of element vertex: x, y, z; nx, ny, nz as normals; red, green, blue and alpha as colours;
/// - of element face: vertex_indices (or vertex_index), a list of integers of any type; red, green, blue and alpha.
///
/// Values of any type become float. Colours of an 8 or 32 bit integer type are divided by 255, those of a 16 bit type
/// by 65,535, others are unmodified. triangulate() splits polygons. Coordinates may be infinite or NaN. Other elements
/// and properties are skipped, with a warning. Error, with the line, the byte or the face: a malformed header, a file
/// that ends early or has data after its last row, a row of another number of values than declared, text that is no
/// number, a finite number beyond the range of float, a list of negative length, an index outside the verts, no vertex.
MeshData read_ply(const std::string& path);

/// The same for memory; `where` is the prefix of messages.
MeshData parse_ply(std::string_view bytes, const std::string& where);

struct WritePlyOptions {
  bool binary = true;            // little endian; otherwise ascii
  int decimal_places = -1;       // of ascii; -1: as many as restore the same float
  bool colors_as_uint8 = false;  // colours as uchar, from 0 to 255; otherwise as float
};

/// Writes verts, faces, normals and the colours of verts and faces. The file is written completely or not at all.
/// Error: it cannot be written.
void write_ply(const std::string& path, const MeshData& mesh, const WritePlyOptions& options = {});

}  // namespace bisque
