// Internal. The SIMD targets of Highway that kernels choose from.
#pragma once
#include <hwy/targets.h>

#include <cstdint>

namespace bisque {

/// What the kernels are compiled for and this machine has, as a bit mask. Highway is not asked about a single target,
/// since it warns on stderr where it misses what it was built for itself (AES on a Raspberry Pi 4).
inline int64_t usable_simd_targets() {
  const int64_t compiled = HWY_TARGETS;
  return (compiled & (compiled - 1)) == 0 ? compiled : hwy::SupportedTargets() & compiled;
}

}  // namespace bisque
