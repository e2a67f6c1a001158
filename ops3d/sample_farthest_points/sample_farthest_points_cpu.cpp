// Only points that a newly selected point may be nearest to are visited: those in boxes whose distance to it is less
// than the greatest distance in the box.
#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/sample_farthest_points/sample_farthest_points_kernels.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/sample_farthest_points/sample_farthest_points_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/sample_farthest_points/sample_farthest_points_sampler-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::farthest::HWY_NAMESPACE {

void sample_float(const SampleFarthestPoints<float>& p, int64_t cloud) { sample_cloud(p, cloud); }
void sample_double(const SampleFarthestPoints<double>& p, int64_t cloud) { sample_cloud(p, cloud); }

}  // namespace bisque::farthest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {
namespace farthest {

HWY_EXPORT(sample_float);
HWY_EXPORT(sample_double);

static void sample(const SampleFarthestPoints<float>& p, int64_t n) { HWY_DYNAMIC_DISPATCH(sample_float)(p, n); }
static void sample(const SampleFarthestPoints<double>& p, int64_t n) { HWY_DYNAMIC_DISPATCH(sample_double)(p, n); }

}  // namespace farthest

template <class T>
void SampleFarthestPoints<T>::run(const OnCpu& on) const {
  each<check_sampling<T>>(on, *this, N);
  op::parallel_for(N, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) farthest::sample(*this, n);
  });
}

template void SampleFarthestPoints<float>::run(const OnCpu&) const;
template void SampleFarthestPoints<double>::run(const OnCpu&) const;

}  // namespace bisque
#endif
