// How typed C++ functions of ops reach the dispatcher.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <bisque/core/plugin/plugins.h>

namespace bisque {

/// The op of that name, with the built-in plugins loaded. Signature is that of the schema, in libtorch's C++ types.
template <class Signature>
c10::TypedOperatorHandle<Signature> find_op(const char* name) {
  plugins();
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

}  // namespace bisque
