// Internal. Splits lines of text into fields.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

/// `text` as UTF-8 without a byte order mark: UTF-16 with a mark is converted (unpaired surrogates become U+FFFD).
/// The result is a view of `text` or of `converted`.
std::string_view decode_text(std::string_view text, std::string& converted);

/// `text` without surrounding spaces and tabs.
std::string_view trimmed(std::string_view text);

/// Iterates over the lines of a text and splits them into fields at commas, semicolons or tabs, whichever is most
/// frequent in the first line (or given by a line "sep=;" before it). Fields may be quoted; an unterminated quote
/// extends to the end of the line. Lines end in LF, CRLF or CR.
class DelimitedText {
 public:
  /// `line` is the number of the first line for line().
  explicit DelimitedText(std::string_view text, int64_t line = 1);

  /// Advances to the next line that is not blank; false after the last. A line of only delimiters is blank.
  bool next();

  /// The fields of the line, trimmed and without quotes; valid until next().
  const std::vector<std::string_view>& fields() const { return fields_; }
  char delimiter() const { return delimiter_; }
  int64_t line() const { return line_; }
  /// Whether the text ends within this line, without a line feed.
  bool is_cut() const { return is_cut_; }

 private:
  std::string_view take_line();
  void split(std::string_view line);
  std::string_view unquote(std::string_view& line);

  std::string_view rest_;
  char delimiter_ = ',';
  int64_t line_;  // of the line in fields_
  bool is_cut_ = false;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unquoted_;  // storage of quoted fields
};

}  // namespace bisque
