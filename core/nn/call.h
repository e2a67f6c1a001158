// A call of a Module with hooks: arguments and results are Values while hooks see them.
#pragma once
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/nn/hooks.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/value_convert.h>

namespace bisque {

/// Runs the hooks of all Modules and of this one around a forward.
class HookedCall {
 public:
  HookedCall(Module& module, Tuple args, Kwargs kwargs);

  /// `forward(inputs_changed)` computes the result, from args() and kwargs() if hooks changed them. Returns whether
  /// hooks changed the result. If forward throws, this calls the hooks with always_call and rethrows.
  bool run(const std::function<Value(bool inputs_changed)>& forward);

  const Tuple& args() const { return args_; }
  const Kwargs& kwargs() const { return kwargs_; }
  const Value& result() const { return result_; }

 private:
  void run_all(const std::function<Value(bool)>& forward);
  void run_forward_pre_hooks();
  void run_forward_hooks();
  void run_always_called_hooks();

  Module& module_;
  Tuple args_;
  Kwargs kwargs_;
  Value result_;
  bool inputs_changed_ = false;
  bool result_changed_ = false;
  std::vector<uint64_t> called_;  // hooks with always_call that were called
};

namespace call {

template <class T>
Value box(const T& value) {
  if constexpr (std::copy_constructible<T>) {
    return to_value(value);
  } else {
    return Value::of(&value);  // hooks cannot replace it
  }
}

template <class T>
T unbox(const Value& value, const Module& module, const char* what) {
  if constexpr (std::copy_constructible<T>) {
    try {
      return from_value<T>(value);
    } catch (const Error& error) {
      fail(module.type_name(), ": ", what, ", as returned by a hook: ", error.what());
    }
  } else {
    fail(module.type_name(), ": ", what, " cannot be copied, so hooks cannot replace it.");
  }
}

/// Whether the last argument of a call holds keyword arguments.
template <class... Args>
constexpr bool has_kwargs() {
  if constexpr (sizeof...(Args) == 0) {
    return false;
  } else {
    return std::is_same_v<std::decay_t<std::tuple_element_t<sizeof...(Args) - 1, std::tuple<Args...>>>, Kwargs>;
  }
}

[[noreturn]] void fail_input_count(const Module& module, size_t got, size_t expected);
void check_no_kwargs(const Module& module, const Kwargs& kwargs);

/// The arguments of a call by their index.
template <class M, class... Args>
class Inputs {
 public:
  static constexpr bool kHasKwargs = has_kwargs<Args...>();
  static constexpr size_t kCount = sizeof...(Args) - (kHasKwargs ? 1 : 0);
  using Index = std::make_index_sequence<kCount>;

  explicit Inputs(std::tuple<Args&&...> inputs) : inputs_(std::move(inputs)) {}

  Tuple args() const { return box_all(Index()); }
  Kwargs kwargs() const {
    if constexpr (kHasKwargs) return std::get<kCount>(inputs_);
    return {};
  }

  /// Calls forward with the original arguments.
  decltype(auto) forward(M& module) {
    return std::apply(
        [&](auto&&... args) -> decltype(auto) { return module.forward(std::forward<decltype(args)>(args)...); },
        std::move(inputs_));
  }
  /// Calls forward with the arguments that hooks returned.
  decltype(auto) forward(M& module, const Tuple& args, const Kwargs& kwargs) {
    if (args.size() != kCount) fail_input_count(module, args.size(), kCount);
    if constexpr (!kHasKwargs) check_no_kwargs(module, kwargs);
    if constexpr ((std::copy_constructible<std::decay_t<Args>> && ...)) {
      return forward_changed(module, args, kwargs, Index());
    } else {  // such as a reference to an abstract class
      fail(module.type_name(), ": an input of forward cannot be copied, so hooks cannot replace it.");
      return forward(module);
    }
  }

 private:
  template <size_t I>
  using Type = std::decay_t<std::tuple_element_t<I, std::tuple<Args...>>>;

  template <size_t... I>
  Tuple box_all(std::index_sequence<I...>) const {
    return Tuple{box<Type<I>>(std::get<I>(inputs_))...};
  }
  /// Converts a value to the argument that it replaces: an rvalue if that was one.
  template <class Arg, class T>
  static auto&& in_place_of(T& value) {
    return static_cast<std::conditional_t<std::is_lvalue_reference_v<Arg>, T&, T&&>>(value);
  }
  template <size_t... I>
  decltype(auto) forward_changed(M& module, const Tuple& args, const Kwargs& kwargs, std::index_sequence<I...>) {
    // Named, because forward may take references that it writes to.
    std::tuple<Type<I>...> changed{unbox<Type<I>>(args[I], module, "an input of forward")...};
    if constexpr (kHasKwargs) {  // NOLINT(bugprone-branch-clone): clang-tidy 14 considers dependent calls equal
      return module.forward(in_place_of<std::tuple_element_t<I, std::tuple<Args...>>>(std::get<I>(changed))..., kwargs);
    } else {
      return module.forward(in_place_of<std::tuple_element_t<I, std::tuple<Args...>>>(std::get<I>(changed))...);
    }
  }

  std::tuple<Args&&...> inputs_;
};

/// The slow path of ModuleOf::operator().
template <class M, class... Args>
auto with_hooks(M& module, Args&&... args) {
  using Result = std::decay_t<decltype(module.forward(std::forward<Args>(args)...))>;
  Inputs<M, Args...> inputs(std::forward_as_tuple(std::forward<Args>(args)...));
  // Whoever registered the hooks may change the Module.
  HookedCall call(const_cast<Module&>(static_cast<const Module&>(module)), inputs.args(), inputs.kwargs());
  if constexpr (std::is_void_v<Result>) {
    call.run([&](bool changed) {
      changed ? inputs.forward(module, call.args(), call.kwargs()) : inputs.forward(module);
      return Value();
    });
  } else {
    std::optional<Result> result;
    const bool result_changed = call.run([&](bool changed) {
      changed ? result.emplace(inputs.forward(module, call.args(), call.kwargs()))
              : result.emplace(inputs.forward(module));
      return box(*result);
    });
    if (result_changed) return unbox<Result>(call.result(), module, "the output of forward");
    return *std::move(result);
  }
}

}  // namespace call
}  // namespace bisque
