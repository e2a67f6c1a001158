#include <bisque/core/serialization/npy.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>

namespace bisque {

static_assert(std::endian::native == std::endian::little, "values() reads little-endian numbers as they lie");

namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr size_t kMaxNpyHeaderBytes = 1 << 20;
constexpr size_t kMaxRank = 32;  // NumPy's own limit

// The header is the text of a Python dict: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, size_t first_byte, const std::string& where)
      : text_(text), first_byte_(first_byte), where_(where) {}

  void parse(NpyArray& array) {
    std::set<std::string> keys;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      if (!keys.insert(key).second) fail(where_, ": the npy header has the key '", printable(key), "' twice.");
      expect(':');
      if (key == "descr")
        dtype(array);
      else if (key == "fortran_order")
        order();
      else if (key == "shape")
        array.shape = shape();
      else
        fail(where_, ": the npy header has an unknown key '", printable(key), "'.");
      if (!accept(',') && peek() != '}') fail_here("expected , or }");
    }
    skip_spaces();
    if (at_ < text_.size()) fail_here("expected the end of the header");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!keys.contains(key)) fail(where_, ": the npy header has no key '", key, "'.");
    }
  }

 private:
  [[noreturn]] void fail_here(const char* what) const {
    fail(where_, ": byte ", first_byte_ + at_, " of the npy header: ", what, ".");
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  char peek() {
    skip_spaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool accept(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    const char message[] = {'e', 'x', 'p', 'e', 'c', 't', 'e', 'd', ' ', c, '\0'};
    if (!accept(c)) fail_here(message);
  }

  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail_here("expected a string in quotes");
    std::string result;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == quote) {
        ++at_;
        return result;
      }
      if (c == '\\') {
        c = ++at_ < text_.size() ? text_[at_] : '\0';
        if (c != '\\' && c != '\'' && c != '"') fail_here("expected \\\\, \\' or \\\" after a backslash");
      }
      result += c;
    }
    fail_here("a string does not end");
  }

  void order() {
    skip_spaces();
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("True")) fail(where_, ": the array is in Fortran order, expected C order.");
    if (!rest.starts_with("False")) fail_here("expected True or False");
    at_ += std::string_view("False").size();
  }

  int64_t integer() {
    skip_spaces();
    const size_t first = at_;
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text_[at_] - '0', &value)) {
        fail_here("an integer above 2^63");
      }
    }
    if (at_ == first) fail_here("expected a non-negative integer");
    return value;
  }

  std::vector<int64_t> shape() {
    std::vector<int64_t> result;
    expect('(');
    while (!accept(')')) {
      if (result.size() == kMaxRank) fail_here("the shape has more than 32 dimensions");
      result.push_back(integer());
      if (!accept(',') && (result.size() < 2 || peek() != ')')) fail_here("expected , in the shape");
    }
    return result;
  }

  // '<f4', or a list of fields: [('a', '<f4'), ('b', '<f8')].
  void dtype(NpyArray& array) {
    if (peek() != '[') {
      const std::optional<NpyColumn> field = number("", 0, array.item_size);
      if (!field) fail_here("expected an element type that is a number");
      array.columns.push_back(*field);
      return;
    }
    std::set<std::string> names;
    expect('[');
    while (!accept(']')) {
      expect('(');
      const std::string name = string();
      expect(',');
      size_t size = 0;
      if (std::optional<NpyColumn> field = number(name, array.item_size, size)) {
        if (name.empty()) fail(where_, ": the npy header has a field without a name.");
        if (!names.insert(name).second) fail(where_, ": the npy header has two fields '", printable(name), "'.");
        array.columns.push_back(std::move(*field));
      }
      array.item_size += size;
      if (!accept(')')) fail_here("expected ), as fields that are arrays themselves are not read");
      if (!accept(',') && peek() != ']') fail_here("expected , or ]");
    }
    if (array.columns.empty()) fail(where_, ": the npy header has no field that is a number.");
  }

  // A type such as '<f4'; `size` becomes its bytes. Nothing for '|V4': padding.
  std::optional<NpyColumn> number(const std::string& name, size_t offset, size_t& size) {
    const std::string type = peek() == '\'' || peek() == '"' ? string() : "";
    if (type.size() < 3) fail_here("expected an element type such as '<f4'");
    const char order = type[0];
    const char kind = type[1];
    size = 0;
    for (const char c : std::string_view(type).substr(2)) {
      if (c < '0' || c > '9' || size > kMaxNpyHeaderBytes) fail_here("expected the size of an element type in bytes");
      size = size * 10 + static_cast<size_t>(c - '0');
    }
    if (kind == 'V' && order == '|' && name.empty()) return std::nullopt;
    const bool known = (kind == 'f' && (size == 4 || size == 8)) || (kind == 'b' && size == 1) ||
                       ((kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8));
    if (!known || (order != '<' && (order != '|' || size != 1))) {
      fail(where_, ": element type '", printable(type),
           "' is not read, expected little-endian numbers (<f4, <f8, <i4, ...).");
    }
    return NpyColumn{name, kind, size, offset};
  }

  std::string_view text_;
  size_t first_byte_;
  size_t at_ = 0;
  const std::string& where_;
};

template <class T>
double load_number(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return static_cast<double>(value);
}

using Load = double (*)(const std::byte*);

Load load_of(const NpyColumn& field) {
  if (field.kind == 'f') return field.size == 4 ? load_number<float> : load_number<double>;
  const bool sign = field.kind == 'i';
  switch (field.size) {
    case 1:
      return sign ? load_number<int8_t> : load_number<uint8_t>;
    case 2:
      return sign ? load_number<int16_t> : load_number<uint16_t>;
    case 4:
      return sign ? load_number<int32_t> : load_number<uint32_t>;
    default:
      return sign ? load_number<int64_t> : load_number<uint64_t>;
  }
}

}  // namespace

std::vector<double> NpyArray::values(const NpyColumn& field) const {
  const Load load = load_of(field);
  std::vector<double> result(static_cast<size_t>(num_items()));
  for (size_t i = 0; i < result.size(); ++i) result[i] = load(bytes.data() + i * item_size + field.offset);
  return result;
}

NpyArray read_npy(const std::string& path) {
  auto file = MappedFile::open(path);
  return parse_npy(file->bytes(), path, file);
}

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& where, std::shared_ptr<const void> owner) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kNpyMagic)) fail(where, ": does not begin with \\x93NUMPY, as .npy files do.");
  const size_t at_version = kNpyMagic.size();
  if (text.size() < at_version + 2) fail(where, ": ends within the npy header.");
  const int version = static_cast<int>(bytes[at_version]);
  if (version < 1 || version > 3) fail(where, ": has npy version ", version, ", expected 1, 2 or 3.");
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t at_header = at_version + 2 + length_bytes;
  if (text.size() < at_header) fail(where, ": ends within the npy header.");
  uint32_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data() + at_version + 2, length_bytes);
  const size_t limit = std::min(kMaxNpyHeaderBytes, text.size() - at_header);
  if (header_bytes > limit) {
    fail(where, ": declares an npy header of ", header_bytes, " bytes, expected at most ", limit, ".");
  }

  NpyArray array;
  HeaderParser(text.substr(at_header, header_bytes), at_header, where).parse(array);
  array.bytes = bytes.subspan(at_header + header_bytes);
  array.owner = std::move(owner);
  uint64_t expected = array.item_size;
  bool overflow = false;
  for (const int64_t size : array.shape)
    overflow |= __builtin_mul_overflow(expected, static_cast<uint64_t>(size), &expected);
  const bool is_empty = std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end();
  if (is_empty ? !array.bytes.empty() : overflow || expected != array.bytes.size()) {
    fail(where, ": has ", array.bytes.size(), " bytes of data, which is not what its shape and element type take.");
  }
  return array;
}

}  // namespace bisque
