// Calls of Modules whose class is not known, with Values as arguments (from Python).
#pragma once
#include <array>
#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/nn/module.h>
#include <bisque/core/serialization/text.h>
#include <bisque/core/type_name.h>
#include <bisque/core/value_convert.h>

namespace bisque {

using ValueCall = Value (*)(Module& module, const Tuple& args, const Kwargs& kwargs);

/// Makes a class known to call_with_values().
void add_value_call(const std::type_info& type, ValueCall call);

/// Calls forward of a Module, with its hooks. A tensor that is None is undefined. Errors: a class that was neither
/// registered with its type nor has a forward of one tensor; arguments that do not fit.
Value call_with_values(Module& module, const Tuple& args, const Kwargs& kwargs);

namespace value_call {

[[noreturn]] void fail_argument(const Module& module, size_t index, const std::string& why);
[[noreturn]] void fail_count(const Module& module, size_t got, size_t most);

template <class T>
T argument(const Module& module, const Tuple& args, size_t index) {
  if constexpr (std::floating_point<T>) {
    if (const auto* integer = args[index].get_if<int64_t>()) return static_cast<T>(*integer);
  }
  try {
    return from_value<T>(args[index]);
  } catch (const Error& error) {
    fail_argument(module, index, std::string("does not fit: ") + error.what());
  }
}

template <class M, class... Args>
concept Callable = requires(M& module, std::decay_t<Args>&... args) {
  module.forward(args...);
};

template <class M, class... Args, size_t... I>
Value invoke(M& module, const Tuple& args, std::index_sequence<I...>) {
  if constexpr ((std::copy_constructible<std::decay_t<Args>> && ...)) {
    std::tuple<std::decay_t<Args>...> converted{argument<std::decay_t<Args>>(module, args, I)...};
    return std::apply(
        [&](auto&... values) {
          if constexpr (std::is_void_v<decltype(module.forward(values...))>) {
            call::with_hooks(module, values...);
            return Value();
          } else {
            return to_value(call::with_hooks(module, values...));
          }
        },
        converted);
  } else {
    fail(module.type_name(), ": forward takes objects that are no values (",
         comma_list(std::array{type_name(typeid(std::decay_t<Args>))...}), "), so it can only be called in C++.");
  }
}

/// Calls with as many of the Args as there are args; trailing ones may have defaults.
template <class M, class... Args>
struct Call {
  template <size_t N>
  static Value first(M& module, const Tuple& args) {
    return first<N>(module, args, std::make_index_sequence<N>());
  }

 private:
  template <size_t N, size_t... I>
  static Value first(M& module, const Tuple& args, std::index_sequence<I...> indices) {
    using All = std::tuple<Args...>;
    if constexpr (Callable<M, std::tuple_element_t<I, All>...>) {
      if (args.size() == N) return invoke<M, std::tuple_element_t<I, All>...>(module, args, indices);
    }
    if constexpr (N > 0) {
      return first<N - 1>(module, args);
    } else {
      fail_count(module, args.size(), sizeof...(Args));
    }
  }
};

template <class M, class... Args>
Value call_declared(M& module, const Tuple& args, const Kwargs& kwargs) {
  constexpr bool kTakesKwargs = call::has_kwargs<Args...>();
  if constexpr (kTakesKwargs) {
    Tuple all = args;
    all.push_back(Value(kwargs));
    return Call<M, Args...>::template first<sizeof...(Args)>(module, all);
  } else {
    call::check_no_kwargs(module, kwargs);
    return Call<M, Args...>::template first<sizeof...(Args)>(module, args);
  }
}

template <class M, class R, class C, class... Args>
Value call_member(M& module, const Tuple& args, const Kwargs& kwargs, R (C::*)(Args...)) {
  return call_declared<M, Args...>(module, args, kwargs);
}
template <class M, class R, class C, class... Args>
Value call_member(M& module, const Tuple& args, const Kwargs& kwargs, R (C::*)(Args...) const) {
  return call_declared<M, Args...>(module, args, kwargs);
}

/// A forward that is overloaded or a template is called with tensors.
template <class M>
Value call_tensors(M& module, const Tuple& args, const Kwargs& kwargs) {
  using T = at::Tensor;
  return call_declared<M, T, T, T, T, T, T, T, T>(module, args, kwargs);
}

/// The ValueCall of a class.
template <class M>
Value call_as(Module& module, const Tuple& args, const Kwargs& kwargs) {
  auto& self = static_cast<M&>(module);
  if constexpr (requires { &M::forward; }) {
    return call_member<M>(self, args, kwargs, &M::forward);
  } else {
    return call_tensors<M>(self, args, kwargs);
  }
}

}  // namespace value_call
}  // namespace bisque
