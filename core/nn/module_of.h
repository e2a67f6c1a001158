// ModuleOf: the parts of a Module that depend on its own type.
#pragma once
#include <concepts>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <bisque/core/nn/call.h>
#include <bisque/core/nn/clone.h>
#include <bisque/core/nn/module_base.h>

namespace bisque {

[[noreturn]] void fail_clone(const Module& module, const char* why);

/// Base of a Module class: `class Linear : public ModuleOf<Linear>`, or ModuleOf<BatchNorm2d, NormBase> with a base
/// that is a Module already, whose constructors it inherits.
template <class Derived, class Base = Module>
class ModuleOf : public Base {
 public:
  using Base::Base;
  ModuleOf() = default;

  /// A copy of this Module and all descendants with their own tensors. Shared tensors and children are shared in the
  /// copy; members that are neither Parameter, Buffer nor Child are copied by their copy constructors. Gradients are
  /// not copied. Errors: a class in the tree cannot be copied, or is not the Derived of its ModuleOf.
  std::shared_ptr<Derived> clone() const { return std::static_pointer_cast<Derived>(this->clone_tree()); }

  /// forward(args...) with hooks. Without hooks, it only calls forward.
  template <class... Args>
  auto operator()(Args&&... args) {
    auto& self = static_cast<Derived&>(*this);
    if (this->has_call_hooks()) [[unlikely]]
      return call::with_hooks(self, std::forward<Args>(args)...);
    return self.forward(std::forward<Args>(args)...);
  }
  template <class... Args>
  auto operator()(Args&&... args) const {
    auto& self = static_cast<const Derived&>(*this);
    if (this->has_call_hooks()) [[unlikely]]
      return call::with_hooks(self, std::forward<Args>(args)...);
    return self.forward(std::forward<Args>(args)...);
  }

  at::Tensor call_tensor(const at::Tensor& x) override {
    // NOLINTNEXTLINE(bugprone-branch-clone): see call.h
    if constexpr (requires(Derived & self) {
                    { self.forward(x) } -> std::convertible_to<at::Tensor>;
                  }) {
      return (*this)(x);
    } else {
      return Base::call_tensor(x);
    }
  }

 protected:
  ModuleOf(const ModuleOf&) = default;

  std::shared_ptr<Module> copy_self() const override {
    if (typeid(*this) != typeid(Derived)) fail_clone(*this, "it does not derive from a ModuleOf of its own");
    if constexpr (std::is_copy_constructible_v<Derived>) {
      return std::make_shared<Derived>(static_cast<const Derived&>(*this));
    } else {
      fail_clone(*this, "it has no copy constructor");
    }
  }
};

/// Converts a Module given by value to a shared_ptr: share(Linear(3, 4)).
template <std::derived_from<Module> M>
requires(!std::is_reference_v<M> && !std::is_const_v<M>) std::shared_ptr<M> share(M&& module) {
  const CloneScope scope(CloneScope::kShare);
  return std::make_shared<M>(static_cast<const M&>(module));
}

}  // namespace bisque
