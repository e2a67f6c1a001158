// Internal. Values in Python.
#pragma once
#include <torch/csrc/utils/pybind.h>

#include <string>

#include <bisque/core/registry/config.h>
#include <bisque/core/value.h>

namespace bisque::python {

namespace py = pybind11;

/// A Value of a C++ type that Python does not have, such as Fragments.
struct Object {
  Value value;
};

/// Error (TypeError): an object of another type than Value describes.
Value from_python(py::handle object);
py::object to_python(const Value& value);

Tuple to_tuple(const py::tuple& objects);
Dict to_dict(const py::dict& objects);
py::tuple to_python(const Tuple& values);
py::dict to_python(const Dict& values);

/// Error (TypeError): a setting that is neither a bool, a number, a string nor a list of numbers.
Config::Value to_setting(const std::string& module, const std::string& name, py::handle object);
py::object to_python(const Config::Value& value);

}  // namespace bisque::python
