#include <bisque/core/registry/options.h>

#include <ATen/ATen.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/core/nn/layers/text.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

std::string text_of(bool value) { return python_text(value); }
std::string text_of(int64_t value) { return std::to_string(value); }
std::string text_of(double value) { return python_text(value); }
std::string text_of(const std::string& value) { return "'" + printable(value) + "'"; }
template <class T>
std::string text_of(const std::vector<T>& values) {
  std::string text;
  for (const T value : values) text += (text.empty() ? "" : ", ") + text_of(value);
  return "[" + text + "]";
}
std::string text_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return "None";
  std::string sizes;
  for (const int64_t size : tensor.sizes()) sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
  return "Tensor[" + sizes + "]";
}
std::string text_of(std::monostate) { return "None"; }

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text;
}

bool is_none(const Config::Value& value) { return std::holds_alternative<std::monostate>(value); }

/// The value of a setting with the type of `type`; `type` if it is not set.
template <class T>
T take(ConfigReader& reader, const char* name, const T& type) {
  return reader.get(name, type);
}
std::monostate take(ConfigReader&, const char*, std::monostate none) { return none; }

}  // namespace

std::string option_text(const std::optional<Config::Value>& value) {
  return value ? std::visit([](const auto& held) { return text_of(held); }, *value) : "None";
}

void OptionFields::read(const std::string& module, const Config& config) const {
  Config own;
  for (const auto& [name, value] : config.values()) {
    Config* other = nullptr;
    size_t length = 0;
    for (const auto& [prefix, target] : others_) {
      if (name.starts_with(prefix)) other = target, length = prefix.size();
    }
    const bool is_left_out = is_none(value) && std::find(prefixes_.begin(), prefixes_.end(), name) != prefixes_.end();
    if (!is_left_out) other ? other->set(name.substr(length), value) : own.set(name, value);
  }
  ConfigReader reader(module, own);
  std::string missing;
  for (const Field& field : fields_) {
    const auto given = own.values().find(field.name);
    const bool is_given = given != own.values().end();
    const bool is_none_given = is_given && is_none(given->second);
    const Config::Value value =
        std::visit([&](const auto& type) { return Config::Value(take(reader, field.name.c_str(), type)); }, field.type);
    if (is_none_given && field.clear) {
      field.clear();
    } else if (!is_given || is_none_given) {
      if (field.is_required) missing += (missing.empty() ? "" : ", ") + field.name;
    } else if (!(field.set ? field.set(value) : field.set_unconverted(given->second))) {
      const std::string expected = field.choices.empty() ? "in the range of its type" : alternatives(field.choices);
      fail(module, ": expected ", field.name, " to be ", expected, ", but got ",
           field.choices.empty() ? option_text(value) : quoted_text(std::get<std::string>(value)), ".");
    }
  }
  reader.done();
  if (!missing.empty()) fail(module, ": expected the setting ", missing, ", which has no default.");
}

std::string OptionFields::text() const {
  std::string text;
  for (const Field& field : fields_) {
    text += (text.empty() ? "" : ", ") + field.name + "=" + option_text(field.get());
  }
  return text;
}

std::vector<OptionInfo> OptionFields::list() const {
  std::vector<OptionInfo> list;
  for (const Field& field : fields_) {
    list.push_back({field.name, field.type, field.is_required ? std::nullopt : field.get(), field.is_required});
  }
  for (const auto& other : others_) list.push_back({other.first + "*", std::string(), std::nullopt, false});
  return list;
}

}  // namespace bisque
