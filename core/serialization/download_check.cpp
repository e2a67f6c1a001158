#include <bisque/core/serialization/download_check.h>

#include <algorithm>
#include <array>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

constexpr std::string_view kMarkupSpaces = " \t\r\n\f";

// Removes the text up to and including `end`; everything if it is missing.
void skip_past(std::string_view& text, std::string_view end) {
  const size_t at = text.find(end);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
}

// Skips spaces, comments and processing instructions, as in <?xml version="1.0"?>.
std::string_view without_prologue(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kMarkupSpaces), text.size()));
    if (text.starts_with("<!--")) {
      skip_past(text, "-->");
    } else if (text.starts_with("<?")) {
      skip_past(text, "?>");
    } else {
      return text;
    }
  }
}

bool begins_with_tag(std::string_view text, std::string_view tag) {
  if (lower_case(text.substr(0, tag.size())) != tag) return false;
  return text.size() == tag.size() || text[tag.size()] == '>' || text[tag.size()] == '/' ||
         kMarkupSpaces.find(text[tag.size()]) != std::string_view::npos;
}

bool is_html(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kTags{"<!doctype html", "<html", "<head",  "<body",
                                                         "<title",         "<meta", "<script"};
  return std::any_of(kTags.begin(), kTags.end(), [&](std::string_view tag) { return begins_with_tag(text, tag); });
}

bool is_lfs_pointer(std::string_view beginning) {
  // The second address is that of early Git LFS releases.
  return beginning.starts_with("version https://git-lfs.github.com/spec/") ||
         beginning.starts_with("version https://hawser.github.com/spec/");
}

}  // namespace

void check_download(std::string_view beginning, const std::string& path) {
  if (is_lfs_pointer(beginning)) {
    fail(path,
         ": is a Git LFS pointer instead of the file itself; run `git lfs pull` in its repository to fetch that.");
  }
  const std::string_view markup = without_prologue(beginning);
  if (is_html(markup)) {
    fail(path, ": is an HTML page instead of the file itself; download the file, not the page that shows it.");
  }
  // Responses of object stores.
  if (begins_with_tag(markup, "<error")) {
    fail(path, ": is a server's error message (XML) instead of the file itself; download the file again.");
  }
}

}  // namespace bisque
