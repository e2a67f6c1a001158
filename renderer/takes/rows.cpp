#include <bisque/renderer/takes/rows.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

bool is_plain_text(const std::string& text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return utf8_or_latin1(text) == text && std::none_of(text.begin(), text.end(), is_control);
}

}  // namespace

void check_column_names(const std::vector<std::string>& names, const std::string& where) {
  if (names.empty()) fail(where, ": has no column, expected one per shape.");
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) fail(where, ": column ", i + 1, " has no name.");
    if (!is_plain_text(names[i])) {
      fail(where, ": column ", i + 1, " is named ", quoted_text(names[i]),
           ", expected UTF-8 without control characters.");
    }
    if (!seen.insert(names[i]).second)
      fail(where, ": column ", i + 1, " is the second one named ", quoted_text(names[i]), ".");
  }
}

void check_table_size(size_t num_rows, size_t num_names, const std::string& where) {
  if (num_names == 0 || num_rows <= kMaxTableValues / num_names) return;
  fail(where, ": has ", num_rows, " rows of ", num_names, " names, expected at most ", kMaxTableValues, " values.");
}

}  // namespace bisque
