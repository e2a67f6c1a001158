// Internal. The lines of an OBJ file, checked before tinyobjloader sees them: it takes what it cannot read as 0,
// without a word.
#pragma once
#include <cstdint>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

/// Lines that a reader skipped.
struct SkippedLines {
  std::string keyword;
  int64_t count = 0;
  int64_t first_line = 0;
};

/// Hands out the text line by line, each checked and written so that tinyobjloader reads it right: without a byte order
/// mark, comments after values and empty parts of corners, and with the lines joined that a backslash continues.
/// Error: a number or an index that is not well-formed.
class ObjLines : public std::streambuf {
 public:
  /// Both must outlive it; `where` begins the messages.
  ObjLines(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  /// The number of the line that was handed out last, from 1; of joined lines, that of the first.
  int64_t line() const { return line_; }
  /// What mtllib lines name: a file, or several with spaces between them. Only the first few.
  const std::vector<std::string>& material_files() const { return material_files_; }
  /// Faces of fewer than 3 corners.
  const SkippedLines& small_faces() const { return small_faces_; }
  /// Lines whose keyword is not part of a mesh of faces, by keyword; the last entry may stand for several (keyword "").
  const std::vector<SkippedLines>& other_lines() const { return other_lines_; }

 protected:
  int_type underflow() override;

 private:
  std::string_view take_line();
  bool join_lines(std::string_view line);
  void check(std::string_view line);
  void check_numbers(std::string_view line, int min_count) const;
  void check_corners(std::string_view line);
  void skip_other_line(std::string_view keyword);
  [[noreturn]] void fail_at(std::string_view token, const char* expected) const;

  std::string_view text_;
  const std::string& where_;
  size_t next_ = 0;                // byte where the next line begins
  int64_t line_ = 0;               // of the logical line that was handed out last
  int64_t lines_read_ = 0;         // lines of the file so far
  std::string copy_;               // of a line that cannot be handed out unmodified
  bool has_open_corners_ = false;  // in the line at hand: 1/ 2/ 3/
  std::vector<std::string> material_files_;
  SkippedLines small_faces_;
  std::vector<SkippedLines> other_lines_;
};

}  // namespace bisque
