// Internal. The lines and words of a text file, for parsers that report the line of an error.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include <bisque/core/error.h>

namespace bisque {

/// Iterates over the lines of a text and the words of each, which are separated by spaces and tabs. Lines end in LF,
/// CRLF, or CR if the first line does. `comment`, where it is not zero, begins a comment that lasts to the end of the
/// line.
class LineReader {
 public:
  /// Both must outlive it; `where` is the prefix of messages.
  LineReader(std::string_view text, const std::string& where, char comment = '\0');

  /// Advances to the next line; false at the end of the text.
  bool next_line();
  /// Advances to the next line that has a word. Error: there is none; `expected` says what should be there.
  void next_filled_line(const char* expected);
  /// The number of the line, from 1.
  int64_t line() const { return line_; }

  /// Removes and returns the next word of the line; empty at the end of the line.
  std::string_view take_word();
  /// The same, from the lines that follow if need be; empty at the end of the text.
  std::string_view take_word_of_any_line();
  /// The next word, which stays.
  std::string_view peek_word() const { return LineReader(*this).take_word(); }
  /// What is left of the line.
  std::string_view rest_of_line() const { return words_; }
  /// Whether the line has no more words.
  bool is_at_end();

  /// A number, which may be infinite or NaN as a word ("inf", "nan"). Error: another word, or a finite number that is
  /// beyond the range of float.
  float take_float();
  /// An integer in [lowest, highest].
  int64_t take_integer(int64_t lowest, int64_t highest);
  float to_float(std::string_view word) const;
  int64_t to_integer(std::string_view word, int64_t lowest, int64_t highest) const;

  /// What follows the line, and the position of that in the text.
  std::string_view rest() const { return text_.substr(next_); }
  size_t position() const { return next_; }

  template <class... Parts>
  [[noreturn]] void fail_here(const Parts&... parts) const {
    fail(where_, ": line ", line_, ": ", parts...);
  }

 private:
  std::string_view required(std::string_view word, const char* expected) const;

  std::string_view text_;
  const std::string& where_;
  char comment_;
  char line_end_;
  size_t next_ = 0;  // where the next line begins
  int64_t line_ = 0;
  std::string_view words_;  // what is left of the line
};

/// A number in decimal notation, "inf" or "nan"; false for another text. A finite number beyond the range of T becomes
/// infinite, one that is too small becomes 0.
bool parse_number(std::string_view text, float& value);

}  // namespace bisque
