#include <bisque/ops3d/io/stl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/line_reader.h>

namespace bisque {
namespace {

constexpr size_t kStlHeaderBytes = 80;
constexpr size_t kStlTriangleBytes = 50;  // a normal, three corners and two attribute bytes

// Little-endian, at any address.
uint32_t load_u32(const char* from) {
  const auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(from[i])} << (8 * i); };
  return byte(0) | byte(1) | byte(2) | byte(3);
}

// Gives equal positions one vertex: an open-addressing hash table of vertex numbers.
class VertMerger {
 public:
  explicit VertMerger(size_t expected_verts) { resize(std::bit_ceil(2 * expected_verts + 16)); }

  int32_t vert_of(const std::array<float, 3>& position, std::vector<float>& verts) {
    const size_t count = verts.size() / 3;
    if (2 * (count + 1) > table_.size()) rehash(verts);
    size_t slot = hash(position.data());
    while (table_[slot] >= 0 && !equal(position.data(), &verts[static_cast<size_t>(table_[slot]) * 3])) {
      slot = (slot + 1) & (table_.size() - 1);
    }
    if (table_[slot] < 0) {
      table_[slot] = static_cast<int32_t>(count);
      verts.insert(verts.end(), position.begin(), position.end());
    }
    return table_[slot];
  }

 private:
  static uint32_t bits(float value) { return std::bit_cast<uint32_t>(value == 0 ? 0.0F : value); }  // -0 equals 0

  static bool equal(const float* a, const float* b) {
    return bits(a[0]) == bits(b[0]) && bits(a[1]) == bits(b[1]) && bits(a[2]) == bits(b[2]);
  }

  size_t hash(const float* p) const {
    uint64_t hash = 0;
    for (size_t k = 0; k < 3; ++k) {
      hash = (hash ^ bits(p[k])) * 0x9E3779B97F4A7C15U;
      hash ^= hash >> 32;
    }
    return hash & (table_.size() - 1);
  }

  void resize(size_t size) { table_.assign(size, -1); }

  void rehash(const std::vector<float>& verts) {
    resize(table_.size() * 2);
    for (size_t v = 0; v < verts.size() / 3; ++v) {
      size_t slot = hash(&verts[v * 3]);
      while (table_[slot] >= 0) slot = (slot + 1) & (table_.size() - 1);
      table_[slot] = static_cast<int32_t>(v);
    }
  }

  std::vector<int32_t> table_;  // -1: empty
};

class StlBuilder {
 public:
  // A closed mesh has half as many verts as faces.
  StlBuilder(const StlOptions& options, const std::string& where, size_t expected_faces)
      : where_(where), merges_(options.merge_verts), merger_(merges_ ? expected_faces / 2 : 0) {
    mesh_.faces.reserve(expected_faces * 3);
  }

  void add_corner(const std::array<float, 3>& position) {
    if (merges_) {
      mesh_.faces.push_back(merger_.vert_of(position, mesh_.verts));
      return;
    }
    mesh_.faces.push_back(static_cast<int32_t>(mesh_.num_verts()));
    mesh_.verts.insert(mesh_.verts.end(), position.begin(), position.end());
  }

  // The faces that follow belong to this solid.
  void begin_solid(std::string name) {
    mesh_.face_groups.resize(mesh_.faces.size() / 3, static_cast<int32_t>(mesh_.group_names.size()) - 1);
    mesh_.group_names.push_back(std::move(name));
  }

  MeshData finish() {
    mesh_.face_groups.resize(mesh_.faces.size() / 3, static_cast<int32_t>(mesh_.group_names.size()) - 1);
    if (mesh_.group_names.size() < 2) {
      mesh_.group_names.clear();
      mesh_.face_groups.clear();
    }
    if (mesh_.num_verts() > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
    return std::move(mesh_);
  }

  void warn(const std::string& text) { mesh_.warnings.push_back(where_ + text); }

 private:
  const std::string& where_;
  bool merges_;
  VertMerger merger_;
  MeshData mesh_;
};

MeshData parse_binary_stl(std::string_view bytes, const std::string& where, const StlOptions& options) {
  const uint32_t count = load_u32(&bytes[kStlHeaderBytes]);
  const std::string_view triangles = bytes.substr(kStlHeaderBytes + 4);
  if (triangles.size() / kStlTriangleBytes < count) {
    fail(where, ": byte ", bytes.size(), ": ends in triangle ", triangles.size() / kStlTriangleBytes,
         ", but says that it has ", count, " triangles.");
  }
  if (count > INT32_MAX / 3) fail(where, ": has ", count, " triangles, expected at most ", INT32_MAX / 3, ".");
  StlBuilder builder(options, where, count);
  for (size_t t = 0; t < count; ++t) {
    const char* corner = &triangles[t * kStlTriangleBytes + 12];
    for (size_t k = 0; k < 3; ++k, corner += 12) {
      builder.add_corner({std::bit_cast<float>(load_u32(corner)), std::bit_cast<float>(load_u32(corner + 4)),
                          std::bit_cast<float>(load_u32(corner + 8))});
    }
  }
  const size_t rest = triangles.size() - count * kStlTriangleBytes;
  if (rest > 0) builder.warn(": ignores " + std::to_string(rest) + " bytes after its last triangle.");
  return builder.finish();
}

// The size of a binary file with the header of this one; 0 if it has none.
uint64_t binary_stl_size(std::string_view bytes) {
  if (bytes.size() < kStlHeaderBytes + 4) return 0;
  return kStlHeaderBytes + 4 + uint64_t{load_u32(&bytes[kStlHeaderBytes])} * kStlTriangleBytes;
}

bool is_text_stl(std::string_view bytes) {
  const size_t first = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  return lower_case(bytes.substr(first, 5)) == "solid";
}

class StlTextParser {
 public:
  StlTextParser(std::string_view text, const std::string& where, const StlOptions& options)
      : lines_(text, where), builder_(options, where, text.size() / kBytesPerTextTriangle) {}

  MeshData parse() {
    while (true) {
      const std::string word = lower_case(lines_.take_word_of_any_line());
      if (word.empty()) break;
      if (word != "solid") lines_.fail_here(quoted_text(word), " is not expected, expected solid.");
      parse_solid();
    }
    return builder_.finish();
  }

 private:
  static constexpr size_t kBytesPerTextTriangle = 200;

  void parse_solid() {
    std::string name;
    for (std::string_view word = lines_.take_word(); !word.empty(); word = lines_.take_word()) {
      name += (name.empty() ? "" : " ") + std::string(word);
    }
    builder_.begin_solid(utf8_or_latin1(name));
    while (true) {
      const std::string word = lower_case(lines_.take_word_of_any_line());
      if (word == "facet") {
        parse_facet();
      } else if (word == "endsolid") {
        while (!lines_.take_word().empty()) {
        }  // its name
        return;
      } else {
        fail_at(word, "facet or endsolid");
      }
    }
  }

  void parse_facet() {
    expect("normal");
    for (int i = 0; i < 3; ++i) lines_.take_word_of_any_line();
    expect("outer");
    expect("loop");
    for (int corner = 0; corner < 3; ++corner) {
      expect("vertex");
      std::array<float, 3> position;
      for (float& value : position) value = lines_.take_float();
      builder_.add_corner(position);
    }
    expect("endloop");
    expect("endfacet");
  }

  void expect(const char* word) {
    const std::string found = lower_case(lines_.take_word_of_any_line());
    if (found != word) fail_at(found, word);
  }

  [[noreturn]] void fail_at(const std::string& found, const char* expected) const {
    lines_.fail_here(found.empty() ? "the file ends" : quoted_text(found) + " is not expected", ", expected ", expected,
                     ".");
  }

  LineReader lines_;
  StlBuilder builder_;
};

}  // namespace

bool is_stl(std::string_view bytes) { return is_text_stl(bytes) || binary_stl_size(bytes) == bytes.size(); }

MeshData parse_stl(std::string_view bytes, const std::string& where, const StlOptions& options) {
  if (is_text_stl(bytes) && binary_stl_size(bytes) != bytes.size()) return StlTextParser(bytes, where, options).parse();
  if (binary_stl_size(bytes) == 0) fail(where, ": is not an STL file, expected \"solid\" or 84 bytes first.");
  return parse_binary_stl(bytes, where, options);
}

MeshData read_stl(const std::string& path, const StlOptions& options) {
  return parse_stl(MappedFile::open(path)->text(), path, options);
}

}  // namespace bisque
