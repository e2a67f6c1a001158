// Internal. What is checked before libtorch starts: a machine on which it would end with a signal is reported in one
// sentence.
#pragma once

#include <cstdint>
#include <string>

namespace bisque::cli {

/// What a machine offers to the program.
struct Platform {
  bool has_baseline = true;  // x86: x86-64-v2; every 64-bit ARM has it
  bool has_lse = true;       // ARM: atomics of ARMv8.1, which a Raspberry Pi 4 lacks
  bool has_nvpl = false;     // ARM: NVPL is libtorch's BLAS, not OpenBLAS
  int64_t available_memory = INT64_MAX;
};

/// That of this machine.
Platform this_platform();

/// Why libtorch 2.MINOR would not run on a platform, and what to do: one sentence, or "" if it would.
std::string preflight_problem(const Platform& platform, int torch_minor);

/// Ends the process with 1 and that sentence if libtorch would not run here. It runs before the constructors of all
/// libraries.
void preflight();

}  // namespace bisque::cli
