#include <bisque/core/registry/module_registry.h>

#include <bisque/core/error.h>
#include <bisque/core/plugin/module_store.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/registry/op_module.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// Never destroyed, as the plugins that fill it.
ModuleRegistry& program_registry() {
  static auto* const registry = new ModuleRegistry;
  return *registry;
}

class ProgramStore : public ModuleStore {
  void add_module(const std::string& name, const void* factory) override {
    program_registry().add(name, *static_cast<const ModuleFactory*>(factory));
  }
  void remove_module(const std::string& name) override { program_registry().remove(name); }
};

}  // namespace

void ModuleRegistry::add(const std::string& name, ModuleFactory factory) {
  const auto dot = name.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) {
    fail("the Module name ", quoted_text(name), " is expected to be PLUGIN.NAME.");
  }
  const std::lock_guard lock(mutex_);
  if (!factories_.emplace(name, std::move(factory)).second) {
    fail("the Module name ", quoted_text(name), " is taken, expected one that no plugin has registered.");
  }
}

void ModuleRegistry::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  factories_.erase(name);
}

std::shared_ptr<Module> ModuleRegistry::make(const std::string& name, const Config& config) const {
  if (name.find("::") != std::string::npos) return std::make_shared<OpModule>(name, name, config);
  ModuleFactory factory;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = factories_.find(name); found != factories_.end()) factory = found->second;
  }
  if (!factory) fail("there is no Module ", quoted_text(name), ", expected one of: ", comma_list(names()), ".");
  return factory(config);
}

bool ModuleRegistry::contains(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return factories_.contains(name);
}

std::vector<std::string> ModuleRegistry::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& [name, factory] : factories_) result.push_back(name);
  return result;
}

ModuleRegistry& modules() {
  plugins();
  return program_registry();
}

ModuleStore& module_store() {
  static ProgramStore store;
  return store;
}

void fail_module_type(const std::string& name) {
  fail("the Module ", quoted_text(name), " is not of the requested type.");
}

}  // namespace bisque
