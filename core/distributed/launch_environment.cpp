#include <bisque/core/distributed/launch_environment.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr const char* kCaller = "init_process_group: ";

/// An empty variable counts as missing.
std::optional<std::string> value_of(const std::function<const char*(const char*)>& variable, const char* name) {
  const char* value = variable(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

int64_t whole_number(const char* name, const std::string& text, int64_t low, int64_t high) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && value >= low && value <= high) return value;
  fail(kCaller, name, " is \"", text, "\"; expected a whole number from ", low, " to ", high, ".");
}

}  // namespace

std::string LaunchEnvironment::store_place() const {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

LaunchEnvironment read_launch_environment(const std::function<const char*(const char*)>& variable) {
  const auto rank = value_of(variable, "RANK"), size = value_of(variable, "WORLD_SIZE");
  LaunchEnvironment result;
  if (!rank && !size) return result;
  const auto require = [&](const char* name, const std::optional<std::string>& value) -> const std::string& {
    if (value) return *value;
    fail(kCaller, name, " is not set, but ", rank ? "RANK" : "WORLD_SIZE",
         " is; expected RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun sets them.");
  };
  constexpr int64_t kMaxSize = std::numeric_limits<int32_t>::max();
  result.size = whole_number("WORLD_SIZE", require("WORLD_SIZE", size), 1, kMaxSize);
  result.rank = whole_number("RANK", require("RANK", rank), 0, result.size - 1);
  if (const auto count = value_of(variable, "TORCHELASTIC_RESTART_COUNT")) {
    result.restart_count = whole_number("TORCHELASTIC_RESTART_COUNT", *count, 0, kMaxSize);
  }
  if (result.size == 1) return result;
  const auto address = value_of(variable, "MASTER_ADDR"), port = value_of(variable, "MASTER_PORT");
  result.address = require("MASTER_ADDR", address);
  result.port = static_cast<uint16_t>(whole_number("MASTER_PORT", require("MASTER_PORT", port), 1, 65535));
  if (const auto local = value_of(variable, "LOCAL_WORLD_SIZE")) {
    result.spans_machines = whole_number("LOCAL_WORLD_SIZE", *local, 1, kMaxSize) < result.size;
  }
  result.has_agent_store = value_of(variable, "TORCHELASTIC_USE_AGENT_STORE") == "True";
  return result;
}

}  // namespace bisque
