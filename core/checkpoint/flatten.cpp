#include <bisque/core/checkpoint/flatten.h>

#include <ATen/core/Tensor.h>

#include <cstdio>

namespace bisque {
namespace {

std::string key_text(const Value& key) {
  if (const auto* text = key.get_if<std::string>()) return *text;
  if (const auto* integer = key.get_if<int64_t>()) return std::to_string(*integer);
  if (const auto* flag = key.get_if<bool>()) return *flag ? "True" : "False";
  if (const auto* real = key.get_if<double>()) {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", *real);
    return text;
  }
  if (const auto* items = key.get_if<Tuple>()) {
    std::string text;
    for (const Value& item : *items) text += (text.empty() ? "" : ", ") + key_text(item);
    return "(" + text + (items->size() == 1 ? ",)" : ")");
  }
  return key.type_name();
}

class Flattening {
 public:
  void visit(const std::string& path, const Value& value) {
    if (const auto* tensor = value.get_if<at::Tensor>()) {
      result.tensors.emplace_back(path, *tensor);
    } else if (const auto* dict = value.get_if<Dict>(); dict && !dict->empty()) {
      for (const auto& [name, item] : *dict) visit(below(path, name), item);
    } else if (const auto* items = value.get_if<Items>(); items && !items->empty()) {
      for (const auto& [key, item] : *items) visit(below(path, key_text(key)), item);
    } else if (const List* list = list_of(value); list && !list->empty()) {
      size_t place = 0;
      for (const Value& item : *list) visit(below(path, std::to_string(place++)), item);
    } else {
      result.values.emplace_back(path, value);
    }
  }

  Flattened result;

 private:
  static const List* list_of(const Value& value) {
    if (const auto* tuple = value.get_if<Tuple>()) return tuple;
    if (const auto* set = value.get_if<Set>()) return set;
    return value.get_if<List>();
  }
  static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
  }
};

}  // namespace

Flattened flatten(const Value& value) {
  Flattening flattening;
  flattening.visit("", value);
  return std::move(flattening.result);
}

}  // namespace bisque
