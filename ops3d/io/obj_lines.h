// Internal. The lines of an OBJ file, checked before tinyobjloader, which silently reads invalid numbers as 0.
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

/// Returns the text line by line, checked and rewritten so that tinyobjloader reads it correctly: without a byte order
/// mark, comments after values and empty parts of corners, and with continued lines joined. Error: a number or an index
/// that is not well-formed.
class ObjLines : public std::streambuf {
 public:
  /// Both must outlive it; `where` is the prefix of messages.
  ObjLines(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  /// The number of the last returned line, from 1; of joined lines, that of the first.
  int64_t line() const { return line_; }
  /// The colour of the last returned line, if that is a vertex with 3 or 4 values after its position; otherwise empty.
  const std::vector<float>& color() const { return color_; }
  /// The values of mtllib lines: a file, or several separated by spaces. Only the first few.
  const std::vector<std::string>& material_files() const { return material_files_; }
  /// Faces of fewer than 3 corners.
  const SkippedLines& small_faces() const { return small_faces_; }
  /// Lines whose keyword is not part of a mesh of faces, by keyword; the last entry may combine several (keyword "").
  const std::vector<SkippedLines>& other_lines() const { return other_lines_; }

 protected:
  int_type underflow() override;

 private:
  std::string_view take_line();
  bool join_lines(std::string_view line);
  void check(std::string_view line);
  int check_numbers(std::string_view line, int min_count) const;
  void check_vertex(std::string_view line);
  void check_corners(std::string_view line);
  void skip_other_line(std::string_view keyword);
  [[noreturn]] void fail_at(std::string_view token, const char* expected) const;

  std::string_view text_;
  const std::string& where_;
  size_t next_ = 0;                // byte where the next line begins
  int64_t line_ = 0;               // of the last returned logical line
  int64_t lines_read_ = 0;         // lines of the file so far
  std::string copy_;               // of a line that must be modified
  bool has_open_corners_ = false;  // in the current line: 1/ 2// 3/4/
  std::vector<float> color_;
  std::vector<std::string> material_files_;
  SkippedLines small_faces_;
  std::vector<SkippedLines> other_lines_;
};

}  // namespace bisque
