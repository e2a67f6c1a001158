#include <bisque/renderer/takes/delimited_text.h>

#include <algorithm>
#include <cstdint>

namespace bisque {
namespace {

constexpr std::string_view kLineEnds = "\r\n";

void append_utf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr uint8_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[more] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
}

std::string utf8_from_utf16(std::string_view text, bool big_endian) {
  constexpr uint32_t kReplacement = 0xFFFD;
  const auto unit = [&](size_t i) -> uint32_t {
    const auto first = static_cast<uint8_t>(text[i]), second = static_cast<uint8_t>(text[i + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  std::string out;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xE000) {
      const bool is_pair = code < 0xDC00 && i + 3 < text.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) < 0xE000;
      code = is_pair ? 0x10000 + ((code - 0xD800) << 10) + (unit(i + 2) - 0xDC00) : kReplacement;
      i += is_pair ? 2 : 0;
    }
    append_utf8(code, out);
  }
  return out;
}

// The most frequent delimiter in `line`, outside of quotes.
char find_delimiter(std::string_view line) {
  constexpr std::string_view kDelimiters = ",;\t";
  size_t counts[kDelimiters.size()] = {};
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (const size_t place = kDelimiters.find(c); place != std::string_view::npos && !is_quoted) ++counts[place];
  }
  return kDelimiters[static_cast<size_t>(std::max_element(std::begin(counts), std::end(counts)) - counts)];
}

}  // namespace

std::string_view decode_text(std::string_view text, std::string& converted) {
  constexpr std::string_view kUtf8 = "\xEF\xBB\xBF", kLittle = "\xFF\xFE", kBig = "\xFE\xFF";
  if (text.starts_with(kUtf8)) return text.substr(kUtf8.size());
  if (!text.starts_with(kLittle) && !text.starts_with(kBig)) return text;
  converted = utf8_from_utf16(text.substr(kLittle.size()), text.starts_with(kBig));
  return converted;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

DelimitedText::DelimitedText(std::string_view text, int64_t line) : rest_(text), line_(line - 1) {
  constexpr std::string_view kSeparatorLine = "sep=";
  const size_t first = std::min(rest_.find_first_not_of(kLineEnds), rest_.size());
  const std::string_view first_line = rest_.substr(first, rest_.find_first_of(kLineEnds, first) - first);
  delimiter_ = find_delimiter(first_line);
  if (!first_line.starts_with(kSeparatorLine) || first_line.size() != kSeparatorLine.size() + 1) return;
  delimiter_ = first_line.back();
  while (!rest_.empty() && text.size() - rest_.size() <= first) take_line();
}

std::string_view DelimitedText::take_line() {
  ++line_;
  const size_t end = std::min(rest_.find_first_of(kLineEnds), rest_.size());
  const std::string_view line = rest_.substr(0, end);
  is_cut_ = end == rest_.size();
  const bool is_crlf = rest_.substr(end).starts_with("\r\n");
  rest_.remove_prefix(std::min(end + (is_crlf ? 2 : 1), rest_.size()));
  return line;
}

bool DelimitedText::next() {
  while (!rest_.empty()) {
    split(take_line());
    const auto is_blank = [](std::string_view field) { return field.empty(); };
    if (!std::all_of(fields_.begin(), fields_.end(), is_blank)) return true;
  }
  return false;
}

void DelimitedText::split(std::string_view line) {
  fields_.clear();
  unquoted_.clear();
  for (;;) {
    const size_t quote = line.find_first_not_of(" \t");
    if (quote != std::string_view::npos && line[quote] == '"') {
      line.remove_prefix(quote);
      fields_.push_back(unquote(line));
    } else {
      const size_t end = std::min(line.find(delimiter_), line.size());
      fields_.push_back(trimmed(line.substr(0, end)));
      line.remove_prefix(end);
    }
    if (line.empty()) return;
    line.remove_prefix(1);  // the delimiter
  }
}

// Removes a quoted field from the front of `line`, up to its delimiter.
std::string_view DelimitedText::unquote(std::string_view& line) {
  std::string& value = unquoted_.emplace_back();
  size_t i = 1;
  for (; i < line.size(); ++i) {
    if (line[i] != '"') {
      value += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      value += line[i++];
    } else {
      break;
    }
  }
  line.remove_prefix(std::min(i + 1, line.size()));
  const size_t end = std::min(line.find(delimiter_), line.size());
  value += trimmed(line.substr(0, end));
  line.remove_prefix(end);
  return trimmed(value);
}

}  // namespace bisque
