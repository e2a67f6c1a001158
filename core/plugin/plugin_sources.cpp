#include <bisque/core/plugin/plugin_sources.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <bisque/core/plugin/plugins.h>

namespace bisque {
namespace {

namespace fs = std::filesystem;

std::vector<std::string>& program_plugins() {
  static std::vector<std::string> paths;
  return paths;
}

std::vector<std::string> listed_in(const char* variable) {
  std::vector<std::string> paths;
  const char* value = std::getenv(variable);
  std::istringstream text(value ? value : "");
  for (std::string path; std::getline(text, path, ':');) {
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

/// The plugins of a folder, by name.
std::vector<std::string> plugins_in(const fs::path& folder, std::error_code& error) {
  std::vector<std::string> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.ends_with(".so") && !name.ends_with("_cuda.so")) paths.push_back(entry->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

fs::path folder_of(const void* function) {
  Dl_info info;
  if (!dladdr(function, &info) || !info.dli_fname) return {};
  std::error_code error;
  const fs::path path = fs::canonical(info.dli_fname, error);
  return path.parent_path();
}

std::vector<std::string> built_in_plugins() {
  std::error_code error;
  std::vector<std::string> paths = plugins_in(folder_of(reinterpret_cast<const void*>(&plugins)), error);
  std::erase_if(paths, [](const std::string& path) {
    const std::string name = fs::path(path).filename();
    return !name.starts_with("libbisque_") || name == "libbisque_core.so";
  });
  return paths;
}

std::string installed_plugin_folder() {
  return folder_of(reinterpret_cast<const void*>(&plugins)) / "bisque" / "plugins";
}

void set_program_plugins(const std::vector<std::string>& paths) { program_plugins() = paths; }

std::vector<PluginFile> third_party_plugins(std::vector<std::string>& failures) {
  std::vector<PluginFile> files;
  const auto add = [&](const std::vector<std::string>& paths, const char* origin) {
    for (const std::string& path : paths) files.push_back({path, origin});
  };
  add(program_plugins(), kProgramOrigin);
  add(listed_in("BISQUE_PLUGINS"), "BISQUE_PLUGINS");
  std::error_code error;
  for (const std::string& folder : listed_in("BISQUE_PLUGIN_PATH")) {
    add(plugins_in(folder, error), "BISQUE_PLUGIN_PATH");
    if (error)
      failures.push_back(folder + ": cannot be read (" + error.message() +
                         "), expected a folder of plugins, as BISQUE_PLUGIN_PATH lists.");
  }
  add(plugins_in(installed_plugin_folder(), error), "installed");
  return files;
}

bool has_third_party_plugins() {
  std::vector<std::string> failures;
  return !third_party_plugins(failures).empty() || !failures.empty();
}

}  // namespace bisque
