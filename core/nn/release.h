// Internal. How Modules release each other.
#pragma once
#include <memory>

namespace bisque {

class Module;

/// Releases a Module. Modules that its destructor releases in turn are queued until it has ended, so a chain of Modules
/// of any depth needs no deep stack.
void release(std::shared_ptr<Module> module) noexcept;

}  // namespace bisque
