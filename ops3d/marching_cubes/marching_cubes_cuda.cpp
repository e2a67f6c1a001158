#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/marching_cubes/marching_cubes_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

MarchingCubesResults marching_cubes_cuda(const Tensor& vol, std::optional<double> isolevel, bool return_local_coords) {
  auto call = prepare_marching_cubes(vol, isolevel, return_local_coords);
  if (call.units == 0) return call.results();
  const op::CudaScope scope(call.vol);
  const Tensor extremes = op::new_empty(call.vol, {call.own_isolevel ? vol.size(0) * kMarchingCubesExtremes * 2 : 0});
  const Tensor sums = op::new_empty(call.vol, {kMarchingCubesSums}, op::ScalarType::Long);
  op::by_float_type(call.vol, [&](auto zero) {
    using T = decltype(zero);
    const auto counting = call.params<T>();
    marching_cubes_cuda_count(counting, op::mutable_data<T>(extremes), op::mutable_data<int64_t>(sums), scope.stream());
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    // The one wait for the device: the sizes of the results lie there.
    int64_t num_verts = 0, num_faces = 0;
    const auto stream = static_cast<cudaStream_t>(scope.stream());
    const auto fetch = [&](int64_t& to, const int64_t* from) {
      STD_CUDA_CHECK(cudaMemcpyAsync(&to, from + call.units, sizeof to, cudaMemcpyDeviceToHost, stream));
    };
    fetch(num_verts, counting.vert_first);
    fetch(num_faces, counting.face_first);
    STD_CUDA_CHECK(cudaStreamSynchronize(stream));
    call.allocate(num_verts, num_faces);
    marching_cubes_cuda_write(call.params<T>(), scope.stream());
    STD_CUDA_KERNEL_LAUNCH_CHECK();
  });
  return call.results();
}

const op::Register marching_cubes({"bisque::marching_cubes", BISQUE_KERNEL(marching_cubes_cuda)});
}  // namespace
}  // namespace bisque
