// Internal. Where plugins come from.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace bisque {

struct PluginFile {
  std::string path;
  const char* origin;  // PluginInfo::origin
};

inline constexpr const char* kBuiltInOrigin = "built-in";
inline constexpr const char* kProgramOrigin = "--plugin";
inline constexpr const char* kCallOrigin = "load()";

/// The folder of the library that contains a function.
std::filesystem::path folder_of(const void* function);

/// The plugins beside bisque_core, by name: libbisque_*.so, without bisque_core itself and CUDA parts.
std::vector<std::string> built_in_plugins();

/// Third-party plugins in the order in which they are loaded: set_program_plugins(), BISQUE_PLUGINS, the folders of
/// BISQUE_PLUGIN_PATH, the installed folder; those of a folder (*.so, without CUDA parts) by name. `failures` receives
/// a sentence for each folder that cannot be read.
std::vector<PluginFile> third_party_plugins(std::vector<std::string>& failures);

}  // namespace bisque
