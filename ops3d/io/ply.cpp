#include <bisque/ops3d/io/ply.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/line_reader.h>
#include <bisque/ops3d/io/ply_header.h>
#include <bisque/ops3d/io/polygon_mesh.h>

namespace bisque {
namespace {

constexpr size_t kMaxNamedProperties = 8;  // in a warning

// Where the values of a property go: that of row i to values[i * stride], multiplied by scale. Null: it is skipped.
struct PlyTarget {
  float* values = nullptr;
  size_t stride = 0;
  float scale = 1;
};

// What is read of an element.
struct PlyTargets {
  std::vector<PlyTarget> scalars;  // by property
  size_t indices = SIZE_MAX;       // the property that holds the corners of faces
  PolygonMesh* mesh = nullptr;     // which receives them
};

template <class T>
T load(const char* from, bool swap) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (swap) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

// Calls action(T{}) with the C++ type.
template <class Action>
void with_type(PlyType type, const Action& action) {
  switch (type) {
    case PlyType::kInt8:
      return action(int8_t{});
    case PlyType::kUint8:
      return action(uint8_t{});
    case PlyType::kInt16:
      return action(int16_t{});
    case PlyType::kUint16:
      return action(uint16_t{});
    case PlyType::kInt32:
      return action(int32_t{});
    case PlyType::kUint32:
      return action(uint32_t{});
    case PlyType::kFloat32:
      return action(float{});
    case PlyType::kFloat64:
      return action(double{});
  }
}

// The rows of elements in a binary file.
class PlyBinaryRows {
 public:
  PlyBinaryRows(std::string_view bytes, const PlyHeader& header, const std::string& where)
      : bytes_(bytes),
        where_(where),
        next_(header.num_bytes),
        swap_((header.format == PlyFormat::kBigEndian) != (std::endian::native == std::endian::big)) {}

  void check_size(const PlyElement& element) const {
    const size_t row_bytes = element.min_row_bytes();
    if (row_bytes > 0 && static_cast<uint64_t>(element.count) > (bytes_.size() - next_) / row_bytes) {
      fail(where_, ": byte ", next_, ": element ", quoted_text(element.name), " has ", element.count,
           " rows of at least ", row_bytes, " bytes, but only ", bytes_.size() - next_, " bytes follow.");
    }
  }

  void read(const PlyElement& element, const PlyTargets& targets) {
    if (element.has_lists()) return read_rows(element, targets);
    const size_t row_bytes = element.min_row_bytes();
    if (is_copy(element, targets)) {
      std::memcpy(targets.scalars[0].values, bytes_.data() + next_, row_bytes * static_cast<size_t>(element.count));
      next_ += row_bytes * static_cast<size_t>(element.count);
      return;
    }
    size_t offset = 0;
    for (size_t p = 0; p < element.properties.size(); ++p) {
      const PlyType type = element.properties[p].type;
      if (targets.scalars[p].values != nullptr) {
        with_type(type, [&](auto zero) {
          read_column<decltype(zero)>(next_ + offset, row_bytes, static_cast<size_t>(element.count),
                                      targets.scalars[p]);
        });
      }
      offset += size_of(type);
    }
    next_ += row_bytes * static_cast<size_t>(element.count);
  }

  void check_end() const {
    if (next_ < bytes_.size()) {
      fail(where_, ": byte ", next_, ": has ", bytes_.size() - next_, " bytes after its last element.");
    }
  }

 private:
  template <class T>
  void read_column(size_t at, size_t row_bytes, size_t count, const PlyTarget& target) const {
    for (size_t row = 0; row < count; ++row) {
      const size_t byte = at + row * row_bytes;
      target.values[row * target.stride] = to_float(load<T>(&bytes_[byte], swap_), byte) * target.scale;
    }
  }

  template <class T>
  float to_float(T value, size_t byte) const {
    const auto result = static_cast<float>(value);
    if constexpr (std::is_same_v<T, double>) {
      if (std::isinf(result) && !std::isinf(value)) {
        fail(where_, ": byte ", byte, ": ", value, " is beyond the range of float.");
      }
    }
    return result;
  }

  // Whether the bytes of the rows are the values to be read, as those of verts without attributes are.
  bool is_copy(const PlyElement& element, const PlyTargets& targets) const {
    if (swap_ || element.count == 0) return false;
    for (size_t p = 0; p < element.properties.size(); ++p) {
      const PlyTarget& target = targets.scalars[p];
      const bool is_next = target.values != nullptr && target.values == targets.scalars[0].values + p;
      const bool is_whole = target.stride == element.properties.size() && target.scale == 1;
      if (element.properties[p].type != PlyType::kFloat32 || !is_next || !is_whole) return false;
    }
    return !element.properties.empty();
  }

  // Rows that have lists have different sizes.
  void read_rows(const PlyElement& element, const PlyTargets& targets) {
    if (targets.mesh != nullptr) {
      const size_t most = (bytes_.size() - next_) / size_of(element.properties[targets.indices].type);
      targets.mesh->corner_verts.reserve(std::min(most, static_cast<size_t>(element.count) * 3));
    }
    for (int64_t row = read_triangles(element, targets); row < element.count; ++row) {
      for (size_t p = 0; p < element.properties.size(); ++p) {
        const PlyProperty& property = element.properties[p];
        if (property.count_type)
          read_list(element, row, property, p == targets.indices ? targets.mesh : nullptr);
        else
          read_scalar(element, row, property.type, targets.scalars[p]);
      }
    }
  }

  // The rows up to the first that is no triangle, in files whose faces have only corners of 4 bytes, as most files
  // have.
  int64_t read_triangles(const PlyElement& element, const PlyTargets& targets) {
    constexpr size_t kRowBytes = 1 + 3 * sizeof(int32_t);
    if (targets.mesh == nullptr || element.properties.size() > 1 || swap_) return 0;
    const PlyProperty& list = element.properties[0];
    if (size_of(*list.count_type) != 1 || size_of(list.type) != sizeof(int32_t)) return 0;
    const size_t most = std::min(static_cast<size_t>(element.count), (bytes_.size() - next_) / kRowBytes);
    std::vector<int32_t>& corners = targets.mesh->corner_verts;
    corners.resize(most * 3);
    size_t row = 0;
    for (const char* from = bytes_.data() + next_; row < most && *from == 3; ++row, from += kRowBytes) {
      std::memcpy(&corners[row * 3], from + 1, 3 * sizeof(int32_t));
    }
    corners.resize(row * 3);
    targets.mesh->polygon_sizes.assign(row, 3);
    next_ += row * kRowBytes;
    return static_cast<int64_t>(row);
  }

  void read_list(const PlyElement& element, int64_t row, const PlyProperty& property, PolygonMesh* mesh) {
    check_left(element, row, size_of(*property.count_type));
    int64_t count = 0;
    with_type(*property.count_type,
              [&](auto zero) { count = static_cast<int64_t>(load<decltype(zero)>(&bytes_[next_], swap_)); });
    if (count < 0) {
      fail(where_, ": byte ", next_, ": row ", row, " of element ", quoted_text(element.name), " has a list of ", count,
           " values.");
    }
    next_ += size_of(*property.count_type);
    const auto size = static_cast<size_t>(count);
    if (size > (bytes_.size() - next_) / size_of(property.type)) fail_at_end(element, row);
    if (mesh != nullptr) {
      with_type(property.type, [&](auto zero) { add_polygon<decltype(zero)>(size, *mesh); });
    }
    next_ += size * size_of(property.type);
  }

  template <class Index>
  void add_polygon(size_t size, PolygonMesh& mesh) const {
    for (size_t i = 0; i < size; ++i) {
      mesh.corner_verts.push_back(static_cast<int32_t>(load<Index>(&bytes_[next_ + i * sizeof(Index)], swap_)));
    }
    mesh.polygon_sizes.push_back(static_cast<int32_t>(size));
  }

  void read_scalar(const PlyElement& element, int64_t row, PlyType type, const PlyTarget& target) {
    check_left(element, row, size_of(type));
    if (target.values != nullptr) {
      with_type(type, [&](auto zero) {
        read_column<decltype(zero)>(next_, 0, 1,
                                    {target.values + static_cast<size_t>(row) * target.stride, 0, target.scale});
      });
    }
    next_ += size_of(type);
  }

  void check_left(const PlyElement& element, int64_t row, size_t size) const {
    if (bytes_.size() - next_ < size) fail_at_end(element, row);
  }

  [[noreturn]] void fail_at_end(const PlyElement& element, int64_t row) const {
    fail(where_, ": byte ", bytes_.size(), ": ends in row ", row, " of element ", quoted_text(element.name),
         ", which has ", element.count, " rows.");
  }

  std::string_view bytes_;
  const std::string& where_;
  size_t next_;
  bool swap_;
};

// The rows of elements in an ascii file: one per line.
class PlyTextRows {
 public:
  PlyTextRows(std::string_view text, const PlyHeader& header, const std::string& where) : lines_(text, where) {
    while (lines_.line() < header.num_lines) lines_.next_line();
  }

  void check_size(const PlyElement& element) const {
    const size_t row_bytes = 2 * element.properties.size();  // the last line may lack its end
    if (row_bytes > 0 && static_cast<uint64_t>(element.count) > (lines_.rest().size() + 1) / row_bytes) {
      lines_.fail_here("is followed by only ", lines_.rest().size(), " bytes, but element ", quoted_text(element.name),
                       " has ", element.count, " rows.");
    }
  }

  void read(const PlyElement& element, const PlyTargets& targets) {
    if (element.properties.empty()) return;
    for (int64_t row = 0; row < element.count; ++row) {
      lines_.next_filled_line("a row of a PLY element");
      for (size_t p = 0; p < element.properties.size(); ++p) {
        const PlyProperty& property = element.properties[p];
        if (property.count_type) {
          read_list(p == targets.indices ? targets.mesh : nullptr);
        } else if (const PlyTarget& target = targets.scalars[p]; target.values != nullptr) {
          target.values[static_cast<size_t>(row) * target.stride] = lines_.take_float() * target.scale;
        } else {
          skip_word();
        }
      }
      if (!lines_.is_at_end()) lines_.fail_here("has more values than element ", quoted_text(element.name), " has.");
    }
  }

  void check_end() {
    while (lines_.next_line()) {
      if (!lines_.is_at_end()) lines_.fail_here("follows the last element.");
    }
  }

 private:
  void read_list(PolygonMesh* mesh) {
    const int64_t count = lines_.take_integer(0, INT32_MAX);
    for (int64_t i = 0; i < count; ++i) {
      if (mesh == nullptr)
        skip_word();
      else
        mesh->corner_verts.push_back(static_cast<int32_t>(lines_.take_integer(INT32_MIN, INT32_MAX)));
    }
    if (mesh != nullptr) mesh->polygon_sizes.push_back(static_cast<int32_t>(count));
  }

  void skip_word() {
    if (lines_.take_word().empty()) lines_.fail_here("ends early, expected a value.");
  }

  LineReader lines_;
};

float color_scale(PlyType type) {
  if (!is_integer(type)) return 1;
  return size_of(type) == 2 ? 1.0F / 65535 : 1.0F / 255;
}

class PlyBuilder {
 public:
  PlyBuilder(const PlyHeader& header, const std::string& where) : header_(header), where_(where) {}

  template <class Rows>
  MeshData build(Rows rows) {
    for (const PlyElement& element : header_.elements) {
      rows.check_size(element);
      rows.read(element, targets_of(element));
    }
    rows.check_end();
    return finish();
  }

 private:
  PlyTargets targets_of(const PlyElement& element) {
    PlyTargets targets{std::vector<PlyTarget>(element.properties.size())};
    if (element.name == "vertex") {
      has_verts_ = true;
      if (element.count > INT32_MAX) fail(where_, ": has more than 2^31 - 1 verts.");
      if (!find_group(element, {"x", "y", "z"}, mesh_.verts, targets)) {
        fail(where_, ": its element \"vertex\" lacks a property x, y or z.");
      }
      find_group(element, {"nx", "ny", "nz"}, normals_, targets);
      find_colors(element, colors_, targets);
    } else if (element.name == "face") {
      find_indices(element, targets);
      find_colors(element, face_colors_, targets);
    } else {
      mesh_.warnings.push_back(where_ + ": skips the element " + quoted_text(element.name) + ".");
      return targets;
    }
    warn_of_skipped(element, targets);
    return targets;
  }

  static size_t find_scalar(const PlyElement& element, std::string_view name) {
    const auto& properties = element.properties;
    const auto found = std::find_if(properties.begin(), properties.end(), [&](const PlyProperty& property) {
      return property.name == name && !property.count_type;
    });
    return found == properties.end() ? SIZE_MAX : static_cast<size_t>(found - properties.begin());
  }

  // Directs the properties of these names to the columns of `values`, which is allocated, if the element has them all.
  static bool find_group(const PlyElement& element, std::initializer_list<std::string_view> names,
                         std::vector<float>& values, PlyTargets& targets, bool is_color = false) {
    std::vector<size_t> properties;
    for (const std::string_view name : names) properties.push_back(find_scalar(element, name));
    if (std::find(properties.begin(), properties.end(), SIZE_MAX) != properties.end()) return false;
    if (element.count == 0) return true;
    values.resize(static_cast<size_t>(element.count) * names.size());
    for (size_t i = 0; i < properties.size(); ++i) {
      const float scale = is_color ? color_scale(element.properties[properties[i]].type) : 1;
      targets.scalars[properties[i]] = {values.data() + i, names.size(), scale};
    }
    return true;
  }

  static void find_colors(const PlyElement& element, Colors& colors, PlyTargets& targets) {
    if (find_group(element, {"red", "green", "blue", "alpha"}, colors.values, targets, true)) {
      colors.channels = 4;
    } else {
      find_group(element, {"red", "green", "blue"}, colors.values, targets, true);
    }
  }

  void find_indices(const PlyElement& element, PlyTargets& targets) {
    for (size_t p = 0; p < element.properties.size(); ++p) {
      const PlyProperty& property = element.properties[p];
      const bool is_named = property.name == "vertex_indices" || property.name == "vertex_index";
      if (!is_named || !property.count_type) continue;
      if (!is_integer(property.type))
        fail(where_, ": ", quoted_text(property.name), " is a list of numbers, expected integers.");
      targets.indices = p;
      targets.mesh = &mesh_;
      mesh_.polygon_sizes.reserve(static_cast<size_t>(element.count));
      return;
    }
    if (element.count > 0) fail(where_, ": its element \"face\" lacks a list vertex_indices.");
  }

  void warn_of_skipped(const PlyElement& element, const PlyTargets& targets) {
    std::vector<std::string> names;
    for (size_t p = 0; p < element.properties.size(); ++p) {
      if (targets.scalars[p].values == nullptr && p != targets.indices && element.count > 0) {
        names.push_back(element.properties[p].name);
      }
    }
    if (names.empty()) return;
    const size_t count = names.size();
    names.resize(std::min(count, kMaxNamedProperties));
    mesh_.warnings.push_back(where_ + ": skips " + std::to_string(count) + " properties of element " +
                             quoted_text(element.name) + ": " + comma_list(names) +
                             (count > names.size() ? ", ..." : "") + ".");
  }

  MeshData finish() {
    if (!has_verts_) fail(where_, ": has no element \"vertex\".");
    check_corners(mesh_, where_);
    drop_small_polygons(mesh_, face_colors_, where_);
    MeshData result = triangulate(std::move(mesh_), where_);
    result.normals = std::move(normals_);
    result.colors = std::move(colors_);
    result.face_colors = triangle_colors(std::move(face_colors_), result.polygon_sizes);
    return result;
  }

  const PlyHeader& header_;
  const std::string& where_;
  PolygonMesh mesh_;
  std::vector<float> normals_;
  Colors colors_;
  Colors face_colors_;
  bool has_verts_ = false;
};

}  // namespace

MeshData parse_ply(std::string_view bytes, const std::string& where) {
  const PlyHeader header = parse_ply_header(bytes, where);
  PlyBuilder builder(header, where);
  if (header.format == PlyFormat::kAscii) return builder.build(PlyTextRows(bytes, header, where));
  return builder.build(PlyBinaryRows(bytes, header, where));
}

MeshData read_ply(const std::string& path) { return parse_ply(MappedFile::open(path)->text(), path); }

}  // namespace bisque
