// Internal. How Modules let go of each other.
#pragma once
#include <memory>

namespace bisque {

class Module;

/// Gives up a Module. What it gives up in turn, as its destructor runs, waits until that has ended: a chain of Modules
/// of any depth needs no depth of stack.
void release(std::shared_ptr<Module> module) noexcept;

}  // namespace bisque
