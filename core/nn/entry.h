// ModuleEntry: a named entry of a Module.
#pragma once
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/module_of.h>

namespace bisque {

/// module["name"], assigned like an attribute in Python:
///
///   module["weight"] = Parameter(t);          // registers it, replaces any entry of that name
///   module["mean"] = Buffer(t);               // the same
///   module["mean"] = t;                       // sets an existing buffer
///   module["fc"] = Linear(3, 4);              // or a shared_ptr
///   module["bias"] = nullptr;                 // sets an existing entry to None
///   module["fc"].erase();
///
/// A member of that name changes too; its type stays. Errors: a plain tensor for an entry that is not a buffer; None
/// for an entry that does not exist; a member of another type.
class ModuleEntry {
 public:
  ModuleEntry(Module& owner, std::string name) : owner_(owner), name_(std::move(name)) {}
  ModuleEntry(const ModuleEntry&) = delete;

  void operator=(const Parameter& value);
  void operator=(const Buffer& value);
  void operator=(const at::Tensor& value);
  void operator=(std::shared_ptr<Module> child);
  void operator=(std::nullptr_t);
  template <std::derived_from<Module> M>
  void operator=(std::shared_ptr<M> child) {
    *this = std::shared_ptr<Module>(std::move(child));
  }
  template <std::derived_from<Module> M>
  requires(!std::is_reference_v<M>) void operator=(M&& child) {
    *this = std::shared_ptr<Module>(share(std::forward<M>(child)));
  }
  void erase() { owner_.erase(name_); }

  /// Errors: no tensor or Module has that name; the Module is None.
  const at::Tensor& tensor() const;
  Module& module() const;

 private:
  template <class Slot>
  void make_way(OrderedMap<Slot>& slots, const char* kind);

  Module& owner_;
  std::string name_;
};

}  // namespace bisque
