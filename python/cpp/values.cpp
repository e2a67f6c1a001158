#include <torch/csrc/Device.h>
#include <torch/csrc/Dtype.h>
#include <torch/csrc/Layout.h>
#include <torch/csrc/Size.h>
#include <torch/csrc/autograd/python_variable.h>

#include "hooks.h"
#include "values.h"

namespace bisque::python {
namespace {

py::object imported(const char* module, const char* name) { return py::module_::import(module).attr(name); }

bool is_instance(py::handle object, const char* module, const char* name) {
  return py::isinstance(object, imported(module, name));
}

[[noreturn]] void fail_type(const std::string& what, const std::string& expected, py::handle object) {
  throw py::type_error(what + ": expected " + expected + ", but got " + Py_TYPE(object.ptr())->tp_name + ".");
}

Value of_integer(py::handle object) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (!overflow) return Value(static_cast<int64_t>(number));
  const auto bits = object.attr("bit_length")().cast<size_t>();
  return Value::of(
      BigInt{object.attr("to_bytes")(bits / 8 + 1, "little", py::arg("signed") = true).cast<std::string>()});
}

template <class L>
L list_of(py::handle objects) {
  L list;
  for (const py::handle object : objects) list.push_back(from_python(object));
  return list;
}

Value of_dict(py::handle object) {
  const bool is_ordered = is_instance(object, "collections", "OrderedDict");
  const auto items = py::reinterpret_borrow<py::dict>(object);
  bool has_names = true;
  for (const auto& item : items) has_names = has_names && py::isinstance<py::str>(item.first);
  if (!has_names) {
    Items pairs;
    pairs.is_ordered = is_ordered;
    for (const auto& item : items) pairs.emplace_back(from_python(item.first), from_python(item.second));
    return pairs;
  }
  if (!is_ordered) return to_dict(items);
  OrderedDict dict;
  static_cast<Dict&>(dict) = to_dict(items);
  if (py::hasattr(object, "_metadata")) {
    for (const auto& item : py::dict(object.attr("_metadata"))) {
      dict.metadata.set(item.first.cast<std::string>(), to_dict(py::reinterpret_borrow<py::dict>(item.second)));
    }
  }
  return dict;
}

/// A list of integers, or of numbers if one is not.
Config::Value list_setting(const std::string& what, const py::object& list) {
  bool is_integers = true;
  for (const py::handle item : list) {
    if (!is_instance(item, "numbers", "Real")) fail_type(what, "a list of numbers", item);
    is_integers = is_integers && is_instance(item, "numbers", "Integral");
  }
  return is_integers ? Config::Value(list.cast<std::vector<int64_t>>()) : list.cast<std::vector<double>>();
}

py::object of_any(const Value& value) {
  if (const auto* big = value.get_if<BigInt>()) {
    return imported("builtins", "int").attr("from_bytes")(py::bytes(big->bytes), "little", py::arg("signed") = true);
  }
  if (const auto* size = value.get_if<Size>()) return imported("torch", "Size")(py::cast(std::vector<int64_t>(*size)));
  if (const auto* dtype = value.get_if<at::ScalarType>()) return py::cast(*dtype);
  if (const auto* device = value.get_if<at::Device>()) return py::cast(*device);
  if (const auto* layout = value.get_if<at::Layout>()) return py::cast(*layout);
  if (const auto* number = value.get_if<c10::complex<double>>()) return py::cast(*number);
  if (const auto* module = value.get_if<std::shared_ptr<Module>>()) return wrapper_of(*module);
  return py::cast(Object{value});
}

}  // namespace

Value from_python(py::handle object) {
  PyObject* const raw = object.ptr();
  if (object.is_none()) return {};
  if (PyBool_Check(raw)) return Value(object.cast<bool>());
  if (PyLong_Check(raw)) return of_integer(object);
  if (PyFloat_Check(raw)) return Value(object.cast<double>());
  if (PyUnicode_Check(raw)) return Value(object.cast<std::string>());
  if (THPVariable_Check(raw)) {
    const at::Tensor& tensor = THPVariable_Unpack(raw);
    return is_instance(object, "torch.nn", "Parameter") ? Value::parameter(tensor) : Value(tensor);
  }
  if (THPSize_Check(raw)) {
    Size size;
    for (const py::handle item : object) size.push_back(item.cast<int64_t>());
    return Value::of(size);
  }
  if (PyTuple_Check(raw)) return list_of<Tuple>(object);
  if (PyList_Check(raw)) return list_of<List>(object);
  if (PyDict_Check(raw)) return of_dict(object);
  if (PyAnySet_Check(raw)) {
    auto set = list_of<Set>(object);
    set.is_frozen = PyFrozenSet_Check(raw);
    return set;
  }
  if (PyBytes_Check(raw)) return Bytes{object.cast<std::string>(), false};
  if (PyByteArray_Check(raw)) return Bytes{std::string(PyByteArray_AS_STRING(raw), PyByteArray_GET_SIZE(raw)), true};
  if (PyComplex_Check(raw)) return Value::of(object.cast<c10::complex<double>>());
  if (THPDtype_Check(raw)) return Value::of(object.cast<at::ScalarType>());
  if (THPDevice_Check(raw)) return Value::of(object.cast<at::Device>());
  if (THPLayout_Check(raw)) return Value::of(object.cast<at::Layout>());
  if (py::isinstance<Object>(object)) return object.cast<const Object&>().value;
  if (py::isinstance<Module>(object)) return Value::of(object.cast<std::shared_ptr<Module>>());
  if (py::hasattr(object, "_cpp")) return from_python(object.attr("_cpp"));  // an nn.Module of a C++ Module
  fail_type(
      "bisque3d.cpp",
      "None, numbers, strings, bytes, tensors, C++ Modules and objects, and lists, tuples, dicts and sets of them",
      object);
}

py::object to_python(const Value& value) {
  if (value.is_none()) return py::none();
  if (const auto* held = value.get_if<bool>()) return py::bool_(*held);
  if (const auto* held = value.get_if<int64_t>()) return py::int_(*held);
  if (const auto* held = value.get_if<double>()) return py::float_(*held);
  if (const auto* held = value.get_if<std::string>()) return py::str(*held);
  if (const auto* held = value.get_if<at::Tensor>()) {
    py::object tensor = py::cast(*held);
    if (value.is_parameter() && !is_instance(tensor, "torch.nn", "Parameter")) {
      return imported("torch.nn", "Parameter")(tensor, tensor.attr("requires_grad"));
    }
    return tensor;
  }
  if (const auto* held = value.get_if<Tuple>()) return to_python(*held);
  if (const auto* held = value.get_if<OrderedDict>()) {
    py::object dict = imported("collections", "OrderedDict")(to_python(static_cast<const Dict&>(*held)));
    py::object metadata = imported("collections", "OrderedDict")();
    for (const auto& [path, entry] : held->metadata) metadata[py::str(path)] = to_python(entry);
    if (!held->metadata.empty()) dict.attr("_metadata") = metadata;
    return dict;
  }
  if (const auto* held = value.get_if<Dict>()) return to_python(*held);
  if (const auto* held = value.get_if<Items>()) {
    py::dict dict;
    for (const auto& [key, item] : *held) dict[to_python(key)] = to_python(item);
    return held->is_ordered ? imported("collections", "OrderedDict")(dict) : py::object(dict);
  }
  if (const auto* held = value.get_if<Bytes>()) {
    return held->is_mutable ? py::object(py::bytearray(held->data)) : py::object(py::bytes(held->data));
  }
  if (const auto* held = value.get_if<Set>()) {
    py::object set = py::set(to_python(static_cast<const Tuple&>(Tuple(held->begin(), held->end()))));
    return held->is_frozen ? py::object(py::frozenset(set)) : set;
  }
  if (const auto* held = value.get_if<List>()) {
    py::list list;
    for (const Value& item : *held) list.append(to_python(item));
    return list;
  }
  return of_any(value);
}

Tuple to_tuple(const py::tuple& objects) { return list_of<Tuple>(objects); }

Dict to_dict(const py::dict& objects) {
  Dict dict;
  for (const auto& item : objects) dict.set(item.first.cast<std::string>(), from_python(item.second));
  return dict;
}

py::tuple to_python(const Tuple& values) {
  py::tuple tuple(values.size());
  for (size_t i = 0; i < values.size(); ++i) tuple[i] = to_python(values[i]);
  return tuple;
}

py::dict to_python(const Dict& values) {
  py::dict dict;
  for (const auto& [name, value] : values) dict[py::str(name)] = to_python(value);
  return dict;
}

Config::Value to_setting(const std::string& module, const std::string& name, py::handle object) {
  PyObject* const raw = object.ptr();
  if (object.is_none()) return std::monostate();
  if (THPVariable_Check(raw)) return THPVariable_Unpack(raw);
  if (PyBool_Check(raw)) return object.cast<bool>();
  if (PyIndex_Check(raw)) return object.cast<int64_t>();
  if (PyFloat_Check(raw) || is_instance(object, "numbers", "Real"))
    return py::float_(py::reinterpret_borrow<py::object>(object)).cast<double>();
  if (PyUnicode_Check(raw)) return object.cast<std::string>();
  const py::object list =
      py::hasattr(object, "tolist") ? object.attr("tolist")() : py::reinterpret_borrow<py::object>(object);
  if (PyList_Check(list.ptr()) || PyTuple_Check(list.ptr())) return list_setting(module + ": " + name, list);
  fail_type(module + ": " + name, "a bool, a number, a string, a list of numbers or a tensor", object);
}

py::object to_python(const Config::Value& value) {
  const auto convert = [](const auto& held) -> py::object {
    if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
      return py::none();
    } else {
      return py::cast(held);
    }
  };
  return std::visit(convert, value);
}

}  // namespace bisque::python
