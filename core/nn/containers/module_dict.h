// ModuleDict: Modules by key.
#pragma once
#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/nn/containers/indexed_modules.h>

namespace bisque {

/// Holds Modules by keys, which are their names, in the order of insertion, and has no forward:
///
///   ModuleDict heads({{"left", share(Linear(3, 4))}});
///   heads["right"] = Linear(3, 4);
///   heads.at<Linear>("left")(x);
class ModuleDict : public ModuleOf<ModuleDict> {
 public:
  using Entry = std::pair<std::string, std::shared_ptr<Module>>;

  ModuleDict() = default;
  ModuleDict(std::initializer_list<Entry> modules);
  ModuleDict(const ModuleDict&) = default;

  int64_t size() const { return static_cast<int64_t>(child_slots().size()); }
  bool empty() const { return child_slots().empty(); }
  bool contains(const std::string& key) const { return child_slots().contains(key); }
  std::vector<std::string> keys() const;
  /// All entries, including None and repeated ones.
  std::vector<Entry> items() const;

  /// A Module by its key and type. Errors: no such key; None, or a Module of another type.
  template <std::derived_from<Module> M = Module>
  M& at(const std::string& key) {
    return get_submodule<M>(key);
  }
  /// Replaces existing entries and adds the others.
  void update(const std::vector<Entry>& modules);
  /// Removes and returns a Module. Error: no such key.
  std::shared_ptr<Module> pop(const std::string& key);
  void clear() { clear_children(); }
};

}  // namespace bisque
