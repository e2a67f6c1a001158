// A third-party take format: keys (.keys), one per line: the time in seconds, a name and a value, as text. A plugin
// only reads the table: Bisque sorts, fills and reports.
#include "formats.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <bisque/core/error.h>

namespace acme {

bisque::TakeTable parse_keys(std::string_view text, const std::string& path) {
  std::istringstream file{std::string(text)};
  std::map<double, std::map<std::string, float>> rows;
  double time = 0;
  float value = 0;
  std::string name;
  bisque::TakeTable table;
  while (file >> time >> name >> value) {
    rows[time][name] = value;
    if (std::find(table.names.begin(), table.names.end(), name) == table.names.end()) table.names.push_back(name);
  }
  if (!file.eof()) bisque::fail(path, ": expected lines of a time, a name and a value.");
  table.time.unit = bisque::TimeUnit::kSeconds;
  table.time.name = "time";
  for (const auto& [seconds, values] : rows) {
    table.time.cells.push_back(bisque::time_from_number(seconds));
    table.lines.push_back(static_cast<int64_t>(table.lines.size()) + 1);
    for (const std::string& column : table.names) {
      const auto found = values.find(column);
      table.values.push_back(found == values.end() ? bisque::kMissingValue : found->second);
    }
  }
  table.line_word = "row";
  return table;
}

}  // namespace acme
