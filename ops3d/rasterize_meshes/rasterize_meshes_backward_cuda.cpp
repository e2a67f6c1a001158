#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor rasterize_meshes_backward_cuda(const Tensor& grad_zbuf, const Tensor& grad_bary_coords, const Tensor& grad_dists,
                                      const Tensor& verts, const Tensor& faces, const Tensor& pix_to_face,
                                      const Tensor& dists, bool perspective_correct, bool clip_barycentric_coords,
                                      double z_clip) {
  const auto call =
      prepare_rasterize_meshes_backward(grad_zbuf, grad_bary_coords, grad_dists, verts, faces, pix_to_face, dists,
                                        perspective_correct, clip_barycentric_coords, z_clip);
  const op::CudaScope scope(call.grad_verts);
  op::by_float_type(call.grad_verts, [&](auto zero) {
    rasterize_meshes_backward_cuda_kernel(call.params<decltype(zero)>(), scope.stream());
  });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.grad_verts;
}

const op::Register rasterize_meshes_backward({"bisque::_rasterize_meshes_backward",
                                              BISQUE_KERNEL(rasterize_meshes_backward_cuda)});
}  // namespace
}  // namespace bisque
