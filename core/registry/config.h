// Config: the named settings of a Module that is made by name.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace bisque {

/// Settings of one Module, by name; the Module's factory rejects unknown names.
class Config {
 public:
  /// std::monostate is None.
  using Value = std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<int64_t>,
                             std::vector<double>, at::Tensor>;

  Config() = default;
  Config(std::initializer_list<std::pair<const std::string, Value>> values) : values_(values) {}

  void set(const std::string& name, Value value) { values_[name] = std::move(value); }
  const std::map<std::string, Value>& values() const { return values_; }

 private:
  std::map<std::string, Value> values_;
};

/// The type of a setting: "None", "a bool", "an integer", "a number", "a string", "a list of integers", "a list of
/// numbers", "a tensor".
const char* setting_type(const Config::Value& value);

/// Reads a Config and finds unused settings: get each setting once, then done() fails on unknown ones.
class ConfigReader {
 public:
  ConfigReader(std::string module, const Config& config) : module_(std::move(module)), left_(config.values()) {}

  /// The value, or `otherwise` if it is not set or None. Integers are accepted as numbers, and numbers without a
  /// fraction as those of a list of integers; a tensor [N] as a list, and numbers and lists as a tensor (float32).
  /// Error: a value of another type.
  bool get(const char* name, bool otherwise);
  int64_t get(const char* name, int64_t otherwise);
  int64_t get(const char* name, int otherwise) { return get(name, static_cast<int64_t>(otherwise)); }
  double get(const char* name, double otherwise);
  std::string get(const char* name, const std::string& otherwise);
  std::vector<double> get(const char* name, const std::vector<double>& otherwise);
  std::vector<int64_t> get(const char* name, const std::vector<int64_t>& otherwise);
  at::Tensor get(const char* name, const at::Tensor& otherwise);

  /// Error: a setting that was not read; the message lists the known ones.
  void done() const;

 private:
  template <class T>
  T take(const char* name, const T& otherwise);

  std::string module_;
  std::map<std::string, Config::Value> left_;
  std::vector<std::string> known_;
};

}  // namespace bisque
