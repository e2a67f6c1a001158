#include <bisque/core/distributed/rendezvous.h>

#include <cstdlib>
#include <sstream>
#include <string_view>
#include <thread>

#include <bisque/core/distributed/group_error.h>
#include <bisque/core/distributed/network.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr const char* kAllPresent = "all";

std::string version_text(uint64_t version) {
  const auto part = [&](int shift) { return std::to_string(version >> shift & 0xff); };
  return part(56) + "." + part(48) + "." + part(40);
}

std::vector<std::string> keys_of_ranks(const std::string& prefix, int64_t size) {
  std::vector<std::string> keys;
  for (int64_t rank = 0; rank < size; ++rank) keys.push_back(prefix + std::to_string(rank));
  return keys;
}

/// The error of ranks that only their own machine can reach; empty if there are none. `addresses` are "lo 127.0.0.1".
std::string find_unreachable(const std::vector<std::string>& addresses) {
  std::vector<int64_t> local;
  std::string example;
  for (size_t rank = 0; rank < addresses.size(); ++rank) {
    if (!is_loopback(addresses[rank].substr(addresses[rank].find(' ') + 1))) continue;
    local.push_back(static_cast<int64_t>(rank));
    example = addresses[rank];
  }
  const auto size = static_cast<int64_t>(addresses.size());
  if (local.empty() || local.size() == addresses.size()) return "";
  return ranks_text(local, size) + (local.size() == 1 ? " listens" : " listen") + " on a loopback address (" + example +
         "), which other machines cannot reach; expected another interface in ProcessGroupOptions::interface or "
         "GLOO_SOCKET_IFNAME.";
}

/// The address that leads to the store. On the store's own machine a name in MASTER_ADDR may mean a loopback address
/// (Debian's 127.0.1.1), which other machines cannot reach: there, the address of the default route.
std::string own_address(const LaunchEnvironment& launch) {
  const std::string address = local_address_towards(launch.address, launch.port);
  if (!launch.spans_machines || !is_loopback(address)) return address;
  const std::string default_route = default_route_address();
  return default_route.empty() ? address : default_route;
}

std::string missing_text(const GroupStore& store, const LaunchEnvironment& launch, std::chrono::milliseconds timeout) {
  std::vector<int64_t> missing;
  const auto keys = keys_of_ranks("present/", launch.size);
  for (int64_t rank = 0; rank < launch.size; ++rank) {
    if (!store.wait(keys[static_cast<size_t>(rank)], std::chrono::milliseconds(1))) missing.push_back(rank);
  }
  return "no sign of " + ranks_text(missing, launch.size) + " within " + seconds_text(timeout) +
         "; expected all to run, with the same MASTER_ADDR and MASTER_PORT (" + launch.store_place() + ").";
}

}  // namespace

std::string call_key(int64_t rank) { return "call/" + std::to_string(rank); }

void check_torch_version(uint64_t built, uint64_t running) {
  if (built >> 40 == running >> 40) return;
  fail("init_process_group: this Bisque was built with torch ", version_text(built), ", but torch ",
       version_text(running), " is loaded; expected the same.");
}

GlooDevices open_devices(const std::string& interface, const LaunchEnvironment& launch) {
  const char* variable = std::getenv("GLOO_SOCKET_IFNAME");
  std::istringstream names(!interface.empty() ? interface : variable ? variable : "");
  GlooDevices devices;
  for (std::string name; std::getline(names, name, ',');) {
    try {
      devices.push_back(open_gloo_interface(name));
    } catch (const std::exception& error) {
      fail("init_process_group: ", interface.empty() ? "GLOO_SOCKET_IFNAME" : "interface", " is \"", name,
           "\", which cannot be used (", reason_of(error), "); expected one of ", interface_names(), ".");
    }
  }
  if (devices.empty()) devices.push_back(open_gloo_address(own_address(launch)));
  return devices;
}

void meet(const GroupStore& store, const LaunchEnvironment& launch, const BoundAddress& bound,
          std::chrono::milliseconds timeout) {
  const std::string rank = std::to_string(launch.rank);
  store.set("address/" + rank, bound.interface + " " + bound.address);
  store.set(call_key(launch.rank), "-1");
  store.set("present/" + rank);
  if (store.add("num_present", 1) == launch.size) {
    const std::string fault = find_unreachable(store.get(keys_of_ranks("address/", launch.size)));
    store.set_once("verdict", fault.empty() ? kAllPresent : fault);
  }
  // The first verdict is that of all ranks.
  auto verdict = store.wait("verdict", timeout);
  if (!verdict) verdict = store.set_once("verdict", missing_text(store, launch, timeout));
  if (*verdict == kAllPresent) return;
  // The store ends with rank 0: the others get time to read the verdict.
  if (launch.hosts_store()) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  fail("init_process_group: ", *verdict);
}

}  // namespace bisque
