#include <bisque/renderer/takes/npy_header.h>

#include <charconv>
#include <set>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/text_message.h>

namespace bisque {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeaderBytes = size_t{1} << 20;

/// The few Python literals that a header is made of.
class LiteralParser {
 public:
  LiteralParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  bool take(std::string_view token) {
    skip_blanks();
    if (!text_.substr(position_).starts_with(token)) return false;
    position_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) refuse(token);
  }
  std::string string() {
    skip_blanks();
    const char quote = position_ < text_.size() ? text_[position_] : '\0';
    if (quote != '\'' && quote != '"') refuse("a string");
    std::string value;
    for (++position_; position_ < text_.size() && text_[position_] != quote; ++position_) {
      if (text_[position_] == '\\') refuse("a name without a backslash");
      value += text_[position_];
    }
    if (position_ == text_.size()) refuse("the end of a string");
    ++position_;
    return value;
  }
  int64_t integer() {
    skip_blanks();
    int64_t value = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) refuse("a size");
    position_ += static_cast<size_t>(end - begin);
    return value;
  }
  bool boolean() {
    if (take("True")) return true;
    expect("False");
    return false;
  }
  void end() {
    skip_blanks();
    if (position_ != text_.size()) refuse("the end of the header");
  }
  [[noreturn]] void refuse(std::string_view expected) const {
    fail(where_, ": its npy header has ", quoted_text(text_.substr(position_, 20)), " at character ", position_,
         ", expected ", expected, ".");
  }

 private:
  void skip_blanks() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) ++position_;
  }
  std::string_view text_;
  const std::string& where_;
  size_t position_ = 0;
};

// '<f4', or [('jawOpen', '<f4'), ...]
void parse_descr(LiteralParser& parser, NpyHeader& header) {
  if (!parser.take("[")) {
    header.fields.push_back({"", parser.string()});
    return;
  }
  header.structured = true;
  while (!parser.take("]")) {
    NpyField field;
    parser.expect("(");
    field.name = parser.string();
    parser.expect(",");
    field.type = parser.string();
    parser.expect(")");
    header.fields.push_back(std::move(field));
    if (parser.take(",")) continue;
    parser.expect("]");
    break;
  }
}

void parse_shape(LiteralParser& parser, NpyHeader& header) {
  parser.expect("(");
  while (!parser.take(")")) {
    header.shape.push_back(parser.integer());
    if (parser.take(",")) continue;
    parser.expect(")");
    break;
  }
}

void parse_dictionary(LiteralParser& parser, NpyHeader& header) {
  std::set<std::string> keys;
  parser.expect("{");
  while (!parser.take("}")) {
    const std::string key = parser.string();
    if (!keys.insert(key).second) parser.refuse("no key twice");
    parser.expect(":");
    if (key == "descr")
      parse_descr(parser, header);
    else if (key == "fortran_order")
      header.fortran_order = parser.boolean();
    else if (key == "shape")
      parse_shape(parser, header);
    else
      parser.refuse("no key but descr, fortran_order and shape");
    if (parser.take(",")) continue;
    parser.expect("}");
    break;
  }
  parser.end();
  if (keys.size() != 3) parser.refuse("the keys descr, fortran_order and shape");
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr size_t kVersionBytes = 2;
  if (!text.starts_with(kMagic)) fail(where, ": does not begin as an npy file does.");
  size_t position = kMagic.size() + kVersionBytes;
  const int version = position <= text.size() ? static_cast<unsigned char>(text[kMagic.size()]) : 0;
  if (version < 1 || version > 3) fail(where, ": has npy version ", version, ", expected 1, 2 or 3.");
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (text.size() - position < length_bytes) fail(where, ": ends within its npy header.");
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) {
    length |= static_cast<size_t>(static_cast<unsigned char>(text[position + i])) << (8 * i);
  }
  position += length_bytes;
  if (length > kMaxHeaderBytes || length > text.size() - position) {
    fail(where, ": names an npy header of ", length, " bytes, expected at most ",
         std::min(kMaxHeaderBytes, text.size() - position), ".");
  }
  NpyHeader header;
  LiteralParser parser(text.substr(position, length), where);
  parse_dictionary(parser, header);
  header.data_begin = position + length;
  return header;
}

}  // namespace bisque
