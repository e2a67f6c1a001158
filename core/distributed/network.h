// Internal. The network interfaces of this machine.
#pragma once
#include <cstdint>
#include <string>

namespace bisque {

/// The local address from which packets to a host leave: loopback for a host that is this machine by a loopback
/// address. Error: a name that cannot be resolved, no route.
std::string local_address_towards(const std::string& host, uint16_t port);

/// The local address of the default route; empty if there is none.
std::string default_route_address();

/// The names of all interfaces with an address, "lo, eth0".
std::string interface_names();

/// 127.0.0.0/8 or ::1.
bool is_loopback(const std::string& address);

}  // namespace bisque
