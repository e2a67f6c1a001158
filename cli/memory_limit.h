// The memory that this process may use.
#pragma once
#include <cstdint>
#include <string>

namespace bisque::cli {

struct MemoryLimit {
  double bytes = 0;
  bool is_of_group = false;  // of a control group, for example of a container, not of the machine
};

/// The machine's memory, or the smallest limit of the control groups (v1 or v2) that contain this process. `root` is
/// prepended to /proc and /sys.
MemoryLimit memory_limit(const std::string& root = "");

}  // namespace bisque::cli
