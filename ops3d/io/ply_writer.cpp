#include <cstddef>
#include <initializer_list>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/ops3d/io/number_text.h>
#include <bisque/ops3d/io/ply.h>
#include <bisque/ops3d/io/row_file.h>

namespace bisque {
namespace {

class PlyWriter {
 public:
  PlyWriter(const std::string& path, const MeshData& mesh, const WritePlyOptions& options)
      : file_(path), mesh_(mesh), options_(options) {}

  void write() {
    add_header();
    for (size_t v = 0; v < static_cast<size_t>(mesh_.num_verts()); ++v) {
      add_floats(&mesh_.verts[v * 3], 3);
      if (has_normals()) add_floats(&mesh_.normals[v * 3], 3);
      add_color(mesh_.colors, v);
      end_row();
    }
    for (size_t f = 0; f < static_cast<size_t>(mesh_.num_faces()); ++f) {
      add_uint8(3);
      add_indices(&mesh_.faces[f * 3], 3);
      add_color(mesh_.face_colors, f);
      end_row();
    }
    file_.end_rows().commit();
  }

 private:
  // Those of corners do not fit the format.
  bool has_normals() const { return !mesh_.normals.empty() && mesh_.normal_faces.empty(); }

  void add_header() {
    text_ = options_.binary ? "ply\nformat binary_little_endian 1.0\n" : "ply\nformat ascii 1.0\n";
    text_ += "comment bisque\nelement vertex " + std::to_string(mesh_.num_verts()) + "\n";
    add_properties("float", {"x", "y", "z"});
    if (has_normals()) add_properties("float", {"nx", "ny", "nz"});
    add_color_properties(mesh_.colors);
    if (!mesh_.faces.empty()) {
      text_ += "element face " + std::to_string(mesh_.num_faces()) + "\nproperty list uchar int vertex_indices\n";
      add_color_properties(mesh_.face_colors);
    }
    text_ += "end_header\n";
  }

  void add_properties(const char* type, std::initializer_list<const char*> names) {
    for (const char* name : names) text_ += "property " + std::string(type) + " " + name + "\n";
  }

  void add_color_properties(const Colors& colors) {
    if (colors.empty()) return;
    const char* type = options_.colors_as_uint8 ? "uchar" : "float";
    add_properties(type, {"red", "green", "blue"});
    if (colors.channels == 4) add_properties(type, {"alpha"});
  }

  void add_word(int32_t value) {
    append_number(text_, value);
    text_ += ' ';
  }

  void add_floats(const float* values, size_t count) {
    if (options_.binary) return append_little_endian(text_, values, count);
    for (size_t i = 0; i < count; ++i) {
      append_number(text_, values[i], options_.decimal_places);
      text_ += ' ';
    }
  }

  void add_color(const Colors& colors, size_t row) {
    if (colors.empty()) return;
    const auto channels = static_cast<size_t>(colors.channels);
    const float* color = &colors.values[row * channels];
    if (!options_.colors_as_uint8) return add_floats(color, channels);
    for (size_t i = 0; i < channels; ++i) add_uint8(color_as_uint8(color[i]));
  }

  void add_uint8(uint8_t value) {
    if (options_.binary) return append_little_endian(text_, &value, 1);
    add_word(value);
  }

  void add_indices(const int32_t* values, size_t count) {
    if (options_.binary) return append_little_endian(text_, values, count);
    for (size_t i = 0; i < count; ++i) add_word(values[i]);
  }

  void end_row() {
    if (!options_.binary) text_.back() = '\n';  // in place of the space
    file_.end_row();
  }

  RowFile file_;
  std::string& text_ = file_.bytes();
  const MeshData& mesh_;
  const WritePlyOptions& options_;
};

}  // namespace

void write_ply(const std::string& path, const MeshData& mesh, const WritePlyOptions& options) {
  check_mesh_arrays(mesh);
  PlyWriter(path, mesh, options).write();
}

}  // namespace bisque
