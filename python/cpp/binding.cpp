// The extension module of bisque3d.cpp: C++ Modules, plugins and files for python/bisque3d/cpp, which makes nn.Modules
// of them.
#include <torch/csrc/Exceptions.h>
#include <torch/csrc/autograd/python_variable.h>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/safetensors_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/plugin/needed_plugins.h>
#include <bisque/core/plugin/op_loader.h>
#include <bisque/core/plugin/plugins.h>
#include <bisque/core/registry/module_call.h>
#include <bisque/core/registry/module_registry.h>

#include "hooks.h"
#include "module_access.h"
#include "objects.h"
#include "values.h"

namespace bisque::python {
namespace {

using ReleaseGil = py::call_guard<py::gil_scoped_release>;
using Handle = std::shared_ptr<Module>;

Handle make(const std::string& name, const py::dict& settings) {
  Config config;
  for (const auto& item : settings) {
    const auto setting = item.first.cast<std::string>();
    config.set(setting, to_setting(name, setting, item.second));
  }
  const py::gil_scoped_release release;
  return modules().make(name, config);
}

/// (name, type, default, is_required) of each option, or None.
py::object options(const std::string& name) {
  const auto list = [&] {
    const py::gil_scoped_release release;
    return modules().options(name);
  }();
  if (!list) return py::none();
  py::list result;
  for (const OptionInfo& option : *list) {
    const bool is_tensor = std::holds_alternative<at::Tensor>(option.type);
    const py::object type =
        is_tensor ? py::module_::import("torch").attr("Tensor") : py::object(py::type::of(to_python(option.type)));
    const py::object otherwise = option.default_value ? to_python(*option.default_value) : py::none();
    result.append(py::make_tuple(option.name, type, otherwise, option.is_required));
  }
  return result;
}

py::object call_module(Module& module, const py::tuple& args, const py::dict& kwargs) {
  const Tuple arguments = to_tuple(args);
  const Dict keywords = to_dict(kwargs);
  const Value result = [&] {
    const py::gil_scoped_release release;
    return call_with_values(module, arguments, keywords);
  }();
  return to_python(result);
}

py::object tensor_or_none(const at::Tensor& tensor) { return tensor.defined() ? py::cast(tensor) : py::none(); }

/// The parameters, buffers and children of this Module alone, as three dicts.
py::tuple entries(const Module& module) {
  py::dict parameters, buffers, children;
  for (const auto& [name, slot] : ModuleAccess::parameters(module))
    parameters[py::str(name)] = tensor_or_none(*slot.value);
  for (const auto& [name, slot] : ModuleAccess::buffers(module)) buffers[py::str(name)] = tensor_or_none(*slot.value);
  for (const auto& [name, slot] : ModuleAccess::children(module)) children[py::str(name)] = py::cast(*slot.value);
  return py::make_tuple(parameters, buffers, children);
}

/// Registers the tensors of Python's dicts where they are others than this Module's.
void assign(Module& module, const py::dict& parameters, const py::dict& buffers) {
  using Changed = std::vector<std::pair<std::string, at::Tensor>>;
  const auto given = [](const py::dict& tensors, const std::string& name) {
    const py::object tensor = tensors[py::str(name)];
    return tensor.is_none() ? at::Tensor() : THPVariable_Unpack(tensor.ptr());
  };
  const auto changed = [&](const OrderedMap<TensorSlot>& slots, const py::dict& tensors) {
    Changed changed;
    for (const auto& [name, slot] : slots) {
      if (!tensors.contains(name)) continue;
      at::Tensor tensor = given(tensors, name);
      if (!tensor.is_same(*slot.value)) changed.emplace_back(name, std::move(tensor));
    }
    return changed;
  };
  for (const auto& [name, tensor] : changed(ModuleAccess::parameters(module), parameters)) {
    module[name] = Parameter(tensor, {.requires_grad = tensor.defined() && tensor.requires_grad()});
  }
  for (const auto& [name, tensor] : changed(ModuleAccess::buffers(module), buffers)) module[name] = tensor;
}

/// The names of own buffers that state_dict leaves out.
std::vector<std::string> non_persistent(const Module& module) {
  std::vector<std::string> names;
  for (const auto& [name, slot] : ModuleAccess::buffers(module)) {
    if (!slot.flags.persistent) names.push_back(name);
  }
  return names;
}

/// The names of own tensors whose dtype to(dtype) does not change.
std::vector<std::string> fixed_dtypes(const Module& module) {
  std::vector<std::string> names;
  for (const auto* slots : {&ModuleAccess::parameters(module), &ModuleAccess::buffers(module)}) {
    for (const auto& [name, slot] : *slots) {
      if (slot.flags.keep_dtype) names.push_back(name);
    }
  }
  return names;
}

/// "acme 1.0", the plugin that made the Module; "" if it is built in.
std::string plugin_of(const Module& module) {
  const StateDict state = module.state_dict();
  const Dict* metadata = state.metadata.find("");
  const Value* plugin = metadata ? metadata->find(kPluginMetadata) : nullptr;
  return plugin ? plugin->as<std::string>() : "";
}

/// The state of an older format, by names within the Module, in the present one; that of its children too.
py::dict upgrade_state(Module& module, const py::dict& tensors, const py::object& version) {
  StateDict state;
  for (const auto& item : tensors) state.set(item.first.cast<std::string>(), from_python(item.second));
  Dict metadata;
  if (!version.is_none()) metadata.set("version", from_python(version));
  state.metadata.set("", metadata);
  SplitState all(module, state);
  const LoadOptions options;
  IncompatibleKeys keys;
  std::vector<std::string> messages;
  LoadState load(all, "", "", options, keys, messages);
  module.upgrade_state(load);
  py::dict upgraded;
  for (const auto& [path, child] : module.named_modules({.remove_duplicate = false})) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& [name, value] : all.at(prefix)) upgraded[py::str(prefix + name)] = to_python(value);
  }
  return upgraded;
}

bool is_safetensors(const std::string& path) {
  return path.ends_with(".safetensors") || path.ends_with(".safetensors.index.json");
}

void save_value(const py::object& object, const std::string& path) {
  const Value value = from_python(object);
  const py::gil_scoped_release release;
  if (!is_safetensors(path)) return save(value, path);
  const auto* state = value.get_if<OrderedDict>();
  state ? save_safetensors(*state, path) : save_safetensors(value.as<Dict>(), path);
}

py::object load_value(const std::string& path, const std::optional<at::Device>& device, bool mmap) {
  const Value value = [&] {
    const py::gil_scoped_release release;
    if (is_safetensors(path)) {
      return Value(load_safetensors(path, {.device = device.value_or(at::kCPU), .mmap = mmap}));
    }
    return load(path, {.map_location = device ? MapLocation(*device) : MapLocation(), .mmap = mmap});
  }();
  return to_python(value);
}

py::list list_plugins() {
  const auto plugins = [] {
    const py::gil_scoped_release release;
    return bisque::plugins().list();
  }();
  py::list list;
  for (const PluginInfo& plugin : plugins) {
    list.append(py::make_tuple(plugin.name, plugin.version, plugin.path, plugin.ops, plugin.modules, plugin.formats));
  }
  return list;
}

void set_python_op_loader(py::object function) {
  auto* const kept = new py::object(std::move(function));  // never destroyed: the interpreter ends before the program
  set_op_loader([kept](const std::string& path, const std::string& name) {
    const py::gil_scoped_acquire gil;
    (*kept)(path, name);
  });
}

/// Exceptions of libtorch, with the Python type and text that torch gives them.
void translate(std::exception_ptr exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const c10::Error&) {
    torch::translate_exception_to_python(exception);
  }
}

}  // namespace
}  // namespace bisque::python

PYBIND11_MODULE(bisque3d_cpp, m) {
  using namespace bisque;
  using namespace bisque::python;
  py::register_local_exception_translator(translate);

  bind_objects(m);
  py::class_<HookHandle>(m, "HookHandle").def("remove", &HookHandle::remove);
  py::class_<Module, Handle>(m, "Module")
      .def_property_readonly("address", [](const Module& module) { return reinterpret_cast<uintptr_t>(&module); })
      .def_property_readonly("type_name", [](const Module& module) { return module.type_name(); })
      .def_property_readonly("state_version", &Module::state_version)
      .def_property_readonly("plugin", plugin_of)
      .def_property_readonly("has_extra_state", &Module::has_extra_state)
      .def_property_readonly("is_training", &Module::is_training)
      .def("train", &Module::train)
      .def("repr", &Module::repr)
      .def("extra_repr", [](const Module& module) { return module.extra_repr(); })
      .def("entries", entries)
      .def("assign", assign)
      .def("set_child", [](Module& module, const std::string& name, Handle child) { module[name] = std::move(child); })
      .def("non_persistent", non_persistent)
      .def("fixed_dtypes", fixed_dtypes)
      .def("upgrade_state", upgrade_state)
      .def("get_extra_state", [](const Module& module) { return to_python(module.get_extra_state()); })
      .def("set_extra_state",
           [](Module& module, const py::object& state) { module.set_extra_state(from_python(state)); })
      .def("clone", [](const Module& module) { return ModuleAccess::clone(module); })
      .def("call", call_module)
      .def("register_hook", [](Module& module, const std::string& kind, py::object hook, bool with_kwargs, bool prepend,
                               bool always_call) {
        return register_hook(module, kind, std::move(hook), with_kwargs,
                             {.prepend = prepend, .always_call = always_call});
      });

  m.def("make", make);
  m.def("options", options);
  m.def(
      "names", [] { return modules().names(); }, ReleaseGil());
  m.def(
      "load_plugin", [](const std::string& path) { plugins().load(path); }, ReleaseGil());
  m.def(
      "retire_plugin", [](const std::string& name) { plugins().retire(name); }, ReleaseGil());
  m.def("plugins", list_plugins);
  m.def("set_wrapper_function", set_wrapper_function);
  m.def("set_op_loader", set_python_op_loader);
  m.def("save", save_value);
  m.def("load", load_value);
}
