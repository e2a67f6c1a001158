// Internal. The library of a plugin, and why the loader rejects one.
#pragma once
#include <functional>
#include <string>

#include <bisque/core/plugin/abi.h>

namespace bisque {

/// Loads a library and finds its entry. Error: a library or symbol that it needs is missing (all missing symbols are
/// listed if `may_die`: the library's code may then run without them), a static initialiser throws, or there is no
/// entry. `on_failure` first hears a sentence without that list.
BisquePluginEntry load_plugin_library(const std::string& path, bool may_die = false,
                                      const std::function<void(const std::string&)>& on_failure = {});

/// Why other users could change the library, one sentence; empty if they cannot.
std::string world_writable_note(const std::string& path);

}  // namespace bisque
