#include <bisque/core/registry/module_registry.h>

#include <bisque/core/error.h>
#include <bisque/core/plugin/module_store.h>
#include <bisque/core/plugin/needed_plugins.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/registry/op_module.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// Never destroyed, as the plugins that fill it.
ModuleRegistry& program_registry() {
  static auto* const registry = new ModuleRegistry;
  return *registry;
}

class ProgramStore : public ModuleStore {
  void add_module(const std::string& name, const void* factory, const std::string& plugin) override {
    program_registry().add(name, *static_cast<const ModuleFactory*>(factory), plugin);
  }
  void remove_module(const std::string& name) override { program_registry().remove(name); }
};

/// Notes the plugin in the metadata of the Module's state_dict.
void note_plugin(Module& module, const std::string& plugin) {
  module.register_state_dict_post_hook(
      [plugin](Module&, StateDict&, const std::string&, Dict& metadata) { metadata.set(kPluginMetadata, plugin); });
}

}  // namespace

void ModuleRegistry::add(const std::string& name, ModuleFactory factory, const std::string& plugin) {
  const auto dot = name.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) {
    fail("the Module name ", quoted_text(name), " is expected to be PLUGIN.NAME.");
  }
  const std::lock_guard lock(mutex_);
  if (!entries_.emplace(name, Entry{std::move(factory), plugin}).second) {
    fail("the Module name ", quoted_text(name), " is taken, expected one that no plugin has registered.");
  }
}

void ModuleRegistry::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  entries_.erase(name);
}

ModuleRegistry::Entry ModuleRegistry::find(const std::string& name) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(name); found != entries_.end()) return found->second;
  }
  fail("there is no Module ", quoted_text(name), ", ", expected_names(name, names()));
}

std::shared_ptr<Module> ModuleRegistry::make(const std::string& name, const Config& config) const {
  if (name.find("::") != std::string::npos) return std::make_shared<OpModule>(name, name, config);
  const Entry entry = find(name);
  std::shared_ptr<Module> made = entry.factory(config);
  if (!entry.plugin.empty()) note_plugin(*made, entry.plugin);
  return made;
}

std::optional<std::vector<OptionInfo>> ModuleRegistry::options(const std::string& name) const {
  if (name.find("::") != std::string::npos) return OpModule::options(name);
  return find(name).factory.options();
}

bool ModuleRegistry::contains(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return entries_.contains(name);
}

std::vector<std::string> ModuleRegistry::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& [name, entry] : entries_) result.push_back(name);
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
