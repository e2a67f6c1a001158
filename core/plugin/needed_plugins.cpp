#include <bisque/core/plugin/needed_plugins.h>

#include <c10/util/Exception.h>

#include <algorithm>
#include <set>

#include <bisque/core/plugin/plugins.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

void collect_plugins(const Value& value, std::set<std::string>& needed) {
  if (const auto* state = value.get_if<OrderedDict>()) {
    for (const auto& [path, metadata] : state->metadata) {
      const Value* plugin = metadata.find(kPluginMetadata);
      if (plugin && plugin->is<std::string>()) needed.insert(plugin->as<std::string>());
    }
  }
  if (const auto* dict = value.get_if<Dict>()) {
    for (const auto& [name, item] : *dict) collect_plugins(item, needed);
  } else if (const auto* items = value.get_if<Items>()) {
    for (const auto& [key, item] : *items) collect_plugins(item, needed);
  } else if (const auto* list = value.get_if<List>()) {
    for (const Value& item : *list) collect_plugins(item, needed);
  } else if (const auto* tuple = value.get_if<Tuple>()) {
    for (const Value& item : *tuple) collect_plugins(item, needed);
  }
}

/// "acme" of "acme 1.0"
std::string plugin_name(const std::string& plugin) { return plugin.substr(0, plugin.find(' ')); }

bool is_loaded(const std::string& name) {
  const std::vector<PluginInfo> loaded = plugins().list();
  return std::any_of(loaded.begin(), loaded.end(), [&](const PluginInfo& plugin) { return plugin.name == name; });
}

}  // namespace

std::vector<std::string> needed_plugins(const Value& value) {
  std::set<std::string> needed;
  collect_plugins(value, needed);
  return {needed.begin(), needed.end()};
}

void warn_of_missing_plugins(const std::vector<std::string>& needed, const std::string& where) {
  for (const std::string& plugin : needed) {
    if (is_loaded(plugin_name(plugin))) continue;
    TORCH_WARN(where, ": has the state of Modules of the plugin ", printable(plugin),
               ", which is not loaded, expected it in BISQUE_PLUGINS or at `--plugin`.");
  }
}

}  // namespace bisque
