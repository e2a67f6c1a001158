// Child: a Module that is a member of another Module and is in its registry.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <bisque/core/nn/module_base.h>

namespace bisque {

/// What all Child members share; see TensorMember for copies, moves and lifetimes.
class ChildMember : public SlotMember<ChildMember, ChildSlot> {
 public:
  explicit operator bool() const { return module_ != nullptr; }

 protected:
  using Fits = bool (*)(const Module&);

  ChildMember(std::shared_ptr<Module> module, Fits fits) : module_(std::move(module)), fits_(fits) {}
  ChildMember(Module& owner, const std::string& name, std::shared_ptr<Module> module, Fits fits);
  ChildMember(const ChildMember& other);
  ChildMember(ChildMember&& other) noexcept;
  ~ChildMember();
  ChildMember& operator=(const ChildMember&) = delete;

  void assign(std::shared_ptr<Module> module);
  void assign(ChildMember&& source);
  /// Error: the child is None.
  Module& module() const {
    if (!module_) fail_none();
    return *module_;
  }
  const std::shared_ptr<Module>& shared() const { return module_; }

 private:
  friend class Module;
  friend SlotMember;
  std::shared_ptr<Module>& held_value() { return module_; }
  NoFlags& own_flags() { return flags_; }
  [[noreturn]] void fail_none() const;

  std::shared_ptr<Module> module_;
  Fits fits_;
  [[no_unique_address]] NoFlags flags_;
};

/// A child Module as a member; null is None.
///
///   Child<Linear> fc{*this, "fc", 3, 4};                         // constructed from these arguments
///   Child<Linear> again{*this, "again", fc.ptr()};               // one Module under two names
///   Child<Linear> shortcut{*this, "shortcut", nullptr};          // None
///
/// Errors: a name that is empty, contains a dot or is taken; use of None.
template <class M>
class Child : public ChildMember {
 public:
  Child(Module& owner, const std::string& name, std::shared_ptr<M> module)
      : ChildMember(owner, name, std::move(module), fits) {
    static_assert(std::derived_from<M, Module>);  // here, since M may hold a Child<M>
  }
  template <class... Args>
  requires(std::constructible_from<M, Args...> && !(std::convertible_to<Args, std::shared_ptr<M>> || ...))
      Child(Module& owner, const std::string& name, Args&&... args)
      : Child(owner, name, std::make_shared<M>(std::forward<Args>(args)...)) {}

  Child(const Child&) = default;
  Child(Child&&) noexcept = default;
  /// Equivalent to module["name"] = module.
  Child& operator=(std::shared_ptr<M> module) {
    assign(std::move(module));
    return *this;
  }
  Child& operator=(const Child& other) { return *this = other.ptr(); }
  Child& operator=(Child&& other) {  // NOLINT(*noexcept-move*): registration hooks may throw
    assign(static_cast<ChildMember&&>(other));
    return *this;
  }

  M& operator*() const { return static_cast<M&>(module()); }
  M* operator->() const { return &**this; }
  std::shared_ptr<M> ptr() const { return std::static_pointer_cast<M>(shared()); }

  template <class... Args>
  auto operator()(Args&&... args) const {
    return (**this)(std::forward<Args>(args)...);
  }

 private:
  static bool fits(const Module& module) {
    if constexpr (std::is_same_v<M, Module>) {
      return true;
    } else {
      return dynamic_cast<const M*>(&module) != nullptr;
    }
  }
};

}  // namespace bisque
