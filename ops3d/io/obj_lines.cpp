#include <bisque/ops3d/io/obj_lines.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

// Keywords that a mesh of faces needs, or that only say how it looks.
constexpr std::array<std::string_view, 14> kMeshKeywords{"v", "vt", "vn", "f",  "usemtl", "mtllib", "g",
                                                         "o", "s",  "mg", "vp", "usemap", "maplib", "lod"};
constexpr size_t kMaxQuoted = 40;  // characters of a token in a message

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The next word of the line, which is taken off it; empty at the end.
std::string_view take_word(std::string_view& line) {
  size_t begin = 0;
  while (begin < line.size() && is_space(line[begin])) ++begin;
  size_t end = begin;
  while (end < line.size() && !is_space(line[end])) ++end;
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

size_t count_digits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

bool take_sign(std::string_view& text) {
  const bool sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  if (sign) text.remove_prefix(1);
  return sign;
}

// A decimal number as tinyobjloader reads it; its exponent overflows from the tenth digit on.
bool is_number(std::string_view text) {
  take_sign(text);
  size_t digits = count_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += count_digits(text);
  }
  if (digits == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    take_sign(text);
    const size_t exponent = count_digits(text);
    if (exponent < 1 || exponent > 4) return false;
  }
  return text.empty();
}

// An index that is not 0, from -2^31 to 2^31 - 1.
bool is_index(std::string_view text) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value != 0;
}

// v, v/vt, v//vn or v/vt/vn.
bool is_corner(std::string_view text) {
  const size_t slash = text.find('/');
  if (!is_index(text.substr(0, slash))) return false;
  if (slash == std::string_view::npos) return true;
  text.remove_prefix(slash + 1);
  const size_t second = text.find('/');
  const std::string_view vt = text.substr(0, second);
  if (!vt.empty() && !is_index(vt)) return false;
  if (second == std::string_view::npos) return true;
  const std::string_view vn = text.substr(second + 1);
  return vn.empty() || is_index(vn);
}

// A g without names ends the group, but tinyobjloader knows it only with a space behind it.
constexpr std::string_view kBareGroup = "g \n";

bool is_bare_group(std::string_view line) { return line == "g\n" || line == "g\r\n" || line == "g\r" || line == "g"; }

}  // namespace

ObjLines::int_type ObjLines::underflow() {
  if (next_ == text_.size()) return traits_type::eof();
  size_t end = next_;
  while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r') ++end;
  ++line_;
  check(text_.substr(next_, end - next_));
  if (text_.substr(end, 2) == "\r\n") ++end;
  if (end < text_.size()) ++end;
  std::string_view line = text_.substr(next_, end - next_);
  if (is_bare_group(line)) line = kBareGroup;
  if (line.ends_with('\r')) {
    // Behind it the reader would ask for the next line before it is done with this one.
    copy_ = line;
    copy_.back() = '\n';
    line = copy_;
  }
  // A get area is never written to, although its type is not const.
  char* const data = const_cast<char*>(line.data());
  setg(data, data, data + line.size());
  next_ = end;
  return traits_type::to_int_type(*gptr());
}

void ObjLines::check(std::string_view line) {
  const std::string_view whole = line;
  const std::string_view keyword = take_word(line);
  if (keyword.empty() || keyword[0] == '#') return;
  // tinyobjloader ends a line at a zero byte.
  if (whole.find('\0') != std::string_view::npos) fail(where_, ": line ", line_, ": has a zero byte, expected text.");
  if (keyword == "v") return check_numbers(line, 3);
  if (keyword == "vt") return check_numbers(line, 1);
  if (keyword == "f") return check_corners(line);
  if (keyword == "mtllib") {
    material_files_.push_back(utf8_or_latin1(take_word(line)));
  } else if (other_keyword_.empty() &&
             std::find(kMeshKeywords.begin(), kMeshKeywords.end(), keyword) == kMeshKeywords.end()) {
    other_keyword_ = utf8_or_latin1(keyword.substr(0, kMaxQuoted));
    other_line_ = line_;
  }
}

void ObjLines::check_numbers(std::string_view line, int min_count) const {
  int count = 0;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line), ++count) {
    if (!is_number(word)) fail_at(word, "a number");
  }
  if (count < min_count)
    fail(where_, ": line ", line_, ": has ", count, " numbers, expected at least ", min_count, ".");
}

void ObjLines::check_corners(std::string_view line) const {
  int64_t count = 0;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line), ++count) {
    if (!is_corner(word)) fail_at(word, "indices as in 1, 1/1, 1//1 or 1/1/1");
  }
  if (count < 3) fail(where_, ": line ", line_, ": has a face of ", count, " corners, expected at least 3.");
}

void ObjLines::fail_at(std::string_view token, const char* expected) const {
  fail(where_, ": line ", line_, ": \"", utf8_or_latin1(token.substr(0, kMaxQuoted)), "\" is not ", expected, ".");
}

}  // namespace bisque
