#include <bisque/core/nn/containers/module_dict.h>

#include <bisque/core/error.h>

namespace bisque {

ModuleDict::ModuleDict(std::initializer_list<Entry> modules) { update(modules); }

std::vector<std::string> ModuleDict::keys() const {
  std::vector<std::string> keys;
  for (const auto& entry : child_slots()) keys.push_back(entry.first);
  return keys;
}

std::vector<ModuleDict::Entry> ModuleDict::items() const {
  std::vector<Entry> items;
  for (const auto& [key, slot] : child_slots()) items.emplace_back(key, *slot.value);
  return items;
}

void ModuleDict::update(const std::vector<Entry>& modules) {
  for (const auto& [key, module] : modules) register_module(key, module);
}

std::shared_ptr<Module> ModuleDict::pop(const std::string& key) {
  const ChildSlot* slot = child_slots().find(key);
  if (!slot) fail(type_name(), ": there is no key '", key, "'.");
  auto module = *slot->value;
  erase(key);
  return module;
}

}  // namespace bisque
