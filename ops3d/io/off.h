// OFF, the Object File Format of Geomview: ascii.
#pragma once
#include <string>
#include <string_view>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

/// Reads OFF, COFF (with colours of verts), NOFF (with normals) and CNOFF. Comments (#) and empty lines are skipped;
/// the counts may follow the keyword on its line, or the keyword may be missing. Verts of OFF may have 3 or 4 more
/// values, which are their colours. Faces may be followed by a colour of 3 or 4 values; a single one, the index of a
/// colour map, is ignored, and if only some faces have a colour, the others are white. Colours are divided by 255 if
/// one of the file's verts (or faces, respectively) is above 1. triangulate() splits polygons; faces of fewer than 3
/// corners are skipped with a warning. Coordinates may be infinite or NaN. Error, with the line or the face: another
/// kind of OFF (binary, 4OFF, nOFF, STOFF), a file that ends early, a row of another number of values, text that is no
/// number, a finite number beyond the range of float, an index outside the verts.
MeshData read_off(const std::string& path);

/// The same for memory; `where` is the prefix of messages.
MeshData parse_off(std::string_view text, const std::string& where);

struct WriteOffOptions {
  int decimal_places = -1;       // -1: as many as restore the same float
  bool colors_as_uint8 = false;  // colours from 0 to 255; otherwise from 0 to 1
};

/// Writes verts, faces, normals and the colours of verts and faces, as OFF, COFF, NOFF or CNOFF. The file is written
/// completely or not at all. Error: it cannot be written.
void write_off(const std::string& path, const MeshData& mesh, const WriteOffOptions& options = {});

}  // namespace bisque
