#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_backward_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

void refuse_errors(const RasterizeMeshesBackwardCall& call, const RasterizeMeshesBackwardErrors& errors) {
  const char* op = "_rasterize_meshes_backward";
  if (errors.entry >= 0) {
    op::refuse(op, "pix_to_face", "index the " + std::to_string(call.faces.size(0)) + " faces",
               std::to_string(op::data<int64_t>(call.pix_to_face)[errors.entry]));
  }
  if (errors.face >= 0) {
    op::refuse(op, "faces", "index the " + std::to_string(call.verts.size(0)) + " verts",
               "an index out of range in face " + std::to_string(errors.face));
  }
}

Tensor rasterize_meshes_backward_cpu(const Tensor& grad_zbuf, const Tensor& grad_bary_coords, const Tensor& grad_dists,
                                     const Tensor& verts, const Tensor& faces, const Tensor& pix_to_face,
                                     const Tensor& dists, bool perspective_correct, bool clip_barycentric_coords,
                                     double z_clip) {
  const auto call =
      prepare_rasterize_meshes_backward(grad_zbuf, grad_bary_coords, grad_dists, verts, faces, pix_to_face, dists,
                                        perspective_correct, clip_barycentric_coords, z_clip);
  op::by_float_type(call.verts, [&](auto zero) {
    refuse_errors(call, rasterize_meshes_backward_cpu_kernel(call.params<decltype(zero)>()));
  });
  return call.grad_verts;
}

Tensor rasterize_meshes_backward_meta(const Tensor& grad_zbuf, const Tensor& grad_bary_coords, const Tensor& grad_dists,
                                      const Tensor& verts, const Tensor& faces, const Tensor& pix_to_face,
                                      const Tensor& dists, bool perspective_correct, bool clip_barycentric_coords,
                                      double z_clip) {
  return prepare_rasterize_meshes_backward(grad_zbuf, grad_bary_coords, grad_dists, verts, faces, pix_to_face, dists,
                                           perspective_correct, clip_barycentric_coords, z_clip)
      .grad_verts;
}

const op::Register rasterize_meshes_backward({
    .schema = "bisque::_rasterize_meshes_backward(Tensor grad_zbuf, Tensor grad_bary_coords, Tensor grad_dists, Tensor "
              "verts, Tensor faces, Tensor pix_to_face, Tensor dists, bool perspective_correct, bool "
              "clip_barycentric_coords, float z_clip) -> Tensor grad_verts",
    .shapes =
        "grad_zbuf [N, H, W, K], grad_bary_coords [N, H, W, K, 3], verts [V, 3], faces [F, 3] -> grad_verts [V, 3]",
    .cpu = BISQUE_KERNEL(rasterize_meshes_backward_cpu),
    .meta = BISQUE_KERNEL(rasterize_meshes_backward_meta),
});

}  // namespace
}  // namespace bisque
