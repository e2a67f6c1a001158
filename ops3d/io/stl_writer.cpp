#include <array>
#include <cmath>
#include <string>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/number_text.h>
#include <bisque/ops3d/io/row_file.h>
#include <bisque/ops3d/io/stl.h>

namespace bisque {
namespace {

using StlTriangle = std::array<float, 12>;  // normal and corners

// In double, whose range holds the squares of all floats.
StlTriangle stl_triangle(const MeshData& mesh, size_t face) {
  std::array<const float*, 3> corners;
  for (size_t k = 0; k < 3; ++k) corners[k] = &mesh.verts[static_cast<size_t>(mesh.faces[face * 3 + k]) * 3];
  StlTriangle triangle{};
  for (size_t k = 0; k < 9; ++k) triangle[3 + k] = corners[k / 3][k % 3];
  std::array<double, 3> a, b, normal;
  for (size_t k = 0; k < 3; ++k) {
    a[k] = double{corners[1][k]} - corners[0][k];
    b[k] = double{corners[2][k]} - corners[0][k];
  }
  for (size_t k = 0; k < 3; ++k) normal[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
  const double length = std::sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
  for (size_t k = 0; k < 3 && length > 0 && std::isfinite(length); ++k)
    triangle[k] = static_cast<float>(normal[k] / length);
  return triangle;
}

void append_binary(std::string& bytes, const StlTriangle& triangle) {
  append_little_endian(bytes, triangle.data(), triangle.size());
  bytes.append(2, '\0');
}

void append_vector(std::string& text, const char* words, const float* values) {
  text += words;
  for (size_t k = 0; k < 3; ++k) {
    text += ' ';
    append_number(text, values[k]);
  }
  text += '\n';
}

void append_text(std::string& text, const StlTriangle& triangle) {
  append_vector(text, "facet normal", triangle.data());
  text += "outer loop\n";
  for (size_t k = 1; k < 4; ++k) append_vector(text, "vertex", &triangle[k * 3]);
  text += "endloop\nendfacet\n";
}

}  // namespace

void write_stl(const std::string& path, const MeshData& mesh, const WriteStlOptions& options) {
  check_mesh_arrays(mesh);
  RowFile file(path);
  std::string& bytes = file.bytes();
  if (options.binary) {
    bytes = "binary STL of bisque";
    bytes.resize(80, ' ');
    const auto faces = static_cast<uint32_t>(mesh.num_faces());
    append_little_endian(bytes, &faces, 1);
  } else {
    bytes = "solid bisque\n";
  }
  for (size_t f = 0; f < static_cast<size_t>(mesh.num_faces()); ++f) {
    const StlTriangle triangle = stl_triangle(mesh, f);
    if (options.binary)
      append_binary(bytes, triangle);
    else
      append_text(bytes, triangle);
    file.end_row();
  }
  if (!options.binary) bytes += "endsolid bisque\n";
  file.end_rows().commit();
}

}  // namespace bisque
