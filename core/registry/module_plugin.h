// The entry of plugins with Modules or file formats.
//
//   BISQUE_MODULE_PLUGIN("acme", "1.0") {
//     plugin.add_module("acme.Blur", [](const Config& config) { ... return std::make_shared<Blur>(...); });
//   }
#pragma once
#include <string>
#include <vector>

#include <bisque/core/plugin/abi.h>
#include <bisque/core/plugin/core_abi.h>
#include <bisque/core/plugin/note.h>
#include <bisque/core/registry/module_registry.h>
#include <bisque/core/serialization/formats.h>

namespace bisque {

/// The registrations of a plugin. They are used twice: for the manifest, then for the host.
class ModulePlugin {
 public:
  void add_module(const std::string& name, ModuleFactory factory) { modules_.push_back({name, std::move(factory)}); }
  /// The op as a Module: see OpModule.
  void add_op_module(const std::string& name, const std::string& op);
  /// `format` has the type that `kind` requires.
  template <class Value>
  void add_format(const std::string& kind, const std::string& extension, Value format) {
    formats_.push_back({kind, extension, std::any(std::move(format))});
    format_names_.push_back(extension + " (" + kind + ")");
  }

  /// Implements the entry of a plugin.
  int answer(const char* name, const char* version, const BisqueHost* host, BisqueManifest* manifest) const;

 private:
  struct NamedFactory {
    std::string name;
    ModuleFactory factory;
  };
  std::vector<NamedFactory> modules_;
  std::vector<Format> formats_;
  std::vector<std::string> format_names_;
  mutable std::vector<const char*> module_list_, format_list_;
};

}  // namespace bisque

/// `name` and `version` are string literals.
#define BISQUE_MODULE_PLUGIN(name, version)                                                       \
  BISQUE_PLUGIN_NOTE(name, version, TORCH_VERSION, TORCH_VERSION, BISQUE_CORE_ABI, "");           \
  static void bisque_describe_plugin(bisque::ModulePlugin& plugin);                               \
  extern "C" __attribute__((visibility("default"))) int bisque_plugin(const BisqueHost* host,     \
                                                                      BisqueManifest* manifest) { \
    static const bisque::ModulePlugin described = [] {                                            \
      bisque::ModulePlugin plugin;                                                                \
      bisque_describe_plugin(plugin);                                                             \
      return plugin;                                                                              \
    }();                                                                                          \
    return described.answer(name, version, host, manifest);                                       \
  }                                                                                               \
  static void bisque_describe_plugin(bisque::ModulePlugin& plugin)
