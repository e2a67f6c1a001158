#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using op::Tensor;
using Result = std::tuple<Tensor, Tensor, Tensor, Tensor>;

// The values of these tensors are at hand on the CPU alone; on a device the kernel checks them.
void check_face_ranges(const RasterizeMeshesCall& call) {
  const auto* first = op::data<int64_t>(call.first);
  const auto* counts = op::data<int64_t>(call.counts);
  for (int64_t mesh = 0; mesh < call.first.size(0); ++mesh) {
    if (!names_faces(first[mesh], counts[mesh], call.faces.size(0))) {
      refuse_face_range(call, mesh, first[mesh], counts[mesh]);
    }
  }
}

Result rasterize_meshes_cpu(const Tensor& verts, const Tensor& faces, const Tensor& first, const Tensor& counts,
                            int64_t height, int64_t width, int64_t faces_per_pixel, double blur_radius,
                            bool perspective_correct, bool clip_barycentric_coords, bool cull_backfaces, double z_clip,
                            bool with_dists) {
  const auto call = prepare_rasterize_meshes(verts, faces, first, counts,
                                             {height, width, faces_per_pixel, blur_radius, perspective_correct,
                                              clip_barycentric_coords, cull_backfaces, z_clip, with_dists});
  check_face_ranges(call);
  op::by_float_type(call.zbuf, [&](auto zero) {
    const int64_t bad = rasterize_meshes_cpu_kernel(call.params<decltype(zero)>());
    if (bad >= 0) refuse_face(call, bad);
  });
  return {call.pix_to_face, call.zbuf, call.bary_coords, call.dists};
}

Result rasterize_meshes_meta(const Tensor& verts, const Tensor& faces, const Tensor& first, const Tensor& counts,
                             int64_t height, int64_t width, int64_t faces_per_pixel, double blur_radius,
                             bool perspective_correct, bool clip_barycentric_coords, bool cull_backfaces, double z_clip,
                             bool with_dists) {
  const auto call = prepare_rasterize_meshes(verts, faces, first, counts,
                                             {height, width, faces_per_pixel, blur_radius, perspective_correct,
                                              clip_barycentric_coords, cull_backfaces, z_clip, with_dists});
  return {call.pix_to_face, call.zbuf, call.bary_coords, call.dists};
}

const op::Register rasterize_meshes({
    .schema =
        "bisque::rasterize_meshes(Tensor verts, Tensor faces, Tensor mesh_to_face_first_idx, Tensor "
        "num_faces_per_mesh, int height, int width, int faces_per_pixel=1, float blur_radius=0.0, bool "
        "perspective_correct=True, bool clip_barycentric_coords=False, bool cull_backfaces=False, float z_clip=-1.0, "
        "bool with_dists=True) -> (Tensor pix_to_face, Tensor zbuf, Tensor bary_coords, Tensor dists)",
    .shapes = "verts [V, 3], faces [F, 3], mesh_to_face_first_idx [N], num_faces_per_mesh [N] -> pix_to_face int64 [N, "
              "height, width, faces_per_pixel], zbuf [N, height, width, faces_per_pixel], bary_coords [N, height, "
              "width, faces_per_pixel, 3], dists [N, height, width, faces_per_pixel] if with_dists else [0]",
    .backward = "bisque::_rasterize_meshes_backward",
    .cpu = BISQUE_KERNEL(rasterize_meshes_cpu),
    .meta = BISQUE_KERNEL(rasterize_meshes_meta),
});

}  // namespace
}  // namespace bisque
