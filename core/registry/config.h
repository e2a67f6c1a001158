// Config: the named settings of a Module that is made by name.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace bisque {

/// Settings of one Module, by name; the Module's factory rejects unknown names.
class Config {
 public:
  using Value = std::variant<bool, int64_t, double, std::string, std::vector<double>>;

  Config() = default;
  Config(std::initializer_list<std::pair<const std::string, Value>> values) : values_(values) {}

  void set(const std::string& name, Value value) { values_[name] = std::move(value); }
  const std::map<std::string, Value>& values() const { return values_; }

 private:
  std::map<std::string, Value> values_;
};

/// The type of a setting: "a bool", "an integer", "a number", "a string", "a list of numbers".
const char* setting_type(const Config::Value& value);

/// Reads a Config and finds unused settings: get each setting once, then done() fails on unknown ones.
class ConfigReader {
 public:
  ConfigReader(std::string module, const Config& config) : module_(std::move(module)), left_(config.values()) {}

  /// The value, or `otherwise` if it is not set. An integer is accepted as a double. Error: a value of another type.
  bool get(const char* name, bool otherwise);
  int64_t get(const char* name, int64_t otherwise);
  int64_t get(const char* name, int otherwise) { return get(name, static_cast<int64_t>(otherwise)); }
  double get(const char* name, double otherwise);
  std::string get(const char* name, const std::string& otherwise);
  std::vector<double> get(const char* name, const std::vector<double>& otherwise);

  /// Error: a setting that was not read; the message lists the known ones.
  void done() const;

 private:
  template <class T>
  T take(const char* name, const char* type, T otherwise);

  std::string module_;
  std::map<std::string, Config::Value> left_;
  std::vector<std::string> known_;
};

}  // namespace bisque
