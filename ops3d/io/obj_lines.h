// The lines of an OBJ file, checked before tinyobjloader sees them: it takes what it cannot read as 0, without a word.
#pragma once
#include <cstdint>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

/// Hands out the text line by line, each checked. Error: a number, an index or a face that is not well-formed.
class ObjLines : public std::streambuf {
 public:
  /// Both must outlive it; `where` begins the messages.
  ObjLines(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  /// The number of the line that was handed out last, from 1.
  int64_t line() const { return line_; }
  /// The files that mtllib lines name.
  const std::vector<std::string>& material_files() const { return material_files_; }
  /// The first keyword that is no part of a mesh of faces, and its line; empty where there is none.
  const std::string& other_keyword() const { return other_keyword_; }
  int64_t other_line() const { return other_line_; }

 protected:
  int_type underflow() override;

 private:
  void check(std::string_view line);
  void check_numbers(std::string_view line, int min_count) const;
  void check_corners(std::string_view line) const;
  [[noreturn]] void fail_at(std::string_view token, const char* expected) const;

  std::string_view text_;
  const std::string& where_;
  size_t next_ = 0;  // byte where the next line begins
  int64_t line_ = 0;
  std::string copy_;  // of a line that cannot be handed out as it is
  std::vector<std::string> material_files_;
  std::string other_keyword_;
  int64_t other_line_ = 0;
};

}  // namespace bisque
