// Common base of Sequential and ModuleList: children named "0", "1", ...
#pragma once
#include <concepts>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/nn/module.h>

namespace bisque {

template <class T>
concept ModuleValue = std::derived_from<std::remove_cvref_t<T>, Module> && !std::is_reference_v<T>;
template <class T>
concept ModulePointer = std::convertible_to<T, std::shared_ptr<Module>>;
/// A Module given by value or by shared_ptr; nullptr is None.
template <class T>
concept ModuleLike = ModuleValue<T> || ModulePointer<T>;

template <ModuleLike M>
std::shared_ptr<Module> to_pointer(M&& module) {
  if constexpr (ModuleValue<M>) {
    return share(std::forward<M>(module));
  } else {
    return std::forward<M>(module);
  }
}

/// Modules by index; a negative index counts from the end. Inserting or removing a Module renames those after it.
class IndexedModules : public Module {
 public:
  int64_t size() const { return static_cast<int64_t>(child_slots().size()); }
  bool empty() const { return child_slots().empty(); }

  template <ModuleLike M>
  void append(M&& module) {
    register_module(std::to_string(size()), to_pointer(std::forward<M>(module)));
  }
  void extend(const std::vector<std::shared_ptr<Module>>& modules);
  void extend(const IndexedModules& other) { extend(other.items()); }
  /// Error: index < -size() or > size().
  template <ModuleLike M>
  void insert(int64_t index, M&& module) {
    insert_pointer(index, to_pointer(std::forward<M>(module)));
  }
  /// Removes and returns a Module. Error: no such index.
  std::shared_ptr<Module> pop(int64_t index = -1);
  void erase(int64_t index) { pop(index); }
  using Module::erase;

  /// list[0] = Linear(3, 4), list[0].module(). Error: no such index.
  ModuleEntry operator[](int64_t index);
  using Module::operator[];
  /// A Module by its index and type. Errors: no such index; None, or a Module of another type.
  template <std::derived_from<Module> M = Module>
  M& at(int64_t index) {
    return get_submodule<M>(name_at(index));
  }

  /// All Modules, including None and repeated ones.
  std::vector<std::shared_ptr<Module>> items() const;

 protected:
  bool is_numbered_ = true;  // names are indices, unless other names are registered

 private:
  void insert_pointer(int64_t index, std::shared_ptr<Module> module);
  std::string name_at(int64_t index) const;
  void set_items(std::vector<std::shared_ptr<Module>> modules);
};

}  // namespace bisque
