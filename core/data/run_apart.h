// Runs a call that may end its process in a separate process.
#pragma once
#include <functional>

namespace bisque::data {

/// Calls a function in another process that shares this one's memory, and waits for it: its changes to memory remain,
/// even if it crashes. Returns false if the function did not return. It must not throw. Use it only for a call that is
/// known to crash, because a lock that the call holds stays locked.
bool run_apart(const std::function<void()>& function);

}  // namespace bisque::data
