// How much memory this process may use.
#pragma once
#include <cstdint>
#include <string>

namespace bisque::cli {

struct MemoryLimit {
  double bytes = 0;
  bool is_of_group = false;  // of a control group, as of a container, and not the machine's
};

/// The machine's memory, or the least that a control group of this process (v1 or v2) and those around it may have.
/// `root` stands before /proc and /sys.
MemoryLimit memory_limit(const std::string& root = "");

}  // namespace bisque::cli
