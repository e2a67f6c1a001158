#include <bisque/ops3d/io/line_reader.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

constexpr size_t kMaxNumber = 400;  // characters of a number beyond which it is none

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The separator of lines is a lone CR only where the first line ends in one.
char line_end_of(std::string_view text) {
  const size_t end = text.find_first_of("\r\n");
  const bool is_cr = end != std::string_view::npos && text[end] == '\r' && text.substr(end + 1, 1) != "\n";
  return is_cr ? '\r' : '\n';
}

template <class T>
bool is_whole_number(std::string_view text, T& value, std::errc& error) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  error = result.ec;
  return result.ptr == text.data() + text.size();
}

}  // namespace

bool parse_number(std::string_view text, float& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('+') || text.size() > kMaxNumber) return false;
  std::errc error{};
  if (!is_whole_number(text, value, error)) return false;
  if (error == std::errc()) return true;
  if (error != std::errc::result_out_of_range) return false;
  value = std::strtof(std::string(text).c_str(), nullptr);  // infinite, subnormal or 0
  return true;
}

LineReader::LineReader(std::string_view text, const std::string& where, char comment)
    : text_(text), where_(where), comment_(comment), line_end_(line_end_of(text)) {}

bool LineReader::next_line() {
  if (next_ == text_.size()) return false;
  const size_t end = std::min(text_.find(line_end_, next_), text_.size());
  words_ = text_.substr(next_, end - next_);
  next_ = std::min(end + 1, text_.size());
  ++line_;
  if (words_.ends_with('\r')) words_.remove_suffix(1);
  if (comment_ != '\0') words_ = words_.substr(0, words_.find(comment_));
  return true;
}

void LineReader::next_filled_line(const char* expected) {
  while (next_line()) {
    if (!is_at_end()) return;
  }
  fail(where_, ": ends after line ", line_, ", expected ", expected, ".");
}

std::string_view LineReader::take_word() {
  size_t begin = 0;
  while (begin < words_.size() && is_blank(words_[begin])) ++begin;
  size_t end = begin;
  while (end < words_.size() && !is_blank(words_[end])) ++end;
  const std::string_view word = words_.substr(begin, end - begin);
  words_.remove_prefix(end);
  return word;
}

std::string_view LineReader::take_word_of_any_line() {
  std::string_view word = take_word();
  while (word.empty() && next_line()) word = take_word();
  return word;
}

bool LineReader::is_at_end() {
  while (!words_.empty() && is_blank(words_.front())) words_.remove_prefix(1);
  return words_.empty();
}

std::string_view LineReader::required(std::string_view word, const char* expected) const {
  if (word.empty()) fail_here("ends early, expected ", expected, ".");
  return word;
}

float LineReader::take_float() { return to_float(required(take_word(), "a number")); }

int64_t LineReader::take_integer(int64_t lowest, int64_t highest) {
  return to_integer(required(take_word(), "an integer"), lowest, highest);
}

float LineReader::to_float(std::string_view word) const {
  float value = 0;
  if (!parse_number(word, value)) fail_here(quoted_text(word), " is not a number.");
  const bool is_word = word.find_first_of("iI") != std::string_view::npos;
  if (std::isinf(value) && !is_word) fail_here(quoted_text(word), " is beyond the range of float.");
  return value;
}

int64_t LineReader::to_integer(std::string_view word, int64_t lowest, int64_t highest) const {
  int64_t value = 0;
  std::errc error{};
  if (word.starts_with('+')) word.remove_prefix(1);
  const bool is_integer = is_whole_number(word, value, error) && error != std::errc::invalid_argument;
  if (!is_integer) fail_here(quoted_text(word), " is not an integer.");
  if (error != std::errc() || value < lowest || value > highest) {
    fail_here(quoted_text(word), " is out of range, expected an integer from ", lowest, " to ", highest, ".");
  }
  return value;
}

}  // namespace bisque
