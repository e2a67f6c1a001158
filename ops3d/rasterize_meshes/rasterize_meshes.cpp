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
  const int64_t faces = call.faces.size(0);
  for (int64_t mesh = 0; mesh < call.first.size(0); ++mesh) {
    if (first[mesh] < 0 || counts[mesh] < 0 || counts[mesh] > kRasterMaxFacesPerMesh ||
        first[mesh] > faces - counts[mesh]) {
      op::refuse("rasterize_meshes", "mesh_to_face_first_idx and num_faces_per_mesh",
                 "name ranges within the " + std::to_string(faces) + " faces",
                 "first " + std::to_string(first[mesh]) + ", count " + std::to_string(counts[mesh]) + " for mesh " +
                     std::to_string(mesh));
    }
  }
}

Result rasterize_meshes_cpu(const Tensor& verts, const Tensor& faces, const Tensor& first, const Tensor& counts,
                            int64_t height, int64_t width, bool perspective_correct, bool cull_backfaces, double z_clip,
                            bool with_dists) {
  const auto call = prepare_rasterize_meshes(verts, faces, first, counts, height, width, perspective_correct,
                                             cull_backfaces, z_clip, with_dists);
  check_face_ranges(call);
  op::by_float_type(call.zbuf, [&](auto zero) {
    const int64_t bad = rasterize_meshes_cpu_kernel(call.params<decltype(zero)>());
    if (bad >= 0) {
      op::refuse("rasterize_meshes", "faces", "index the " + std::to_string(verts.size(0)) + " verts",
                 "an index out of range in face " + std::to_string(bad));
    }
  });
  return {call.pix_to_face, call.zbuf, call.bary_coords, call.dists};
}

Result rasterize_meshes_meta(const Tensor& verts, const Tensor& faces, const Tensor& first, const Tensor& counts,
                             int64_t height, int64_t width, bool perspective_correct, bool cull_backfaces,
                             double z_clip, bool with_dists) {
  const auto call = prepare_rasterize_meshes(verts, faces, first, counts, height, width, perspective_correct,
                                             cull_backfaces, z_clip, with_dists);
  return {call.pix_to_face, call.zbuf, call.bary_coords, call.dists};
}

const op::Register rasterize_meshes({
    .schema = "bisque::rasterize_meshes(Tensor verts, Tensor faces, Tensor mesh_to_face_first_idx,"
              " Tensor num_faces_per_mesh, int height, int width, bool perspective_correct, bool cull_backfaces,"
              " float z_clip, bool with_dists=True)"
              " -> (Tensor pix_to_face, Tensor zbuf, Tensor bary_coords, Tensor dists)",
    .shapes = "verts [V, 3], faces [F, 3], mesh_to_face_first_idx [N], num_faces_per_mesh [N]"
              " -> pix_to_face int64 [N, height, width, 1], zbuf [N, height, width, 1],"
              " bary_coords [N, height, width, 1, 3], dists [N, height, width, 1] if with_dists else [0]",
    .cpu = BISQUE_KERNEL(rasterize_meshes_cpu),
    .meta = BISQUE_KERNEL(rasterize_meshes_meta),
});

}  // namespace
}  // namespace bisque
