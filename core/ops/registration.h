// Whether the ops of a library are complete, before the first of them is registered.
#pragma once
#include <vector>

#include <bisque/core/ops/register.h>

namespace bisque::op {

/// Error, with the op and what was expected: an op with tensor arguments that has no CPU or Meta kernel, no shapes, or
/// shapes that name another argument or other results; one without tensor arguments that has other kernels than `any`;
/// a `backward` that is not an op of the library.
void check_registrations(const std::vector<const Register*>& entries);

}  // namespace bisque::op
