// ModuleFactory: makes the Modules of a registered name.
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/core/registry/config.h>
#include <bisque/core/registry/module_call.h>
#include <bisque/core/registry/options.h>

namespace bisque {

/// A Module of the class M that also keeps the options of which it was made: its repr() shows them unless M has a text
/// of its own.
template <class M, class Options>
class OfOptions final : public ModuleOf<OfOptions<M, Options>, M> {
 public:
  template <class... Args>
  explicit OfOptions(const Options& options, Args&&... args)
      : ModuleOf<OfOptions, M>(std::forward<Args>(args)...), options_(options) {}

  std::string type_name() const override { return bisque::type_name(typeid(M)); }
  std::string extra_repr() const override {
    const std::string own = M::extra_repr();
    return own.empty() ? options_text(options_) : own;
  }

 private:
  Options options_;
};

/// A function of a Config, and the options that it reads.
class ModuleFactory {
 public:
  template <class Make>
  requires(std::invocable<const Make&, const Config&> && !std::same_as<std::decay_t<Make>, ModuleFactory>)
      ModuleFactory(Make make)  // NOLINT(google-explicit-constructor): add_module("acme.Blur", [](const Config&) {...})
      : make_(make) {
    using Made = typename std::invoke_result_t<const Make&, const Config&>::element_type;
    if constexpr (!std::is_abstract_v<Made> && !std::same_as<Made, Module>) {
      add_value_call(typeid(Made), value_call::call_as<Made>);
    }
  }

  using ListOptions = std::function<std::vector<OptionInfo>()>;
  template <class Make>
  ModuleFactory(Make make, ListOptions options) : ModuleFactory(std::move(make)) {
    options_ = std::move(options);
  }

  /// Of a function of Options, which have a describe().
  template <class Options, class Make>
  static ModuleFactory of_options(const std::string& name, Make make) {
    return ModuleFactory([name, make](const Config& config) { return make(read_options<Options>(name, config)); },
                         list_options<Options>);
  }

  std::shared_ptr<Module> operator()(const Config& config) const { return make_(config); }

  /// None if the function reads the Config itself.
  std::optional<std::vector<OptionInfo>> options() const { return options_ ? std::optional(options_()) : std::nullopt; }

 private:
  std::function<std::shared_ptr<Module>(const Config&)> make_;
  ListOptions options_;
};

}  // namespace bisque
