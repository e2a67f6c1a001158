// Internal. The plugins that saved states need.
#pragma once
#include <string>
#include <vector>

#include <bisque/core/value.h>

namespace bisque {

/// The entry in the metadata of a Module's state_dict: "acme 1.0", the plugin that made the Module.
inline constexpr const char* kPluginMetadata = "plugin";

/// The plugins that the state_dicts in a value need, each once.
std::vector<std::string> needed_plugins(const Value& value);

/// Warns (TORCH_WARN) of each of these plugins that this program has not loaded; `where` is the file. Loads plugins()
/// if there is one.
void warn_of_missing_plugins(const std::vector<std::string>& needed, const std::string& where);

}  // namespace bisque
