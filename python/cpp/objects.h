// Internal. Objects of C++ classes that Modules take and return, in Python.
#pragma once
#include "values.h"

namespace bisque::python {

/// The class Object, and the functions by which it is made.
void bind_objects(py::module_& m);

}  // namespace bisque::python
