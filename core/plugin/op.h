// How typed C++ functions of ops reach the dispatcher.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

namespace bisque {

/// Loads the built-in plugins at the first call: see plugins().
void load_built_in_plugins();

/// The op of that name: loads the built-in plugins where no one in this process, Python's bisque3d for one, has it
/// registered. Signature is that of the schema, in libtorch's C++ types.
template <class Signature>
c10::TypedOperatorHandle<Signature> find_op(const char* name) {
  if (const auto op = c10::Dispatcher::singleton().findSchema({name, ""})) return op->typed<Signature>();
  load_built_in_plugins();
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

}  // namespace bisque
