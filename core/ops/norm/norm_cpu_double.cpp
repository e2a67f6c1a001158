// The norms' CPU kernels on double.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/core/ops/norm/norm_cpu_double.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/core/ops/norm/norm_cpu-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

void forward_double(const ForwardParams<double>& params) { forward(params); }
void backward_double(const BackwardParams<double>& params) { backward(params); }

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque::norm {

HWY_EXPORT(forward_double);
HWY_EXPORT(backward_double);

void run_cpu_kernel(const ForwardParams<double>& params) { HWY_DYNAMIC_DISPATCH(forward_double)(params); }
void run_cpu_kernel(const BackwardParams<double>& params) { HWY_DYNAMIC_DISPATCH(backward_double)(params); }

}  // namespace bisque::norm
#endif
