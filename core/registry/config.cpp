#include <bisque/core/registry/config.h>

#include <type_traits>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/nn/layers/text.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

thread_local std::vector<SettingInfo>* recorded_settings = nullptr;

std::string setting_text(bool value) { return python_text(value); }
std::string setting_text(int64_t value) { return std::to_string(value); }
std::string setting_text(double value) { return python_text(value); }
std::string setting_text(const std::string& value) { return "'" + printable(value) + "'"; }
std::string setting_text(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + python_text(value);
  return "[" + text + "]";
}

}  // namespace

std::vector<SettingInfo> record_settings(const std::function<void()>& read) {
  std::vector<SettingInfo> settings;
  std::vector<SettingInfo>* const outer = std::exchange(recorded_settings, &settings);
  try {
    read();
  } catch (const std::exception&) {
  }
  recorded_settings = outer;
  return settings;
}

void ConfigReader::mark_required() const {
  if (recorded_settings) recorded_settings->back().default_value.clear();
}

template <class T>
T ConfigReader::take(const char* name, const char* type, T otherwise) {
  known_.push_back(name);
  if (recorded_settings) recorded_settings->push_back({name, type, setting_text(otherwise)});
  const auto found = left_.find(name);
  if (found == left_.end()) return otherwise;
  const Config::Value value = found->second;
  left_.erase(found);
  if (const T* right = std::get_if<T>(&value)) return *right;
  if constexpr (std::is_same_v<T, double>) {
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  }
  static const char* const types[] = {"a bool", "an integer", "a number", "a string", "a list of numbers"};
  fail(module_, ": expected ", name, " to be ", type, ", but got ", types[value.index()], ".");
}

bool ConfigReader::get(const char* name, bool otherwise) { return take(name, "a bool", otherwise); }
int64_t ConfigReader::get(const char* name, int64_t otherwise) { return take(name, "an integer", otherwise); }
double ConfigReader::get(const char* name, double otherwise) { return take(name, "a number", otherwise); }
std::string ConfigReader::get(const char* name, const std::string& otherwise) {
  return take(name, "a string", otherwise);
}
std::vector<double> ConfigReader::get(const char* name, const std::vector<double>& otherwise) {
  return take(name, "a list of numbers", otherwise);
}

void ConfigReader::done() const {
  if (left_.empty()) return;
  const std::string& name = left_.begin()->first;
  fail(module_, " has no setting ", quoted_text(name), ", ", expected_names(name, known_));
}

}  // namespace bisque
