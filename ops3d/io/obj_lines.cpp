#include <bisque/ops3d/io/obj_lines.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>
#include <bisque/ops3d/io/line_reader.h>

namespace bisque {
namespace {

// Keywords that a mesh of faces needs, or that only affect its appearance.
constexpr std::array<std::string_view, 14> kMeshKeywords{"v", "vt", "vn", "f",  "usemtl", "mtllib", "g",
                                                         "o", "s",  "mg", "vp", "usemap", "maplib", "lod"};
constexpr size_t kMaxQuoted = 40;        // characters of a token in a message
constexpr size_t kMaxOtherKeywords = 8;  // that are counted separately
constexpr size_t kMaxMaterialFiles = 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Removes and returns the next word of the line; empty at the end.
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

// A decimal number in tinyobjloader's syntax; its exponent overflows from the tenth digit.
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

// A nonzero index from -2^31 to 2^31 - 1.
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

// A corner with trailing slashes; tinyobjloader would read the next corner as its texture coordinate or normal.
bool is_open_corner(std::string_view text) { return text.ends_with('/'); }

// "1/ 2// 3/4/" as "1  2   3/4 ".
void close_corners(std::string& line) {
  for (size_t i = line.size(); i-- > 1;) {
    const bool ends_word = i + 1 == line.size() || is_space(line[i + 1]) || line[i + 1] == '\n' || line[i + 1] == '\r';
    if (line[i] == '/' && ends_word) line[i] = ' ';
  }
}

// A g without names ends the group, but tinyobjloader requires a space after it.
constexpr std::string_view kBareGroup = "g \n";

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trim_end(std::string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

// Whether the keyword's line holds only numbers, so a # in it begins a comment. Elsewhere it may be part of a name.
bool has_values(std::string_view keyword) {
  return keyword == "v" || keyword == "vt" || keyword == "vn" || keyword == "vp" || keyword == "f" || keyword == "l" ||
         keyword == "p";
}

// Removes the backslash at the end that continues a line. A name may end with one ("C:\"), so in lines with names a
// space must precede it.
bool take_continuation(std::string_view& line, bool holds_names) {
  const std::string_view trimmed = trim_end(line);
  if (!trimmed.ends_with('\\')) return false;
  if (holds_names && trimmed.size() > 1 && !is_space(trimmed[trimmed.size() - 2])) return false;
  line = trimmed.substr(0, trimmed.size() - 1);
  return true;
}

}  // namespace

ObjLines::int_type ObjLines::underflow() {
  if (next_ == text_.size()) return traits_type::eof();
  line_ = lines_read_ + 1;
  has_open_corners_ = false;
  std::string_view line = take_line();
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  bool is_copy = join_lines(without_line_end(line));
  check(is_copy ? copy_ : without_line_end(line));
  // After a lone CR the reader would request the next line before it is done with this one.
  if (!is_copy && (has_open_corners_ || line.empty() || line.ends_with('\r'))) {
    copy_ = without_line_end(line);
    is_copy = true;
  }
  if (is_copy) {
    if (has_open_corners_) close_corners(copy_);
    copy_ += '\n';
    line = copy_;
  }
  if (without_line_end(line) == "g") line = kBareGroup;
  // A get area is never written to, although its type is not const.
  char* const data = const_cast<char*>(line.data());
  setg(data, data, data + line.size());
  return traits_type::to_int_type(*gptr());
}

// The next line of the file, with its end.
std::string_view ObjLines::take_line() {
  const size_t begin = next_;
  size_t end = begin;
  while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r') ++end;
  if (text_.substr(end, 2) == "\r\n") ++end;
  if (end < text_.size()) ++end;
  ++lines_read_;
  next_ = end;
  return text_.substr(begin, end - begin);
}

// Sets copy_ to the logical line that begins with `line`, if that differs: joined, and without comments.
bool ObjLines::join_lines(std::string_view line) {
  if (line.find('#') == std::string_view::npos && !trim_end(line).ends_with('\\')) return false;
  std::string_view rest = line;
  std::string_view keyword = take_word(rest);
  if (keyword.starts_with('#')) return false;
  if (keyword.ends_with('\\')) keyword.remove_suffix(1);
  const bool holds_names = !has_values(keyword);
  copy_.clear();
  while (true) {
    if (!holds_names) line = line.substr(0, line.find('#'));
    const bool continues = take_continuation(line, holds_names);
    copy_ += line;
    if (!continues || next_ == text_.size()) return true;
    copy_ += ' ';
    line = without_line_end(take_line());
  }
}

void ObjLines::check(std::string_view line) {
  const std::string_view whole = line;
  const std::string_view keyword = take_word(line);
  if (keyword.empty() || keyword[0] == '#') return;
  // tinyobjloader ends a line at a zero byte.
  if (whole.find('\0') != std::string_view::npos) fail(where_, ": line ", line_, ": has a zero byte, expected text.");
  color_.clear();
  if (keyword == "v") return check_vertex(line);
  if (keyword == "vn") return void(check_numbers(line, 3));
  if (keyword == "vt") return void(check_numbers(line, 1));
  if (keyword == "f") return check_corners(line);
  if (keyword == "mtllib") {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (material_files_.size() < kMaxMaterialFiles) material_files_.push_back(utf8_or_latin1(trim_end(line)));
  } else if (std::find(kMeshKeywords.begin(), kMeshKeywords.end(), keyword) == kMeshKeywords.end()) {
    skip_other_line(keyword);
  }
}

void ObjLines::skip_other_line(std::string_view keyword) {
  const std::string name = utf8_or_latin1(keyword.substr(0, kMaxQuoted));
  auto entry = std::find_if(other_lines_.begin(), other_lines_.end(),
                            [&](const SkippedLines& lines) { return lines.keyword == name; });
  if (entry == other_lines_.end() && other_lines_.size() <= kMaxOtherKeywords) {
    const bool is_last = other_lines_.size() == kMaxOtherKeywords;
    entry = other_lines_.insert(entry, {is_last ? "" : name, 0, line_});
  }
  ++(entry == other_lines_.end() ? other_lines_.back() : *entry).count;
}

int ObjLines::check_numbers(std::string_view line, int min_count) const {
  int count = 0;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line), ++count) {
    if (!is_number(word)) fail_at(word, "a number");
  }
  if (count < min_count)
    fail(where_, ": line ", line_, ": has ", count, " numbers, expected at least ", min_count, ".");
  return count;
}

// A colour follows the position, as in "v 0 0 0 1 0.5 0". A fourth value alone is the weight of a rational curve.
void ObjLines::check_vertex(std::string_view line) {
  const int count = check_numbers(line, 3);
  if (count != 6 && count != 7) return;
  for (int i = 0; i < count; ++i) {
    const std::string_view word = take_word(line);
    float value = 0;
    if (i < 3) continue;
    if (!parse_number(word, value) || !std::isfinite(value)) fail_at(word, "a colour");
    color_.push_back(value);
  }
}

void ObjLines::check_corners(std::string_view line) {
  int64_t count = 0;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line), ++count) {
    if (!is_corner(word)) fail_at(word, "indices as in 1, 1/1, 1//1 or 1/1/1");
    has_open_corners_ |= is_open_corner(word);
  }
  if (count >= 3) return;
  if (small_faces_.count == 0) small_faces_.first_line = line_;
  ++small_faces_.count;
}

void ObjLines::fail_at(std::string_view token, const char* expected) const {
  fail(where_, ": line ", line_, ": \"", utf8_or_latin1(token.substr(0, kMaxQuoted)), "\" is not ", expected, ".");
}

}  // namespace bisque
