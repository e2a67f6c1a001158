#include "cli/preflight.h"

#include <gtest/gtest.h>

namespace bisque::cli {
namespace {

Platform pi_4() {
  Platform platform;
  platform.has_lse = false;
  return platform;
}

TEST(Preflight, AllowsThisMachine) {
  EXPECT_EQ(preflight_problem(this_platform(), 14), "");
  EXPECT_GT(this_platform().available_memory, int64_t{1} << 28);
}

TEST(Preflight, NeedsLseUpToTorch211) {
  for (int minor : {10, 11}) {
    EXPECT_EQ(preflight_problem(pi_4(), minor),
              "this CPU lacks the LSE atomics (ARMv8.1) that libtorch 2." + std::to_string(minor) +
                  " needs; build Bisque with torch 2.12 or later (docs/raspberry-pi.md).");
    EXPECT_EQ(preflight_problem(Platform(), minor), "");
  }
  EXPECT_EQ(preflight_problem(pi_4(), 12), "");
}

TEST(Preflight, NeedsLseForNvpl) {
  Platform platform = pi_4();
  platform.has_nvpl = true;
  EXPECT_EQ(preflight_problem(platform, 14),
            "this CPU lacks the LSE atomics (ARMv8.1) that NVPL, the BLAS of this libtorch, needs; run "
            "scripts/arm_openblas_shim.sh, which puts OpenBLAS in its place (docs/raspberry-pi.md).");
  platform.has_lse = true;
  EXPECT_EQ(preflight_problem(platform, 14), "");
}

TEST(Preflight, NeedsMemory) {
  Platform platform;
  platform.available_memory = int64_t{50} << 20;
  EXPECT_EQ(preflight_problem(platform, 14),
            "only 50 MiB of memory and swap are available, and libtorch needs 96; end other programs or add swap "
            "(docs/raspberry-pi.md).");
  platform.available_memory = int64_t{96} << 20;
  EXPECT_EQ(preflight_problem(platform, 14), "");
}

TEST(Preflight, NeedsTheBaselineOfX86) {
  Platform platform;
  platform.has_baseline = false;
  EXPECT_EQ(preflight_problem(platform, 14),
            "this CPU lacks SSE4.2 or POPCNT (x86-64-v2), which Bisque needs; use a machine with a newer CPU.");
}

}  // namespace
}  // namespace bisque::cli
