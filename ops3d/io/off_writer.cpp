#include <string>

#include <bisque/ops3d/io/number_text.h>
#include <bisque/ops3d/io/off.h>
#include <bisque/ops3d/io/row_file.h>

namespace bisque {
namespace {

class OffWriter {
 public:
  OffWriter(const std::string& path, const MeshData& mesh, const WriteOffOptions& options)
      : file_(path), mesh_(mesh), options_(options) {}

  void write() {
    if (!mesh_.colors.empty()) text_ += 'C';
    if (has_normals()) text_ += 'N';
    text_ += "OFF\n" + std::to_string(mesh_.num_verts()) + " " + std::to_string(mesh_.num_faces()) + " 0\n";
    for (size_t v = 0; v < static_cast<size_t>(mesh_.num_verts()); ++v) {
      add_floats(&mesh_.verts[v * 3], 3);
      if (has_normals()) add_floats(&mesh_.normals[v * 3], 3);
      add_color(mesh_.colors, v);
      end_row();
    }
    for (size_t f = 0; f < static_cast<size_t>(mesh_.num_faces()); ++f) {
      text_ += "3 ";
      for (size_t k = 0; k < 3; ++k) add_integer(mesh_.faces[f * 3 + k]);
      add_color(mesh_.face_colors, f);
      end_row();
    }
    file_.end_rows().commit();
  }

 private:
  // Those of corners do not fit the format.
  bool has_normals() const { return !mesh_.normals.empty() && mesh_.normal_faces.empty(); }

  void add_integer(int32_t value) {
    append_number(text_, value);
    text_ += ' ';
  }

  void add_floats(const float* values, size_t count) {
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
    for (size_t i = 0; i < channels; ++i) add_integer(color_as_uint8(color[i]));
  }

  void end_row() {
    text_.back() = '\n';  // in place of the space
    file_.end_row();
  }

  RowFile file_;
  std::string& text_ = file_.bytes();
  const MeshData& mesh_;
  const WriteOffOptions& options_;
};

}  // namespace

void write_off(const std::string& path, const MeshData& mesh, const WriteOffOptions& options) {
  check_mesh_arrays(mesh);
  OffWriter(path, mesh, options).write();
}

}  // namespace bisque
