#include <bisque/renderer/takes/rows.h>

#include <algorithm>
#include <numeric>
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
  if (names.empty()) fail(where, ": has no column, expected one a shape.");
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

void place_one_after_another(int64_t num_rows, const std::optional<FrameRate>& rate, TakeRows& rows) {
  rows.rate = rate.value_or(FrameRate{});
  rows.rate_is_guess = !rate;
  rows.frames.resize(static_cast<size_t>(num_rows));
  std::iota(rows.frames.begin(), rows.frames.end(), 0.0);
}

}  // namespace bisque
