// The norms' CPU kernels on BFloat16.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/core/ops/norm/norm_cpu_bfloat16.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/core/ops/norm/norm_cpu-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

void forward_bfloat16(const ForwardParams<BFloat16>& params) { forward(params); }
void backward_bfloat16(const BackwardParams<BFloat16>& params) { backward(params); }

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque::norm {

HWY_EXPORT(forward_bfloat16);
HWY_EXPORT(backward_bfloat16);

void run_cpu_kernel(const ForwardParams<BFloat16>& params) { HWY_DYNAMIC_DISPATCH(forward_bfloat16)(params); }
void run_cpu_kernel(const BackwardParams<BFloat16>& params) { HWY_DYNAMIC_DISPATCH(backward_bfloat16)(params); }

}  // namespace bisque::norm
#endif
