// Lets typed C++ functions of ops call the dispatcher.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

namespace bisque {

/// Loads the built-in plugins at the first call: see plugins().
void load_built_in_plugins();

/// The op of that name. Loads the built-in plugins unless something in this process, such as Python's bisque3d, has
/// already registered the op. Signature is that of the schema, in libtorch's C++ types.
template <class Signature>
c10::TypedOperatorHandle<Signature> find_op(const char* name) {
  if (const auto op = c10::Dispatcher::singleton().findSchema({name, ""})) return op->typed<Signature>();
  load_built_in_plugins();
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

}  // namespace bisque
