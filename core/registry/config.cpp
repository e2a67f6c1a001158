#include <bisque/core/registry/config.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>

#include <bisque/core/error.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

template <class T>
std::optional<std::vector<T>> list_of(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.dim() != 1 || tensor.is_complex()) return std::nullopt;
  if (std::integral<T> && tensor.is_floating_point()) return std::nullopt;
  const at::Tensor values = tensor.detach().to(at::kCPU, c10::CppTypeToScalarType<T>::value).contiguous();
  const T* const data = values.const_data_ptr<T>();
  return std::vector<T>(data, data + values.numel());
}

/// A value as a T, none if it has another type.
template <class T>
std::optional<T> converted(const Config::Value& value) {
  if (const T* right = std::get_if<T>(&value)) return *right;
  const auto* integer = std::get_if<int64_t>(&value);
  const auto* number = std::get_if<double>(&value);
  const auto* integers = std::get_if<std::vector<int64_t>>(&value);
  const auto* numbers = std::get_if<std::vector<double>>(&value);
  const auto* tensor = std::get_if<at::Tensor>(&value);
  if constexpr (std::same_as<T, double>) {
    if (integer) return static_cast<double>(*integer);
  } else if constexpr (std::same_as<T, std::vector<double>>) {
    if (integers) return T(integers->begin(), integers->end());
    if (tensor) return list_of<double>(*tensor);
  } else if constexpr (std::same_as<T, std::vector<int64_t>>) {
    const auto is_integer = [](double x) { return std::trunc(x) == x && std::abs(x) < 0x1p63; };
    if (numbers && std::all_of(numbers->begin(), numbers->end(), is_integer))
      return T(numbers->begin(), numbers->end());
    if (tensor) return list_of<int64_t>(*tensor);
  } else if constexpr (std::same_as<T, at::Tensor>) {
    if (integer) return at::tensor(static_cast<double>(*integer), at::kFloat);
    if (number) return at::tensor(*number, at::kFloat);
    if (integers) return at::tensor(std::vector<double>(integers->begin(), integers->end()), at::kFloat);
    if (numbers) return at::tensor(*numbers, at::kFloat);
  }
  return std::nullopt;
}

}  // namespace

const char* setting_type(const Config::Value& value) {
  static const char* const types[] = {
      "None", "a bool", "an integer", "a number", "a string", "a list of integers", "a list of numbers", "a tensor"};
  return types[value.index()];
}

template <class T>
T ConfigReader::take(const char* name, const T& otherwise) {
  known_.push_back(name);
  const auto found = left_.find(name);
  if (found == left_.end()) return otherwise;
  const Config::Value value = found->second;
  left_.erase(found);
  if (std::holds_alternative<std::monostate>(value)) return otherwise;
  if (auto right = converted<T>(value)) return *std::move(right);
  fail(module_, ": expected ", name, " to be ", setting_type(Config::Value(T())), ", but got ", setting_type(value),
       ".");
}

bool ConfigReader::get(const char* name, bool otherwise) { return take(name, otherwise); }
int64_t ConfigReader::get(const char* name, int64_t otherwise) { return take(name, otherwise); }
double ConfigReader::get(const char* name, double otherwise) { return take(name, otherwise); }
std::string ConfigReader::get(const char* name, const std::string& otherwise) { return take(name, otherwise); }
std::vector<double> ConfigReader::get(const char* name, const std::vector<double>& otherwise) {
  return take(name, otherwise);
}
std::vector<int64_t> ConfigReader::get(const char* name, const std::vector<int64_t>& otherwise) {
  return take(name, otherwise);
}
at::Tensor ConfigReader::get(const char* name, const at::Tensor& otherwise) { return take(name, otherwise); }

void ConfigReader::done() const {
  if (left_.empty()) return;
  const std::string& name = left_.begin()->first;
  fail(module_, " has no setting ", quoted_text(name), ", ", expected_names(name, known_));
}

}  // namespace bisque
