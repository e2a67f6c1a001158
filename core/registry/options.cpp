#include <bisque/core/registry/options.h>

#include <type_traits>

#include <bisque/core/error.h>
#include <bisque/core/nn/layers/text.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

std::string text_of(bool value) { return python_text(value); }
std::string text_of(int64_t value) { return std::to_string(value); }
std::string text_of(double value) { return python_text(value); }
std::string text_of(const std::string& value) { return "'" + printable(value) + "'"; }
std::string text_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + python_text(value);
  return "[" + text + "]";
}

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  return text;
}

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
    other ? other->set(name.substr(length), value) : own.set(name, value);
  }
  ConfigReader reader(module, own);
  std::string missing;
  for (const Field& field : fields_) {
    const Config::Value otherwise = field.get().value_or(field.type);
    const Config::Value value =
        std::visit([&](const auto& held) { return Config::Value(reader.get(field.name.c_str(), held)); }, otherwise);
    if (!own.values().contains(field.name)) {
      if (field.is_required) missing += (missing.empty() ? "" : ", ") + field.name;
    } else if (!field.set(value)) {
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
