#include <bisque/ops3d/io/mtl.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/line_reader.h>
#include <bisque/ops3d/io/number_text.h>

namespace bisque {
namespace {

std::string_view without_spaces(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Options of map_Kd that are skipped, with the largest number of their values.
int max_values_of_option(std::string_view option) {
  if (option == "-mm") return 2;
  if (option == "-t") return 3;
  const bool has_one = option == "-blendu" || option == "-blendv" || option == "-cc" || option == "-boost" ||
                       option == "-bm" || option == "-imfchan" || option == "-texres" || option == "-type" ||
                       option == "-colorspace";
  return has_one ? 1 : 0;
}

class MtlParser {
 public:
  MtlParser(std::string_view text, const std::string& where)
      : lines_(text, where), folder_(folder_prefix(where)), where_(where) {}

  MtlFile parse() {
    while (lines_.next_line()) {
      const std::string_view keyword = lines_.take_word();
      if (keyword.empty() || keyword.starts_with('#')) continue;
      if (keyword == "newmtl") {
        file_.materials.emplace_back();
        file_.materials.back().name = utf8_or_latin1(without_spaces(lines_.rest_of_line()));
      } else if (is_read(keyword)) {
        if (file_.materials.empty()) lines_.fail_here(quoted_text(keyword), " precedes the first newmtl.");
        parse_statement(keyword, file_.materials.back());
      }
    }
    return std::move(file_);
  }

 private:
  static bool is_read(std::string_view keyword) {
    constexpr std::string_view kRead[] = {"Ka", "Kd", "Ks", "Ns", "d", "Tr", "illum", "map_Kd"};
    return std::find(std::begin(kRead), std::end(kRead), keyword) != std::end(kRead);
  }

  void parse_statement(std::string_view keyword, Material& material) {
    if (keyword == "Ka") return take_color(material.ambient);
    if (keyword == "Kd") return take_color(material.diffuse);
    if (keyword == "Ks") return take_color(material.specular);
    if (keyword == "Ns") material.shininess = lines_.take_float();
    if (keyword == "Tr") material.opacity = 1 - lines_.take_float();
    if (keyword == "illum") material.illumination = static_cast<int32_t>(lines_.take_integer(0, 1000));
    if (keyword == "d") {
      const std::string_view word = lines_.take_word();
      material.opacity = word == "-halo" ? lines_.take_float() : lines_.to_float(word);
    }
    if (keyword == "map_Kd") take_texture(material);
  }

  // One value stands for three equal ones. Spectral curves and CIE colours are ignored.
  void take_color(std::array<float, 3>& color) {
    const std::string_view word = lines_.take_word();
    if (word == "spectral" || word == "xyz") {
      warn(": ignores a colour that is a spectral curve or CIE XYZ.");
      return;
    }
    color[0] = lines_.to_float(word);
    color[1] = color[2] = color[0];
    if (lines_.is_at_end()) return;
    color[1] = lines_.take_float();
    color[2] = lines_.take_float();
  }

  // Up to three numbers, of which the first two matter; `fallback` for those that are missing.
  std::array<float, 2> take_pair(float fallback) {
    std::array<float, 2> pair{fallback, fallback};
    for (size_t i = 0; i < 3; ++i) {
      float value = 0;
      if (!parse_number(lines_.peek_word(), value)) break;
      lines_.take_word();
      if (i < 2) pair[i] = value;
    }
    return pair;
  }

  void take_texture(Material& material) {
    Texture texture;
    while (lines_.peek_word().starts_with('-')) {
      const std::string_view option = lines_.take_word();
      if (option == "-s") {
        texture.scale = take_pair(1);
      } else if (option == "-o") {
        texture.offset = take_pair(0);
      } else if (option == "-clamp") {
        const Wrap wrap = lines_.take_word() == "on" ? Wrap::kClamp : Wrap::kRepeat;
        texture.wrap = {wrap, wrap};
      } else if (const int count = max_values_of_option(option); count == 1) {
        lines_.take_word();
      } else if (count > 1) {
        take_pair(0);
      } else {
        lines_.fail_here(quoted_text(option), " is not an option of map_Kd.");
      }
    }
    std::string name = utf8_or_latin1(without_spaces(lines_.rest_of_line()));
    if (name.empty()) lines_.fail_here("ends early, expected the name of a picture.");
    std::replace(name.begin(), name.end(), '\\', '/');  // of exporters on Windows
    texture.path = name.starts_with('/') ? name : folder_ + name;
    const auto found = std::find(file_.textures.begin(), file_.textures.end(), texture);
    material.texture = static_cast<int32_t>(found - file_.textures.begin());
    if (found == file_.textures.end()) file_.textures.push_back(std::move(texture));
  }

  void warn(const std::string& text) {
    const std::string warning = where_ + text;
    if (std::find(file_.warnings.begin(), file_.warnings.end(), warning) == file_.warnings.end()) {
      file_.warnings.push_back(warning);
    }
  }

  LineReader lines_;
  std::string folder_;
  const std::string& where_;
  MtlFile file_;
};

void append_values(std::string& text, const char* keyword, std::initializer_list<float> values) {
  text += keyword;
  for (const float value : values) {
    text += ' ';
    append_number(text, value);
  }
  text += '\n';
}

void append_color(std::string& text, const char* keyword, const std::array<float, 3>& color) {
  append_values(text, keyword, {color[0], color[1], color[2]});
}

void append_texture(std::string& text, const Texture& texture) {
  const auto append_pair = [&](const char* option, const std::array<float, 2>& pair, float usual) {
    if (pair[0] == usual && pair[1] == usual) return;
    text += option;
    for (const float value : pair) {
      text += ' ';
      append_number(text, value);
    }
  };
  text += "map_Kd";
  append_pair(" -s", texture.scale, 1);
  append_pair(" -o", texture.offset, 0);
  if (texture.wrap[0] == Wrap::kClamp) text += " -clamp on";
  text += " " + texture.path + "\n";
}

}  // namespace

MtlFile parse_mtl(std::string_view text, const std::string& where) { return MtlParser(text, where).parse(); }

std::string mtl_text(const std::vector<Material>& materials, const std::vector<Texture>& textures) {
  std::string text = "# bisque\n";
  for (const Material& material : materials) {
    text += "newmtl " + material.name + "\n";
    append_color(text, "Ka", material.ambient);
    append_color(text, "Kd", material.diffuse);
    append_color(text, "Ks", material.specular);
    append_values(text, "Ns", {material.shininess});
    append_values(text, "d", {material.opacity});
    text += "illum " + std::to_string(material.illumination) + "\n";
    if (material.texture >= 0) append_texture(text, textures.at(static_cast<size_t>(material.texture)));
  }
  return text;
}

}  // namespace bisque
