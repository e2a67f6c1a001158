#include <bisque/ops3d/marching_cubes/marching_cubes_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

MarchingCubesResults marching_cubes_cpu(const Tensor& vol, std::optional<double> isolevel, bool return_local_coords) {
  auto call = prepare_marching_cubes(vol, isolevel, return_local_coords);
  if (call.units == 0) return call.results();
  op::by_float_type(call.vol, [&](auto zero) {
    using T = decltype(zero);
    const auto counting = call.params<T>();
    marching_cubes_cpu_count(counting);
    call.allocate(counting.vert_first[call.units], counting.face_first[call.units]);
    marching_cubes_cpu_write(call.params<T>());
  });
  return call.results();
}

MarchingCubesResults marching_cubes_meta(const Tensor& vol, std::optional<double> isolevel, bool) {
  check_marching_cubes(vol, isolevel);
  op::refuse("marching_cubes", "vol", "hold values, which decide the sizes of the results", "a meta tensor");
}

const op::Register marching_cubes({
    .schema = "bisque::marching_cubes(Tensor vol, float? isolevel=None, bool return_local_coords=True) -> (Tensor "
              "verts, Tensor faces, Tensor num_verts, Tensor num_faces)",
    .shapes = "vol [N, D, H, W] -> verts [*V, 3], faces int64 [*F, 3], num_verts int64 [N], num_faces int64 [N]",
    .cpu = BISQUE_KERNEL(marching_cubes_cpu),
    .meta = BISQUE_KERNEL(marching_cubes_meta),
});

}  // namespace
}  // namespace bisque
