#include <bisque/core/registry/object_class.h>

#include <algorithm>
#include <map>
#include <mutex>

#include <bisque/core/plugin/plugins.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

std::mutex classes_mutex;

/// Never destroyed, as the plugins that fill it.
std::map<std::string, std::shared_ptr<const ObjectClass>>& object_classes() {
  static auto* const classes = new std::map<std::string, std::shared_ptr<const ObjectClass>>;
  return *classes;
}

}  // namespace

std::vector<std::string> ObjectClass::attributes() const {
  std::vector<std::string> names;
  for (const auto& attribute : attributes_) names.push_back(attribute.first);
  return names;
}

Value ObjectClass::make(const Tuple& args, const Dict& named) const {
  if (!make_) fail(name_, ": its objects are only made in C++.");
  if (args.size() > parameters_.size()) {
    fail(name_, ": expected up to ", parameters_.size(), " arguments, but got ", args.size(), ".");
  }
  Tuple values = args;
  values.resize(parameters_.size());
  for (const auto& [name, value] : named) {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&name = name](const Parameter& parameter) { return parameter.name == name; });
    if (found == parameters_.end()) {
      std::vector<std::string> names;
      for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
      fail(name_, " has no argument ", quoted_text(name), ", ", expected_names(name, names));
    }
    const auto index = static_cast<size_t>(found - parameters_.begin());
    if (index < args.size()) fail(name_, ": the argument ", name, " is given twice.");
    values[index] = value;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_none() && parameters_[i].is_required) {
      fail(name_, ": expected the argument ", parameters_[i].name, ", which has no default.");
    }
  }
  return make_(*this, values);
}

const ObjectClass::Read* ObjectClass::find(const std::string& attribute) const {
  for (const auto& [name, read] : attributes_) {
    if (name == attribute) return &read;
  }
  return nullptr;
}

void ObjectClass::fail_argument(size_t index, const std::string& expected, const Value& value) const {
  fail(name_, ": expected ", parameters_[index].name, " to be ", expected, ", but got ", class_name(value), ".");
}

std::string add_object_class(std::shared_ptr<const ObjectClass> described) {
  const std::lock_guard lock(classes_mutex);
  auto& taken = object_classes()[described->name()];
  if (taken && taken->type() != described->type()) {
    return "the name " + quoted_text(described->name()) + " of a class of objects is taken";
  }
  taken = std::move(described);  // that of a plugin that is loaded again replaces the former
  return "";
}

std::shared_ptr<const ObjectClass> class_of(const Value& object) {
  const std::lock_guard lock(classes_mutex);
  for (const auto& [name, described] : object_classes()) {
    if (described->holds(object)) return described;
  }
  return nullptr;
}

std::shared_ptr<const ObjectClass> object_class(const std::string& name) {
  plugins();
  {
    const std::lock_guard lock(classes_mutex);
    if (const auto found = object_classes().find(name); found != object_classes().end()) return found->second;
  }
  fail("there is no class of objects ", quoted_text(name), ", ", expected_names(name, object_class_names()));
}

std::vector<std::string> object_class_names() {
  plugins();
  std::vector<std::string> names;
  const std::lock_guard lock(classes_mutex);
  for (const auto& [name, described] : object_classes()) names.push_back(name);
  return names;
}

std::string class_name(const Value& value) {
  if (const auto* module = value.get_if<std::shared_ptr<Module>>(); module && *module) return (*module)->type_name();
  const auto described = class_of(value);
  return described ? type_name(described->type()) : value.type_name();
}

}  // namespace bisque
