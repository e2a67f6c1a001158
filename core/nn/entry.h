// ModuleEntry: what a name stands for in a Module.
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

/// module["name"], as an attribute is assigned in Python:
///
///   module["weight"] = Parameter(t);          // registers it, in place of what had the name
///   module["mean"] = Buffer(t);               // the same
///   module["mean"] = t;                       // a buffer that is there
///   module["fc"] = Linear(3, 4);              // or a shared_ptr
///   module["bias"] = nullptr;                 // None, of what is there
///   module["fc"].erase();
///
/// A member of that name changes with it; its type stays. Errors: a plain tensor where there is no buffer; None where
/// there is nothing; a member of another type.
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

  /// Errors: there is no tensor, no Module of that name; it is None (module).
  const at::Tensor& tensor() const;
  Module& module() const;

 private:
  template <class Slot>
  void make_way(OrderedMap<Slot>& slots, const char* kind);

  Module& owner_;
  std::string name_;
};

}  // namespace bisque
