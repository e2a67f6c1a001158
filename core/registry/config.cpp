#include <bisque/core/registry/config.h>

#include <type_traits>

#include <bisque/core/error.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

namespace bisque {

const char* setting_type(const Config::Value& value) {
  static const char* const types[] = {"a bool", "an integer", "a number", "a string", "a list of numbers"};
  return types[value.index()];
}

template <class T>
T ConfigReader::take(const char* name, const char* type, T otherwise) {
  known_.push_back(name);
  const auto found = left_.find(name);
  if (found == left_.end()) return otherwise;
  const Config::Value value = found->second;
  left_.erase(found);
  if (const T* right = std::get_if<T>(&value)) return *right;
  if constexpr (std::is_same_v<T, double>) {
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  }
  fail(module_, ": expected ", name, " to be ", type, ", but got ", setting_type(value), ".");
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
