#include <bisque/ops3d/io/off.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/line_reader.h>
#include <bisque/ops3d/io/polygon_mesh.h>

namespace bisque {
namespace {

constexpr float kWhite = 1;

// Colours from 0 to 255 become 0 to 1.
void scale_off_colors(std::vector<float>& colors) {
  if (std::none_of(colors.begin(), colors.end(), [](float value) { return value > 1; })) return;
  for (float& value : colors) value /= 255;
}

class OffParser {
 public:
  OffParser(std::string_view text, const std::string& where) : lines_(text, where, '#'), where_(where) {}

  MeshData parse() {
    parse_header();
    for (int64_t v = 0; v < num_verts_; ++v) parse_vert(v);
    for (int64_t f = 0; f < num_faces_; ++f) parse_face(f);
    while (lines_.next_line()) {
      if (!lines_.is_at_end()) lines_.fail_here("follows the last face.");
    }
    return finish();
  }

 private:
  void parse_header() {
    lines_.next_filled_line("OFF");
    std::string_view word = lines_.take_word();
    const size_t keyword = word.find("OFF");
    if (keyword != std::string_view::npos) {
      const std::string_view prefix = word.substr(0, keyword);
      if (prefix != "" && prefix != "C" && prefix != "N" && prefix != "CN" && prefix != "NC") {
        lines_.fail_here(quoted_text(word), " is not supported, expected OFF, COFF, NOFF or CNOFF.");
      }
      has_normals_ = prefix.find('N') != std::string_view::npos;
      has_colors_ = prefix.find('C') != std::string_view::npos;
      word = word.substr(keyword + 3);  // files of ModelNet lack the space after it
      if (word.empty()) word = lines_.take_word();
      if (word == "BINARY") lines_.fail_here("has a binary OFF file, expected an ascii one.");
      if (word.empty()) {
        lines_.next_filled_line("the numbers of verts and faces");
        word = lines_.take_word();
      }
    } else if (word.find_first_not_of("0123456789") != std::string_view::npos) {
      lines_.fail_here("has ", quoted_text(word), ", expected OFF.");
    }
    num_verts_ = lines_.to_integer(word, 0, INT32_MAX);
    num_faces_ = lines_.take_integer(0, INT64_MAX);
    // The number of edges is not used. The shortest vertex takes 6 bytes, the shortest face 2.
    const uint64_t least =
        static_cast<uint64_t>(num_verts_) * 6 + static_cast<uint64_t>(std::min(num_faces_, INT64_MAX / 4)) * 2;
    if (least > lines_.rest().size() + 1) {
      lines_.fail_here("has ", num_verts_, " verts and ", num_faces_, " faces, but only ", lines_.rest().size(),
                       " bytes follow.");
    }
    mesh_.verts.reserve(static_cast<size_t>(num_verts_) * 3);
    mesh_.polygon_sizes.reserve(static_cast<size_t>(num_faces_));
    mesh_.corner_verts.reserve(std::min(lines_.rest().size() / 2, static_cast<size_t>(num_faces_) * 3));
  }

  void parse_vert(int64_t vert) {
    lines_.next_filled_line("a vertex");
    take_floats(mesh_.verts, 3);
    if (has_normals_) take_floats(normals_, 3);
    if (lines_.is_at_end() && !has_colors_) {
      if (!colors_.empty()) lines_.fail_here("has no colour, unlike the verts before it.");
      return;
    }
    if (vert > 0 && colors_.empty() && !has_colors_) lines_.fail_here("has more values than the verts before it.");
    const size_t first = colors_.values.size();
    const size_t channels = take_rest(colors_.values);
    if (channels != 3 && channels != 4) lines_.fail_here("has a colour of ", channels, " values, expected 3 or 4.");
    if (first == 0) colors_.channels = static_cast<int32_t>(channels);
    if (channels != static_cast<size_t>(colors_.channels)) {
      lines_.fail_here("has a colour of ", channels, " values, expected ", colors_.channels, " as before.");
    }
  }

  void parse_face(int64_t face) {
    lines_.next_filled_line("a face");
    const int64_t size = lines_.take_integer(0, INT32_MAX);
    for (int64_t i = 0; i < size; ++i) {
      mesh_.corner_verts.push_back(static_cast<int32_t>(lines_.take_integer(INT32_MIN, INT32_MAX)));
    }
    mesh_.polygon_sizes.push_back(static_cast<int32_t>(size));
    if (lines_.is_at_end()) return;
    std::array<float, 5> color;  // one more than a colour has
    size_t channels = 0;
    for (; channels < color.size() && !lines_.is_at_end(); ++channels) color[channels] = lines_.take_float();
    if (channels == 1) return has_color_indices_ ? void() : warn_of_color_indices();
    if (channels != 3 && channels != 4) {
      lines_.fail_here("has ", channels, " values after its corners, expected a colour of 3 or 4.");
    }
    if (channels == 3) color[3] = -1;  // to be replaced by white
    face_colors_.resize(static_cast<size_t>(face) * 4, -1);
    face_colors_.insert(face_colors_.end(), color.begin(), color.begin() + 4);
  }

  void take_floats(std::vector<float>& values, size_t count) {
    for (size_t i = 0; i < count; ++i) values.push_back(lines_.take_float());
  }

  size_t take_rest(std::vector<float>& values) {
    size_t count = 0;
    for (; !lines_.is_at_end(); ++count) values.push_back(lines_.take_float());
    return count;
  }

  void warn_of_color_indices() {
    has_color_indices_ = true;
    mesh_.warnings.push_back(where_ + ": ignores the colours of faces that are indices of a colour map.");
  }

  // From rows of 4 values, -1 where there is none, to as many channels as there are.
  Colors face_colors() {
    if (face_colors_.empty()) return {};
    face_colors_.resize(mesh_.polygon_sizes.size() * 4, -1);
    const auto is_given = [](float value) { return value >= 0; };
    bool has_alpha = false;
    for (size_t i = 3; i < face_colors_.size(); i += 4) has_alpha |= is_given(face_colors_[i]);
    Colors colors{{}, has_alpha ? 4 : 3};
    const bool is_255 = std::any_of(face_colors_.begin(), face_colors_.end(), [](float value) { return value > 1; });
    for (size_t i = 0; i < face_colors_.size(); ++i) {
      if (i % 4 == 3 && !has_alpha) continue;
      colors.values.push_back(is_given(face_colors_[i]) ? face_colors_[i] : kWhite * (is_255 ? 255 : 1));
    }
    return colors;
  }

  MeshData finish() {
    check_corners(mesh_, where_);
    Colors colors = face_colors();
    scale_off_colors(colors.values);
    drop_small_polygons(mesh_, colors, where_);
    MeshData result = triangulate(std::move(mesh_), where_);
    scale_off_colors(colors_.values);
    result.colors = std::move(colors_);
    result.normals = std::move(normals_);
    result.face_colors = triangle_colors(std::move(colors), result.polygon_sizes);
    return result;
  }

  LineReader lines_;
  const std::string& where_;
  PolygonMesh mesh_;
  int64_t num_verts_ = 0;
  int64_t num_faces_ = 0;
  bool has_normals_ = false;
  bool has_colors_ = false;
  bool has_color_indices_ = false;
  std::vector<float> normals_;
  Colors colors_;
  std::vector<float> face_colors_;  // [F, 4], -1 for none; shorter if the last ones have none
};

}  // namespace

MeshData parse_off(std::string_view text, const std::string& where) { return OffParser(text, where).parse(); }

MeshData read_off(const std::string& path) { return parse_off(MappedFile::open(path)->text(), path); }

}  // namespace bisque
