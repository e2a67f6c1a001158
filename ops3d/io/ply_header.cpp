#include <bisque/ops3d/io/ply_header.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/line_reader.h>

namespace bisque {
namespace {

// Types in the order of PlyType, by both of their names.
constexpr std::array<std::array<std::string_view, 2>, 8> kPlyTypeNames{{{"char", "int8"},
                                                                        {"uchar", "uint8"},
                                                                        {"short", "int16"},
                                                                        {"ushort", "uint16"},
                                                                        {"int", "int32"},
                                                                        {"uint", "uint32"},
                                                                        {"float", "float32"},
                                                                        {"double", "float64"}}};
constexpr std::array<size_t, 8> kPlyTypeSizes{1, 1, 2, 2, 4, 4, 4, 8};

class PlyHeaderParser {
 public:
  PlyHeaderParser(std::string_view text, const std::string& where) : lines_(text, where), where_(where) {}

  PlyHeader parse() {
    if (!lines_.next_line() || lines_.take_word() != "ply")
      fail(where_, ": is not a PLY file, expected \"ply\" first.");
    bool has_format = false;
    while (true) {
      if (!lines_.next_line()) fail(where_, ": has no end_header, expected a PLY header.");
      const std::string_view keyword = lines_.take_word();
      if (keyword == "end_header") break;
      if (keyword == "format") {
        header_.format = take_format();
        has_format = true;
      } else if (keyword == "element") {
        take_element();
      } else if (keyword == "property") {
        take_property();
      } else if (!keyword.empty() && keyword != "comment" && keyword != "obj_info") {
        lines_.fail_here(quoted_text(keyword), " is not a keyword of a PLY header.");
      }
    }
    if (!has_format) fail(where_, ": has no format line, expected a PLY header.");
    header_.num_bytes = lines_.position();
    header_.num_lines = lines_.line();
    return std::move(header_);
  }

 private:
  PlyFormat take_format() {
    const std::string_view name = lines_.take_word(), version = lines_.take_word();
    if (version != "1.0") lines_.fail_here("has PLY version ", quoted_text(version), ", expected 1.0.");
    if (name == "ascii") return PlyFormat::kAscii;
    if (name == "binary_little_endian") return PlyFormat::kLittleEndian;
    if (name == "binary_big_endian") return PlyFormat::kBigEndian;
    lines_.fail_here("has format ", quoted_text(name), ", expected ascii, binary_little_endian or binary_big_endian.");
  }

  void take_element() {
    PlyElement element;
    element.name = take_name();
    if (!names_.insert(element.name).second)
      lines_.fail_here("declares element ", quoted_text(element.name), " again.");
    element.count = lines_.take_integer(0, INT64_MAX);
    header_.elements.push_back(std::move(element));
  }

  void take_property() {
    if (header_.elements.empty()) lines_.fail_here("declares a property before the first element.");
    PlyProperty property;
    std::string_view type = lines_.take_word();
    if (type == "list") {
      property.count_type = type_named(lines_.take_word());
      if (!is_integer(*property.count_type)) lines_.fail_here("has a list whose length is not an integer.");
      type = lines_.take_word();
    }
    property.type = type_named(type);
    property.name = take_name();
    header_.elements.back().properties.push_back(std::move(property));
  }

  std::string take_name() {
    const std::string_view name = lines_.take_word();
    if (name.empty()) lines_.fail_here("ends early, expected a name.");
    return std::string(name);
  }

  PlyType type_named(std::string_view name) const {
    for (size_t i = 0; i < kPlyTypeNames.size(); ++i) {
      if (name == kPlyTypeNames[i][0] || name == kPlyTypeNames[i][1]) return static_cast<PlyType>(i);
    }
    lines_.fail_here(quoted_text(name), " is not a PLY type, expected one such as uchar, int or float.");
  }

  LineReader lines_;
  const std::string& where_;
  PlyHeader header_;
  std::unordered_set<std::string> names_;  // of the elements
};

}  // namespace

size_t size_of(PlyType type) { return kPlyTypeSizes[static_cast<size_t>(type)]; }

bool PlyElement::has_lists() const {
  return std::any_of(properties.begin(), properties.end(),
                     [](const PlyProperty& property) { return property.count_type.has_value(); });
}

size_t PlyElement::min_row_bytes() const {
  size_t bytes = 0;
  for (const PlyProperty& property : properties) bytes += size_of(property.count_type.value_or(property.type));
  return bytes;
}

PlyHeader parse_ply_header(std::string_view text, const std::string& where) {
  return PlyHeaderParser(text, where).parse();
}

}  // namespace bisque
