// Internal. Hooks of Modules that are Python functions.
#pragma once
#include <bisque/core/nn/module.h>

#include "values.h"

namespace bisque::python {

/// The function that gives the Python counterpart of a Module.
void set_wrapper_function(py::object function);
py::object wrapper_of(const std::shared_ptr<Module>& module);

/// `kind`: forward_pre, forward, full_backward_pre or full_backward. A forward hook receives the keyword arguments if
/// `with_kwargs`.
HookHandle register_hook(Module& module, const std::string& kind, py::object hook, bool with_kwargs,
                         const HookOptions& options);

}  // namespace bisque::python
