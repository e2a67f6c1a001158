#include <bisque/core/serialization/near_names.h>

#include <algorithm>
#include <utility>

#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// The number of edits (insert, delete, replace, exchange neighbours) from one text to the other.
size_t num_edits(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

/// "blur" of "acme.blur" and "acme::blur".
std::string last_part(const std::string& name) { return name.substr(name.find_last_of(".:") + 1); }

}  // namespace

std::vector<std::string> near_names(const std::string& name, const std::vector<std::string>& names) {
  constexpr size_t kLongest = 200, kMost = 3;
  if (name.size() > kLongest) return {};
  const std::string wanted = lower_case(name), wanted_last = last_part(wanted);
  const size_t allowed = 2 * std::max<size_t>(1, wanted_last.size() / 3) + 1;  // in half edits
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string& other : names) {
    if (other.size() > kLongest) continue;
    // The same name of another plugin, and a name that contains this one, are near too.
    const std::string known = lower_case(other);
    const size_t distance = std::min(2 * num_edits(wanted, known), 2 * num_edits(wanted_last, last_part(known)) + 1);
    if (distance <= allowed) {
      found.emplace_back(distance, other);
    } else if (!wanted_last.empty() && known.find(wanted_last) != std::string::npos) {
      found.emplace_back(allowed + 1, other);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> nearest;
  for (size_t i = 0; i < std::min(kMost, found.size()); ++i) nearest.push_back(found[i].second);
  return nearest;
}

std::string nearest_note(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = comma_list(near_names(name, names));
  return nearest.empty() ? "" : " (nearest: " + nearest + ")";
}

std::string expected_names(const std::string& name, const std::vector<std::string>& names) {
  constexpr size_t kFew = 12, kMany = 60;
  const std::string nearest = comma_list(near_names(name, names));
  if (names.empty()) return "expected none.";
  if (names.size() > kFew && !nearest.empty()) return "nearest: " + nearest + ".";
  if (names.size() > kMany) return "and no name is near.";
  return "expected one of: " + comma_list(names) + nearest_note(name, names) + ".";
}

}  // namespace bisque
