// The entry of plugins with Modules or file formats.
//
//   BISQUE_MODULE_PLUGIN("acme", "1.0") {
//     plugin.add_module<BlurOptions, Blur>("acme.Blur");
//   }
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <bisque/core/plugin/abi.h>
#include <bisque/core/plugin/core_abi.h>
#include <bisque/core/plugin/note.h>
#include <bisque/core/registry/module_registry.h>
#include <bisque/core/registry/object_class.h>
#include <bisque/core/serialization/formats.h>

namespace bisque {

/// For a Module that is constructed without arguments.
inline std::tuple<> no_arguments(const NoOptions&) { return {}; }

/// The registrations of a plugin. They are used twice: for the manifest, then for the host.
class ModulePlugin {
 public:
  /// A Module of the class M, constructed from Options, which have a describe() (core/registry/options.h).
  template <class Options, std::derived_from<Module> M>
  void add_module(const std::string& name) {
    add_module<Options, M>(name, [](const Options& options) { return std::tie(options); });
  }
  /// The same, constructed from the tuple that `arguments` makes of the Options.
  template <class Options, std::derived_from<Module> M, class Arguments>
  void add_module(const std::string& name, Arguments arguments) {
    add_module<Options>(name, [arguments](const Options& options) {
      const auto construct = [&](auto&&... args) {
        return std::make_shared<OfOptions<M, Options>>(options, std::forward<decltype(args)>(args)...);
      };
      return std::apply(construct, arguments(options));
    });
  }
  /// A Module that a function makes of Options. Show them by extra_repr() { return options_text(options); }.
  template <class Options, class Make>
  requires(!std::derived_from<Make, Module> &&
           std::invocable<const Make&, const Options&>) void add_module(const std::string& name, Make make) {
    add_module(name, ModuleFactory::of_options<Options>(name, std::move(make)));
  }
  /// A Module that a function makes of a Config, which it reads itself (ConfigReader).
  void add_module(const std::string& name, ModuleFactory factory) { modules_.push_back({name, std::move(factory)}); }
  /// The op as a Module: see OpModule.
  void add_op_module(const std::string& name, const std::string& op);
  /// A class of objects that Modules take and return, for Python: see ObjectFields. Objects of a T with a Base are held
  /// by a std::shared_ptr<const Base>.
  template <class T, class Base = T>
  ObjectFields<T, Base> add_object(const std::string& name) {
    ObjectFields<T, Base> fields(name);
    objects_.push_back(fields.described());
    return fields;
  }
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
  std::vector<std::shared_ptr<const ObjectClass>> objects_;
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
