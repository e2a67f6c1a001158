// Config: the named settings that a Module is made from by name.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace bisque {

/// Settings of one Module, read by name; who makes the Module refuses a name that it does not know.
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

/// Reads a Config and finds what is left over: each setting is asked for once, then done() refuses unknown ones.
class ConfigReader {
 public:
  ConfigReader(std::string module, const Config& config) : module_(std::move(module)), left_(config.values()) {}

  /// The value, or `otherwise` where it is not set. An integer serves where a double is wanted. Error: a value of
  /// another type.
  bool get(const char* name, bool otherwise);
  int64_t get(const char* name, int64_t otherwise);
  int64_t get(const char* name, int otherwise) { return get(name, static_cast<int64_t>(otherwise)); }
  double get(const char* name, double otherwise);
  std::string get(const char* name, const std::string& otherwise);
  std::vector<double> get(const char* name, const std::vector<double>& otherwise);

  /// Error: a setting that nobody asked for, with those that there are.
  void done() const;

 private:
  template <class T>
  T take(const char* name, const char* type, T otherwise);

  std::string module_;
  std::map<std::string, Config::Value> left_;
  std::vector<std::string> known_;
};

}  // namespace bisque
