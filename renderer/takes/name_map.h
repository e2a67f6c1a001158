// A user's table of names: which name of a take is which shape of a model.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace bisque {

struct NamePair {
  std::string take_name;
  std::string model_name;
};
using NameMap = std::vector<NamePair>;

/// Reads one pair per line: the name in the take, then that in the model, separated by a comma, a semicolon, a tab or
/// `=`. Names may be quoted. Blank lines and lines that begin with # are skipped. `where` (the path) is the prefix of
/// messages. Error: a line with one or three names, an empty name, no pair.
NameMap parse_name_map(std::string_view text, const std::string& where);

/// The same from a file.
NameMap read_name_map(const std::string& path);

}  // namespace bisque
