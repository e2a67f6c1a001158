// Lets tests narrow the SIMD targets that kernels choose from, to show that results do not depend on them.
#include <hwy/highway.h>

#include <bisque/core/ops/glue.h>
#include <bisque/core/ops/simd_targets.h>

namespace bisque {
namespace {

/// Disables these targets of Highway (a bit mask; 0 enables all again) and returns those that this machine and build
/// have.
int64_t disable_simd_targets(int64_t disabled) {
  hwy::DisableTargets(0);
  const int64_t supported = usable_simd_targets();
  hwy::DisableTargets(disabled);
  hwy::GetChosenTarget().DeInit();
  return supported;
}

const op::Register disable({
    .schema = "bisque::_disable_simd_targets(int disabled) -> int",
    .any = BISQUE_KERNEL(disable_simd_targets),
});

}  // namespace
}  // namespace bisque
