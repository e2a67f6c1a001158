// The norms' CPU kernels on float.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/core/ops/norm/norm_cpu_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/core/ops/norm/norm_cpu-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

void forward_float(const ForwardParams<float>& params) { forward(params); }
void backward_float(const BackwardParams<float>& params) { backward(params); }

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque::norm {

HWY_EXPORT(forward_float);
HWY_EXPORT(backward_float);

void run_cpu_kernel(const ForwardParams<float>& params) { HWY_DYNAMIC_DISPATCH(forward_float)(params); }
void run_cpu_kernel(const BackwardParams<float>& params) { HWY_DYNAMIC_DISPATCH(backward_float)(params); }

}  // namespace bisque::norm
#endif
