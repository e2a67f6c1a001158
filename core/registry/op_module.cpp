#include <bisque/core/registry/op_module.h>

#include <bisque/core/error.h>
#include <bisque/core/nn/layers/text.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/serialization/near_names.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

using c10::IValue;
using c10::TypeKind;

std::vector<std::string> plugin_ops() {
  std::vector<std::string> ops;
  for (const PluginInfo& plugin : plugins().list()) {
    for (const std::string& op : plugin.ops) {
      if (op.find("::_") == std::string::npos) ops.push_back(op);  // without gradients
    }
  }
  return ops;
}

/// `name` may end with an overload: "aten::sum.dim_IntList".
c10::OperatorHandle find_op_of_any_plugin(const std::string& name) {
  const size_t dot = name.find('.');
  const c10::OperatorName full(name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1));
  if (const auto op = c10::Dispatcher::singleton().findSchema(full)) return *op;
  plugins();
  if (const auto op = c10::Dispatcher::singleton().findSchema(full)) return *op;
  fail("there is no op ", quoted_text(name), " in libtorch or a loaded plugin, ", expected_names(name, plugin_ops()));
}

bool is_optional(const c10::Argument& argument) { return argument.type()->kind() == TypeKind::OptionalType; }

/// The type of an argument, of an optional one that of its value.
c10::TypePtr type_of(const c10::Argument& argument) {
  const auto optional = argument.type()->cast<c10::OptionalType>();
  return optional ? optional->getElementType() : argument.type();
}

bool is_input(const c10::Argument& argument) { return type_of(argument)->kind() == TypeKind::TensorType; }

IValue read_setting(const std::string& module, ConfigReader& read, const char* name, const c10::Type& type) {
  switch (type.kind()) {
    case TypeKind::IntType:
      return read.get(name, int64_t{0});
    case TypeKind::FloatType:
      return read.get(name, 0.0);
    case TypeKind::BoolType:
      return read.get(name, false);
    case TypeKind::StringType:
      return read.get(name, std::string());
    case TypeKind::ListType: {
      const TypeKind element = type.castRaw<c10::ListType>()->getElementType()->kind();
      if (element != TypeKind::IntType && element != TypeKind::FloatType) break;
      if (element == TypeKind::FloatType) return read.get(name, std::vector<double>());
      return read.get(name, std::vector<int64_t>());
    }
    default:
      break;
  }
  fail(module, ": its op has the argument ", name, " of the type ", type.annotation_str(),
       ", expected tensors, and settings that are numbers, bools, strings or lists of numbers.");
}

/// The default of a setting; none: None.
std::optional<Config::Value> value_of_setting(const IValue& value) {
  if (value.isInt()) return value.toInt();
  if (value.isDouble()) return value.toDouble();
  if (value.isBool()) return value.toBool();
  if (value.isString()) return value.toStringRef();
  if (value.isIntList()) return value.toIntVector();
  if (value.isDoubleList()) return value.toDoubleVector();
  return std::nullopt;
}

bool is_given(const Config& config, const std::string& name) {
  const auto found = config.values().find(name);
  return found != config.values().end() && !std::holds_alternative<std::monostate>(found->second);
}

std::string text_of_setting(const IValue& value) {
  if (value.isBool()) return python_text(value.toBool());
  if (value.isDouble()) return python_text(value.toDouble());
  if (value.isString()) return "'" + printable(value.toStringRef()) + "'";
  if (value.isNone()) return "None";
  if (!value.isList()) return std::to_string(value.toInt());
  std::string text;
  for (const IValue& element : value.toListRef()) text += (text.empty() ? "" : ", ") + text_of_setting(element);
  return "[" + text + "]";
}

}  // namespace

OpModule::OpModule(std::string name, const std::string& op, const Config& config)
    : name_(std::move(name)), op_(find_op_of_any_plugin(op)) {
  ConfigReader read(name_, config);
  const auto& arguments = op_.schema().arguments();
  arguments_.resize(arguments.size());
  std::string missing;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (is_input(arguments[i])) {
      input_places_.push_back(i);
      continue;
    }
    const std::string& setting = arguments[i].name();
    IValue value = read_setting(name_, read, setting.c_str(), *type_of(arguments[i]));
    if (is_given(config, setting)) {
      arguments_[i] = std::move(value);
    } else if (arguments[i].default_value()) {
      arguments_[i] = *arguments[i].default_value();
    } else if (!is_optional(arguments[i])) {
      missing += (missing.empty() ? "" : ", ") + setting;
    }
  }
  read.done();
  if (!missing.empty()) fail(name_, ": expected the setting ", missing, ", which has no default.");
}

std::vector<OptionInfo> OpModule::options(const std::string& op) {
  std::vector<OptionInfo> options;
  const auto handle = find_op_of_any_plugin(op);
  for (const c10::Argument& argument : handle.schema().arguments()) {
    if (is_input(argument)) continue;
    ConfigReader reader(op, {});
    const IValue any = read_setting(op, reader, argument.name().c_str(), *type_of(argument));
    OptionInfo option{argument.name(), *value_of_setting(any), std::nullopt, false};
    if (const auto& value = argument.default_value()) {
      option.default_value = value_of_setting(*value);
    } else {
      option.is_required = !is_optional(argument);
    }
    options.push_back(std::move(option));
  }
  return options;
}

size_t OpModule::num_required_inputs() const {
  size_t required = input_places_.size();
  while (required > 0 && is_optional(op_.schema().arguments()[input_places_[required - 1]])) --required;
  return required;
}

std::vector<at::Tensor> OpModule::call(const std::vector<at::Tensor>& inputs) const {
  if (inputs.size() < num_required_inputs() || inputs.size() > input_places_.size()) {
    std::string names;
    for (const size_t place : input_places_)
      names += (names.empty() ? "" : ", ") + op_.schema().arguments()[place].name();
    fail(name_, ": expected the inputs ", names, ", but got ", inputs.size(), " inputs.");
  }
  torch::jit::Stack stack = arguments_;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].defined()) stack[input_places_[i]] = inputs[i];
  }
  op_.callBoxed(stack);
  std::vector<at::Tensor> results;
  for (const IValue& value : stack) results.push_back(value.toTensor());
  return results;
}

at::Tensor OpModule::call_tensor(const at::Tensor& x) {
  if (op_.schema().returns().size() != 1) return Module::call_tensor(x);
  return (*this)(x)[0];
}

std::string OpModule::type_name() const { return name_.substr(name_.find_last_of(".:") + 1); }

std::string OpModule::extra_repr() const {
  std::string text;
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const auto& argument = op_.schema().arguments()[i];
    if (is_input(argument)) continue;
    text += (text.empty() ? "" : ", ") + argument.name() + "=" + text_of_setting(arguments_[i]);
  }
  return text;
}

}  // namespace bisque
