#include "objects.h"

#include <bisque/core/registry/object_class.h>
#include <bisque/core/serialization/near_names.h>

namespace bisque::python {
namespace {

py::object get_attribute(const Object& object, const std::string& name) {
  const auto described = class_of(object.value);
  const auto* read = described ? described->find(name) : nullptr;
  if (!read) {
    const auto names = described ? described->attributes() : std::vector<std::string>();
    throw py::attribute_error(class_name(object.value) + " has no attribute '" + name + "', " +
                              expected_names(name, names));
  }
  const Value value = [&] {
    const py::gil_scoped_release release;
    return (*read)(object.value);
  }();
  return to_python(value);
}

std::vector<std::string> attributes_of(const Object& object) {
  const auto described = class_of(object.value);
  return described ? described->attributes() : std::vector<std::string>();
}

py::object make_object(const std::string& name, const py::tuple& args, const py::dict& named) {
  const Tuple values = to_tuple(args);
  const Dict by_name = to_dict(named);
  const Value made = [&] {
    const py::gil_scoped_release release;
    return object_class(name)->make(values, by_name);
  }();
  return to_python(made);
}

/// (name, is_required) of each argument.
std::vector<std::pair<std::string, bool>> object_parameters(const std::string& name) {
  std::vector<std::pair<std::string, bool>> parameters;
  for (const ObjectClass::Parameter& parameter : object_class(name)->parameters()) {
    parameters.emplace_back(parameter.name, parameter.is_required);
  }
  return parameters;
}

}  // namespace

void bind_objects(py::module_& m) {
  py::class_<Object>(m, "Object",
                     "An object of a C++ class, such as Meshes or Fragments. C++ Modules take and return it; dir() "
                     "lists what can be read.")
      .def("__getattr__", get_attribute)
      .def("__dir__", attributes_of)
      .def("__repr__", [](const Object& object) { return "<C++ " + class_name(object.value) + ">"; });
  m.def("make_object", make_object);
  m.def("object_parameters", object_parameters, py::call_guard<py::gil_scoped_release>());
  m.def("object_names", object_class_names, py::call_guard<py::gil_scoped_release>());
}

}  // namespace bisque::python
