#include <bisque/core/nn/containers/indexed_modules.h>

#include <iterator>

#include <bisque/core/error.h>

namespace bisque {

void IndexedModules::extend(const std::vector<std::shared_ptr<Module>>& modules) {
  for (const auto& module : modules) append(module);
}

void IndexedModules::insert_pointer(int64_t index, std::shared_ptr<Module> module) {
  if (index < -size() || index > size()) fail(type_name(), ": Index out of range: ", index);
  auto modules = items();
  modules.insert(modules.begin() + (index < 0 ? index + size() : index), std::move(module));
  set_items(std::move(modules));
}

std::shared_ptr<Module> IndexedModules::pop(int64_t index) {
  name_at(index);
  auto modules = items();
  const auto at = modules.begin() + (index < 0 ? index + size() : index);
  auto module = std::move(*at);
  modules.erase(at);
  set_items(std::move(modules));
  return module;
}

ModuleEntry IndexedModules::operator[](int64_t index) { return Module::operator[](name_at(index)); }

std::vector<std::shared_ptr<Module>> IndexedModules::items() const {
  std::vector<std::shared_ptr<Module>> modules;
  modules.reserve(child_slots().size());
  for (const auto& [name, slot] : child_slots()) modules.push_back(*slot.value);
  return modules;
}

/// Error: no such index.
std::string IndexedModules::name_at(int64_t index) const {
  if (index < -size() || index >= size()) fail(type_name(), ": index ", index, " is out of range");
  if (index < 0) index += size();
  std::string name = std::to_string(index);
  if (is_numbered_ && child_slots().contains(name)) return name;
  return std::next(child_slots().begin(), index)->first;
}

void IndexedModules::set_items(std::vector<std::shared_ptr<Module>> modules) {
  clear_children();
  int64_t index = 0;
  is_numbered_ = true;
  for (auto& module : modules) set_child(std::to_string(index++), std::move(module));
}

}  // namespace bisque
