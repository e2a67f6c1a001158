// Modules by name: registered by plugins, made from a Config.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/core/registry/config.h>
#include <bisque/core/registry/module_factory.h>

namespace bisque {

/// The Modules of all loaded plugins. Thread-safe.
class ModuleRegistry {
 public:
  /// `plugin`: "NAME VERSION" of the plugin that states of its Modules need; "" for none. Error: a taken name, or one
  /// that is not PLUGIN.NAME.
  void add(const std::string& name, ModuleFactory factory, const std::string& plugin = "");
  void remove(const std::string& name);

  /// A new Module: modules().make("ops3d.KNN", {{"K", 8}}). Error: an unknown name, a setting that the Module does not
  /// have or that has another type. The state_dict of a third-party plugin's Module has the entry "plugin" in its
  /// metadata, so that load() of a file can report a missing one.
  std::shared_ptr<Module> make(const std::string& name, const Config& config = {}) const;
  template <class M>
  std::shared_ptr<M> make(const std::string& name, const Config& config = {}) const;

  /// The options of a Module, those of an op ("bisque::knn_points") too; none if its plugin does not describe them.
  /// Error: an unknown name.
  std::optional<std::vector<OptionInfo>> options(const std::string& name) const;

  bool contains(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  struct Entry {
    ModuleFactory factory;
    std::string plugin;
  };

  Entry find(const std::string& name) const;

  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

/// The program's registry, with the built-in plugins loaded.
ModuleRegistry& modules();

/// Thrown by make<M> for a Module of another type.
[[noreturn]] void fail_module_type(const std::string& name);

template <class M>
std::shared_ptr<M> ModuleRegistry::make(const std::string& name, const Config& config) const {
  auto made = std::dynamic_pointer_cast<M>(make(name, config));
  if (!made) fail_module_type(name);
  return made;
}

}  // namespace bisque
