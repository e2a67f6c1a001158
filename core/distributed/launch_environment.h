// Internal. What torchrun tells a process in its environment.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace bisque {

struct LaunchEnvironment {
  int64_t rank = 0;
  int64_t size = 1;
  int64_t restart_count = 0;
  std::string address;  // of the group's store; empty for a group of one
  uint16_t port = 0;
  bool has_agent_store = false;  // torchrun hosts the store; else rank 0 does
  bool spans_machines = false;   // as far as torchrun says so

  bool hosts_store() const { return rank == 0 && !has_agent_store; }
  std::string store_place() const;  // "10.0.0.1:29500"
};

/// RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and torchrun's own variables. Without RANK and WORLD_SIZE, a group of
/// one. Error: one that is missing or not valid. `variable` is std::getenv, or a test's.
LaunchEnvironment read_launch_environment(const std::function<const char*(const char*)>& variable);

}  // namespace bisque
