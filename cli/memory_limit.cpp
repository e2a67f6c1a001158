#include "cli/memory_limit.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

namespace bisque::cli {
namespace {

namespace fs = std::filesystem;

/// A mounted hierarchy of control groups that may limit memory.
struct Hierarchy {
  bool is_v2 = false;
  fs::path mount;
  fs::path mounted_group;  // the group at the mount point
};

std::vector<std::string> split_words(const std::string& text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) words.push_back(word);
  return words;
}

bool names_memory(const std::string& list) {
  for (const std::string& word : split_words(list, ',')) {
    if (word == "memory") return true;
  }
  return false;
}

/// From /proc/self/mountinfo: "ID PARENT DEVICE GROUP MOUNT OPTIONS... - TYPE SOURCE SUPER_OPTIONS".
std::vector<Hierarchy> find_hierarchies(const std::string& root) {
  std::vector<Hierarchy> found;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto before = split_words(line.substr(0, dash), ' '), after = split_words(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    const bool is_v2 = after[0] == "cgroup2";
    if (is_v2 || (after[0] == "cgroup" && names_memory(after[2]))) found.push_back({is_v2, before[4], before[3]});
  }
  return found;
}

/// The group of this process in a hierarchy, from /proc/self/cgroup: "0::/PATH" for v2, "ID:CONTROLLERS:/PATH" for v1.
std::optional<fs::path> find_group(const std::string& root, bool is_v2) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_it = is_v2 ? line.substr(0, first) == "0" && controllers.empty() : names_memory(controllers);
    if (is_it) return line.substr(second + 1);
  }
  return std::nullopt;
}

/// The folder of a group below the mount; the mount itself if the group is not visible in it, as in a container.
fs::path visible_path(const fs::path& group, const fs::path& mounted_group) {
  const fs::path relative = group.lexically_relative(mounted_group);
  return relative.empty() || *relative.begin() == ".." || relative == "." ? fs::path() : relative;
}

/// Nothing if there is no limit ("max") or no such file.
std::optional<double> read_limit(const fs::path& path) {
  std::ifstream file(path);
  double bytes = 0;
  if (!(file >> bytes) || bytes <= 0) return std::nullopt;
  return bytes;
}

}  // namespace

MemoryLimit memory_limit(const std::string& root) {
  MemoryLimit limit{static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE))};
  for (const Hierarchy& hierarchy : find_hierarchies(root)) {
    const auto group = find_group(root, hierarchy.is_v2);
    if (!group) continue;
    const char* name = hierarchy.is_v2 ? "memory.max" : "memory.limit_in_bytes";
    fs::path path = visible_path(*group, hierarchy.mounted_group);
    while (true) {
      const auto bytes = read_limit(fs::path(root + hierarchy.mount.string()) / path / name);
      if (bytes && *bytes < limit.bytes) limit = {*bytes, true};
      if (path.empty()) break;
      path = path.parent_path();
    }
  }
  return limit;
}

}  // namespace bisque::cli
