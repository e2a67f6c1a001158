#include <bisque/renderer/takes/name_map.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/takes/delimited_text.h>

namespace bisque {
namespace {

constexpr std::string_view kSeparators = ",;\t=";

// Removes a name, quoted or not, from the front of `text`, with its separator.
std::string take_name(std::string_view& text) {
  text = trimmed(text);
  std::string name;
  if (text.starts_with('"') && text.find('"', 1) != std::string_view::npos) {
    const size_t end = text.find('"', 1);
    name = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  }
  const size_t end = std::min(text.find_first_of(kSeparators), text.size());
  name += trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return name;
}

}  // namespace

NameMap parse_name_map(std::string_view text, const std::string& where) {
  std::string converted;
  text = decode_text(text, converted);
  NameMap map;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view rest = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    const std::string shown(rest);
    rest = trimmed(rest);
    if (rest.empty() || rest.starts_with('#')) continue;
    NamePair pair{take_name(rest), take_name(rest)};
    if (pair.take_name.empty() || pair.model_name.empty() || !trimmed(rest).empty()) {
      fail(where, ": line ", line, ": is ", quoted_text(shown),
           ", expected a name in the take and one in the model, such as openMouth,jawOpen.");
    }
    map.push_back(std::move(pair));
  }
  if (map.empty()) fail(where, ": holds no pair of names, expected lines such as openMouth,jawOpen.");
  return map;
}

NameMap read_name_map(const std::string& path) { return parse_name_map(MappedFile::open(path)->text(), path); }

}  // namespace bisque
