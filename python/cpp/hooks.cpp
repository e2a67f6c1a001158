#include "hooks.h"

#include <bisque/core/error.h>

namespace bisque::python {
namespace {

py::object& wrapper_function() {
  static auto* const function = new py::object;  // never destroyed: the interpreter ends before the program
  return *function;
}

/// A Python object that any thread may copy and destroy.
class Callable {
 public:
  explicit Callable(py::object object) : object_(new py::object(std::move(object)), destroy) {}
  template <class... Arguments>
  py::object operator()(const Arguments&... arguments) const {
    return (*object_)(arguments...);
  }

 private:
  static void destroy(py::object* object) {
    if (!Py_IsInitialized()) return;
    const py::gil_scoped_acquire gil;
    delete object;
  }
  std::shared_ptr<py::object> object_;
};

py::tuple of_gradients(const Gradients& gradients) {
  py::tuple tuple(gradients.size());
  for (size_t i = 0; i < gradients.size(); ++i) tuple[i] = to_python(Value(gradients[i]));
  return tuple;
}

std::optional<Gradients> to_gradients(const py::object& result) {
  if (result.is_none()) return std::nullopt;
  const Value value = from_python(result);
  if (value.is<at::Tensor>()) return Gradients{value.as<at::Tensor>()};
  Gradients gradients;
  for (const Value& item : value.as<Tuple>())
    gradients.push_back(item.is_none() ? at::Tensor() : item.as<at::Tensor>());
  return gradients;
}

/// As in Python, a value that is no tuple is the only argument.
Tuple to_arguments(const Value& value) { return value.is<Tuple>() ? value.as<Tuple>() : Tuple{value}; }

std::optional<ChangedInputs> to_inputs(const Module& module, const py::object& result, bool with_kwargs) {
  if (result.is_none()) return std::nullopt;
  const Value value = from_python(result);
  if (!with_kwargs) return ChangedInputs{to_arguments(value), std::nullopt};
  const auto* both = value.get_if<Tuple>();
  if (!both || both->size() != 2 || !(*both)[1].is<Dict>()) {
    fail(module.type_name(), ": expected a forward pre-hook with keyword arguments to return None or (args, kwargs).");
  }
  return ChangedInputs{to_arguments((*both)[0]), (*both)[1].as<Dict>()};
}

}  // namespace

void set_wrapper_function(py::object function) { wrapper_function() = std::move(function); }

py::object wrapper_of(const std::shared_ptr<Module>& module) { return wrapper_function()(module); }

HookHandle register_hook(Module& module, const std::string& kind, py::object hook, bool with_kwargs,
                         const HookOptions& options) {
  const Callable call(std::move(hook));
  if (kind == "forward_pre") {
    const auto run = [call, with_kwargs](Module& of, const Tuple& args, const Kwargs& kwargs) {
      const py::gil_scoped_acquire gil;
      const py::object wrapper = wrapper_of(of.shared_from_this());
      const py::object changed =
          with_kwargs ? call(wrapper, to_python(args), to_python(kwargs)) : call(wrapper, to_python(args));
      return to_inputs(of, changed, with_kwargs);
    };
    return module.register_forward_pre_hook(run, options);
  }
  if (kind == "forward") {
    const auto run = [call, with_kwargs](Module& of, const Tuple& args, const Kwargs& kwargs,
                                         const Value& output) -> std::optional<Value> {
      const py::gil_scoped_acquire gil;
      const py::object wrapper = wrapper_of(of.shared_from_this()), result = to_python(output);
      const py::object changed = with_kwargs ? call(wrapper, to_python(args), to_python(kwargs), result)
                                             : call(wrapper, to_python(args), result);
      return changed.is_none() ? std::nullopt : std::optional(from_python(changed));
    };
    return module.register_forward_hook(run, options);
  }
  if (kind == "full_backward_pre") {
    const auto run = [call](Module& of, const Gradients& outputs) {
      const py::gil_scoped_acquire gil;
      return to_gradients(call(wrapper_of(of.shared_from_this()), of_gradients(outputs)));
    };
    return module.register_full_backward_pre_hook(run, options);
  }
  const auto run = [call](Module& of, const Gradients& inputs, const Gradients& outputs) {
    const py::gil_scoped_acquire gil;
    return to_gradients(call(wrapper_of(of.shared_from_this()), of_gradients(inputs), of_gradients(outputs)));
  };
  return module.register_full_backward_hook(run, options);
}

}  // namespace bisque::python
