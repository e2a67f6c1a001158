#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using op::Tensor;

template <class T>
void rasterize(const RasterizeMeshesCall& call, void* stream) {
  const auto tiles_along = [](int64_t pixels) { return (pixels + kRasterCudaTile - 1) / kRasterCudaTile; };
  const int64_t tiles = call.first.size(0) * tiles_along(call.settings.height) * tiles_along(call.settings.width);
  const Tensor verts = op::new_empty(call.verts, {call.verts.size(0), 4});
  const Tensor bins = op::new_empty(call.faces, {tiles + 1}), status = op::new_empty(call.faces, {3});
  RasterizeMeshesScratch<T> scratch{op::mutable_data<T>(verts), op::mutable_data<int64_t>(bins),
                                    op::mutable_data<int64_t>(status), nullptr};
  const auto found = rasterize_meshes_cuda_count(call.params<T>(), scratch, stream);
  STD_CUDA_CHECK(static_cast<cudaError_t>(found.error));
  if (found.bad_mesh >= 0) refuse_face_range(call, found.bad_mesh, found.bad_first, found.bad_count);
  if (found.bad_face >= 0) refuse_face(call, found.bad_face);
  const Tensor entries = op::new_empty(call.faces, {found.entries}, op::ScalarType::Int);
  scratch.entries = op::mutable_data<int32_t>(entries);
  rasterize_meshes_cuda_fill(call.params<T>(), scratch, stream);
  rasterize_meshes_cuda_draw(call.params<T>(), scratch, stream);
}

std::tuple<Tensor, Tensor, Tensor, Tensor> rasterize_meshes_cuda(const Tensor& verts, const Tensor& faces,
                                                                 const Tensor& first, const Tensor& counts,
                                                                 int64_t height, int64_t width, int64_t faces_per_pixel,
                                                                 double blur_radius, bool perspective_correct,
                                                                 bool clip_barycentric_coords, bool cull_backfaces,
                                                                 double z_clip, bool with_dists) {
  const auto call = prepare_rasterize_meshes(verts, faces, first, counts,
                                             {height, width, faces_per_pixel, blur_radius, perspective_correct,
                                              clip_barycentric_coords, cull_backfaces, z_clip, with_dists});
  const op::CudaScope scope(call.zbuf);
  op::by_float_type(call.zbuf, [&](auto zero) { rasterize<decltype(zero)>(call, scope.stream()); });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.pix_to_face, call.zbuf, call.bary_coords, call.dists};
}

const op::Register rasterize_meshes({"bisque::rasterize_meshes", BISQUE_KERNEL(rasterize_meshes_cuda)});
}  // namespace
}  // namespace bisque
