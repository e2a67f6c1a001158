// Internal. Where plugins put their Modules. The host passes factories on and does not look into them, so that it needs
// no Modules.
#pragma once
#include <string>

namespace bisque {

class ModuleStore {
 public:
  virtual ~ModuleStore() = default;
  /// `factory` is a const ModuleFactory*, which the store copies. `plugin` is "NAME VERSION" of a third-party plugin,
  /// "" of a built-in one. Error: a taken name, or one that is not PLUGIN.NAME.
  virtual void add_module(const std::string& name, const void* factory, const std::string& plugin) = 0;
  virtual void remove_module(const std::string& name) = 0;
};

/// The program's: core/registry defines it.
ModuleStore& module_store();

}  // namespace bisque
