// Internal. How the ranks of a group find each other.
#pragma once
#include <chrono>
#include <string>

#include <bisque/core/distributed/gloo_backend.h>
#include <bisque/core/distributed/group_store.h>
#include <bisque/core/distributed/launch_environment.h>

namespace bisque {

/// The key of the last call that a rank is known to be in: -1 before it is connected, then 0, then the calls' numbers.
std::string call_key(int64_t rank);

/// Error unless libtorch has the version that Bisque was built with: its C++ ABI changes with each. Both are as in
/// TORCH_ABI_VERSION.
void check_torch_version(uint64_t built, uint64_t running);

/// The devices of an interface, of GLOO_SOCKET_IFNAME if that is empty, or else the one that leads to the store.
GlooDevices open_devices(const std::string& interface, const LaunchEnvironment& launch);

/// Returns when all ranks are present. Error: some are not at the timeout, or their addresses cannot reach each other.
/// All ranks fail with the same message, which names them.
void meet(const GroupStore& store, const LaunchEnvironment& launch, const BoundAddress& bound,
          std::chrono::milliseconds timeout);

}  // namespace bisque
