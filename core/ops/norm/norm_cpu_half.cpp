// The norms' CPU kernels on Half.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/core/ops/norm/norm_cpu_half.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/core/ops/norm/norm_cpu-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

void forward_half(const ForwardParams<Half>& params) { forward(params); }
void backward_half(const BackwardParams<Half>& params) { backward(params); }

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque::norm {

HWY_EXPORT(forward_half);
HWY_EXPORT(backward_half);

void run_cpu_kernel(const ForwardParams<Half>& params) { HWY_DYNAMIC_DISPATCH(forward_half)(params); }
void run_cpu_kernel(const BackwardParams<Half>& params) { HWY_DYNAMIC_DISPATCH(backward_half)(params); }

}  // namespace bisque::norm
#endif
