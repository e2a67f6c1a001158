// Options of a Module: one description of a struct, by which settings are read, printed, and listed for Python.
//
//   struct BlurOptions {
//     int64_t radius = 1;
//     std::string border = "zeros";
//   };
//   void describe(bisque::OptionFields& fields, BlurOptions& options) {
//     fields("radius", options.radius);
//     fields("border", options.border);
//   }
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/registry/config.h>
#include <bisque/core/registry/option_value.h>

namespace bisque {

/// One option of a Module.
struct OptionInfo {
  std::string name;                            // a nested one has dots; "shader.*" stands for all that begin so
  Config::Value type;                          // any value of its type
  std::optional<Config::Value> default_value;  // none: None, or it is required
  bool is_required = false;
};

/// The options of one struct, which describe() lists: names with references to members. A default is the member's
/// value.
class OptionFields {
 public:
  /// A member of a type with an OptionValue: bool, integers, floating-point numbers, std::string, std::vector of
  /// numbers, and std::optional of these, which is None without a value. Any other option that is set to None keeps its
  /// default.
  template <class T>
  requires requires { typename OptionValue<T>::Held; }
  void operator()(const std::string& name, T& value) {
    using Held = typename OptionValue<T>::Held;
    Field field{name, Held(), [&value] { return as_config(OptionValue<T>::get(value)); }, nullptr};
    if constexpr (requires(const Config::Value& given) { OptionValue<T>::set(value, given); }) {
      field.set_unconverted = [&value](const Config::Value& given) { return OptionValue<T>::set(value, given); };
    } else {
      field.set = [&value](const Config::Value& held) { return OptionValue<T>::set(value, std::get<Held>(held)); };
    }
    fields_.push_back(std::move(field));
    if constexpr (requires { OptionValue<T>::clear(value); }) {
      fields_.back().clear = [&value] { OptionValue<T>::clear(value); };
    }
  }

  /// A member that has no default.
  template <class T>
  void required(const std::string& name, T& value) {
    (*this)(name, value);
    fields_.back().is_required = true;
  }

  /// An enumeration, by the names of its values.
  template <class T>
  requires std::is_enum_v<T>
  void operator()(const std::string& name, T& value, std::vector<std::pair<std::string, T>> names) {
    std::vector<std::string> choices;
    for (const auto& choice : names) choices.push_back(choice.first);
    Field field{name, std::string(), nullptr, nullptr};
    field.get = [&value, names]() -> std::optional<Config::Value> {
      for (const auto& choice : names) {
        if (choice.second == value) return choice.first;
      }
      return std::nullopt;
    };
    field.set = [&value, names](const Config::Value& given) {
      for (const auto& choice : names) {
        if (choice.first == std::get<std::string>(given)) return value = choice.second, true;
      }
      return false;
    };
    field.choices = std::move(choices);
    fields_.push_back(std::move(field));
  }

  /// A member that is a described struct itself; its options are "PREFIX.NAME".
  template <class Options>
  void nested(const std::string& prefix, Options& options) {
    OptionFields inner;
    describe(inner, options);
    for (Field& field : inner.fields_) {
      field.name = prefix + "." + field.name;
      fields_.push_back(std::move(field));
    }
    prefixes_.push_back(prefix);
  }

  /// A member that takes all settings "PREFIX.NAME", such as those of a Module that an option names.
  void others(const std::string& prefix, Config& config) { others_.emplace_back(prefix + ".", &config); }

  /// Sets the members. Errors: a setting that is not described, of another type, or missing.
  void read(const std::string& module, const Config& config) const;
  /// As in Python: "radius=1, border='zeros'".
  std::string text() const;
  std::vector<OptionInfo> list() const;

 private:
  struct Field {
    std::string name;
    Config::Value type;
    std::function<std::optional<Config::Value>()> get;
    std::function<bool(const Config::Value&)> set;
    bool is_required = false;
    std::vector<std::string> choices = {};
    std::function<bool(const Config::Value&)> set_unconverted = nullptr;  // in place of set
    std::function<void()> clear = nullptr;                                // sets None
  };

  template <class T>
  static std::optional<Config::Value> as_config(std::optional<T> value) {
    return value ? std::optional<Config::Value>(*std::move(value)) : std::nullopt;
  }

  std::vector<Field> fields_;
  std::vector<std::pair<std::string, Config*>> others_;
  std::vector<std::string> prefixes_;  // of nested structs
};

/// A Module without options.
struct NoOptions {};
inline void describe(OptionFields&, NoOptions&) {}

/// The options that a Config sets. Errors: see OptionFields::read.
template <class Options>
Options read_options(const std::string& module, const Config& config) {
  Options options;
  OptionFields fields;
  describe(fields, options);
  fields.read(module, config);
  return options;
}

/// "radius=1, border='zeros'", for extra_repr.
template <class Options>
std::string options_text(Options options) {
  OptionFields fields;
  describe(fields, options);
  return fields.text();
}

template <class Options>
std::vector<OptionInfo> list_options() {
  Options options;
  OptionFields fields;
  describe(fields, options);
  return fields.list();
}

/// The value as Python writes it; none: None.
std::string option_text(const std::optional<Config::Value>& value);

}  // namespace bisque
