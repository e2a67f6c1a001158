// Calls of Modules whose class is not known, with Values as arguments (from Python).
#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/core/registry/argument.h>

namespace bisque {

using ValueCall = Value (*)(Module& module, const Tuple& args, const Kwargs& kwargs);

/// Makes a class known to call_with_values().
void add_value_call(const std::type_info& type, ValueCall call);

/// Calls forward of a Module, with its hooks. A tensor that is None is undefined. A parameter that is a reference or a
/// pointer to a Module class, also an abstract one, takes a Module of a derived class: a Value of a
/// std::shared_ptr<Module>. Errors: a class that was neither registered with its type nor has a forward of one tensor;
/// arguments that do not fit.
Value call_with_values(Module& module, const Tuple& args, const Kwargs& kwargs);

/// The signatures of an overloaded forward, in the order in which call_with_values() tries them. Declare a function
/// beside the class, or where it is registered; it is never called:
///
///   Overloads<at::Tensor(const Scene&), at::Tensor(const Meshes&, const Cameras&)> forward_overloads(const Renderer&);
template <class... Signatures>
struct Overloads {};

namespace value_call {

/// Why arguments do not fit a forward: an argument of another class, or none is it if their number differs.
struct Mismatch {
  std::optional<size_t> index;
  std::string expected;
};

[[noreturn]] void fail_argument(const Module& module, const Tuple& args, const Mismatch& mismatch);
void check_no_kwargs(const Module& module, const Kwargs& kwargs);
[[noreturn]] void fail_count(const Module& module, size_t got, size_t most);
/// `signatures` and why each did not fit.
[[noreturn]] void fail_overloads(const Module& module, const Tuple& args, const std::vector<std::string>& signatures,
                                 const std::vector<Mismatch>& mismatches);
/// "(A, B)".
std::string signature_text(const std::vector<std::string>& names);

template <class M, class... Args>
concept Callable = requires(M& module, std::decay_t<Args>&... args) {
  module.forward(args...);
};

template <class M, class... Args>
Value call_with_hooks(M& module, Args&... args) {
  // ModuleOf's operator() leaves arguments unmodified where there are no hooks.
  const auto run = [&]() -> decltype(auto) {
    if constexpr (requires { module(args...); }) {
      return module(args...);
    } else {
      return call::with_hooks(module, args...);
    }
  };
  if constexpr (std::is_void_v<decltype(run())>) {
    run();
    return {};
  } else {
    return result_value(run());
  }
}

/// Calls with as many of the Args as there are args, since trailing ones may have defaults. None: they do not fit.
template <class M, class... Args>
class Signature {
 public:
  static std::optional<Value> call(M& module, const Tuple& args, Mismatch& mismatch) {
    return first<sizeof...(Args)>(module, args, mismatch, std::make_index_sequence<sizeof...(Args)>());
  }
  static std::string text() { return signature_text({Argument<std::decay_t<Args>>::name()...}); }

 private:
  using All = std::tuple<Args...>;

  template <size_t N, size_t... I>
  static std::optional<Value> first(M& module, const Tuple& args, Mismatch& mismatch, std::index_sequence<I...>) {
    if constexpr (Callable<M, std::tuple_element_t<I, All>...>) {
      if (args.size() == N) {
        return convert_and_call<std::decay_t<std::tuple_element_t<I, All>>...>(module, args, mismatch,
                                                                               std::index_sequence<I...>());
      }
    }
    if constexpr (N > 0) {
      return first<N - 1>(module, args, mismatch, std::make_index_sequence<N - 1>());
    } else {
      return std::nullopt;
    }
  }

  template <class... Ts, size_t... I>
  static std::optional<Value> convert_and_call(M& module, const Tuple& args, Mismatch& mismatch,
                                               std::index_sequence<I...>) {
    std::tuple converted{Argument<Ts>::from(args[I])...};
    [[maybe_unused]] const auto fits = [&](size_t index, bool has_value, std::string (*name)()) {
      if (!has_value) mismatch = {index, name()};
      return has_value;
    };
    if (!(fits(I, std::get<I>(converted).has_value(), Argument<Ts>::name) && ...)) return std::nullopt;
    return call_with_hooks(module, Argument<Ts>::pass(*std::get<I>(converted))...);
  }
};

template <class M, class... Args>
Value call_declared(M& module, const Tuple& args, const Kwargs& kwargs) {
  Tuple all = args;
  if constexpr (call::has_kwargs<Args...>()) {
    all.push_back(Value(kwargs));
  } else {
    value_call::check_no_kwargs(module, kwargs);
  }
  Mismatch mismatch;
  if (auto result = Signature<M, Args...>::call(module, all, mismatch)) return *std::move(result);
  if (mismatch.index) fail_argument(module, args, mismatch);
  fail_count(module, args.size(), call::has_kwargs<Args...>() ? sizeof...(Args) - 1 : sizeof...(Args));
}

template <class M, class R, class C, class... Args>
Value call_member(M& module, const Tuple& args, const Kwargs& kwargs, R (C::*)(Args...)) {
  return call_declared<M, Args...>(module, args, kwargs);
}
template <class M, class R, class C, class... Args>
Value call_member(M& module, const Tuple& args, const Kwargs& kwargs, R (C::*)(Args...) const) {
  return call_declared<M, Args...>(module, args, kwargs);
}

/// A forward without listed overloads that is overloaded or a template is called with tensors.
template <class M>
Value call_tensors(M& module, const Tuple& args, const Kwargs& kwargs) {
  using T = at::Tensor;
  constexpr bool kHasForward = Callable<M> || Callable<M, T> || Callable<M, T, T> || Callable<M, T, T, T> ||
                               Callable<M, T, T, T, T> || Callable<M, T, T, T, T, T> || Callable<M, T, T, T, T, T, T> ||
                               Callable<M, T, T, T, T, T, T, T> || Callable<M, T, T, T, T, T, T, T, T>;
  if constexpr (!kHasForward) {
    fail(module.type_name(), ": has no forward that takes tensors, so that it cannot be called.");
  } else {
    return call_declared<M, T, T, T, T, T, T, T, T>(module, args, kwargs);
  }
}

template <class M, class S>
struct OverloadOf;
template <class M, class R, class... Args>
struct OverloadOf<M, R(Args...)> : Signature<M, Args...> {};

template <class M, class... Signatures>
Value call_overloads(M& module, const Tuple& args, const Kwargs& kwargs, Overloads<Signatures...>) {
  value_call::check_no_kwargs(module, kwargs);
  std::vector<Mismatch> mismatches;
  std::optional<Value> result;
  const auto try_one = [&](auto call) {
    result = call(module, args, mismatches.emplace_back());
    return result.has_value();
  };
  if ((try_one(OverloadOf<M, Signatures>::call) || ...)) return *std::move(result);
  fail_overloads(module, args, {OverloadOf<M, Signatures>::text()...}, mismatches);
}

/// The ValueCall of a class.
template <class M>
Value call_as(Module& module, const Tuple& args, const Kwargs& kwargs) {
  auto& self = static_cast<M&>(module);
  if constexpr (requires { forward_overloads(self); }) {
    return call_overloads(self, args, kwargs, decltype(forward_overloads(self))());
  } else if constexpr (requires { &M::forward; }) {
    return call_member<M>(self, args, kwargs, &M::forward);
  } else {
    return call_tensors<M>(self, args, kwargs);
  }
}

}  // namespace value_call
}  // namespace bisque
