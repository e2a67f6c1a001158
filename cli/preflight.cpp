#include "cli/preflight.h"

#include <link.h>
#include <sys/auxv.h>
#include <torch/version.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace bisque::cli {
namespace {

static_assert(TORCH_VERSION_MAJOR == 2);

constexpr int kFirstWithoutLse = 12;                  // libc10 2.10 and 2.11 use LSE while they are loaded
constexpr int64_t kNeededMemory = int64_t{96} << 20;  // `bisque doctor` takes 120 MiB, with pages of files

#if defined(__aarch64__)
constexpr unsigned long kAtomics = 1UL << 8;  // HWCAP_ATOMICS of asm/hwcap.h

int finds_nvpl(dl_phdr_info* library, size_t, void*) {
  return std::strstr(library->dlpi_name, "/libnvpl_blas_core.") != nullptr;
}
#endif

/// Of memory and swap, from /proc/meminfo, in bytes.
int64_t available_memory() {
  std::FILE* file = std::fopen("/proc/meminfo", "re");
  if (!file) return INT64_MAX;
  int64_t available = -1, swap = 0;
  char line[128];
  while (std::fgets(line, sizeof(line), file)) {
    std::sscanf(line, "MemAvailable: %" SCNd64, &available);
    std::sscanf(line, "SwapFree: %" SCNd64, &swap);
  }
  std::fclose(file);
  return available < 0 ? INT64_MAX : (available + swap) * 1024;
}

}  // namespace

Platform this_platform() {
  Platform platform;
#if defined(__aarch64__)
  platform.has_lse = (::getauxval(AT_HWCAP) & kAtomics) != 0;
  platform.has_nvpl = ::dl_iterate_phdr(finds_nvpl, nullptr) != 0;
#elif defined(__x86_64__)
  __builtin_cpu_init();
  platform.has_baseline = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
#endif
  platform.available_memory = available_memory();
  return platform;
}

std::string preflight_problem(const Platform& platform, int torch_minor) {
  if (!platform.has_baseline) {
    return "this CPU lacks SSE4.2 or POPCNT (x86-64-v2), which Bisque needs; use a machine with a newer CPU.";
  }
  if (!platform.has_lse && torch_minor < kFirstWithoutLse) {
    return "this CPU lacks the LSE atomics (ARMv8.1) that libtorch 2." + std::to_string(torch_minor) +
           " needs; build Bisque with torch 2.12 or later (docs/raspberry-pi.md).";
  }
  if (!platform.has_lse && platform.has_nvpl) {
    return "this CPU lacks the LSE atomics (ARMv8.1) that NVPL, the BLAS of this libtorch, needs; run "
           "scripts/arm_openblas_shim.sh, which puts OpenBLAS in its place (docs/raspberry-pi.md).";
  }
  if (platform.available_memory < kNeededMemory) {
    return "only " + std::to_string(platform.available_memory >> 20) +
           " MiB of memory and swap are available, and libtorch needs " + std::to_string(kNeededMemory >> 20) +
           "; end other programs or add swap (docs/raspberry-pi.md).";
  }
  return "";
}

void preflight() {
  const std::string problem = preflight_problem(this_platform(), TORCH_VERSION_MINOR);
  if (problem.empty()) return;
  ::dprintf(STDERR_FILENO, "bisque: %s\n", problem.c_str());
  ::_exit(1);
}

}  // namespace bisque::cli
