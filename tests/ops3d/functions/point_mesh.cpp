#include <torch/library.h>

#include <optional>
#include <vector>

#include <bisque/ops3d/functions/sample_points_from_meshes.h>
#include <bisque/ops3d/loss/point_mesh_distance.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/pointclouds.h>

namespace bisque {
namespace {

using TensorList = std::vector<at::Tensor>;

at::Tensor face_loss(const TensorList& verts, const TensorList& faces, const TensorList& points,
                     double min_triangle_area) {
  return point_mesh_face_distance(Meshes(verts, faces), Pointclouds(points), {.min_triangle_area = min_triangle_area});
}

at::Tensor edge_loss(const TensorList& verts, const TensorList& faces, const TensorList& points) {
  return point_mesh_edge_distance(Meshes(verts, faces), Pointclouds(points));
}

TensorList samples(const TensorList& verts, const TensorList& faces, int64_t num_samples, bool return_normals,
                   const std::optional<at::Tensor>& uniforms) {
  const Meshes meshes(verts, faces);
  const SurfaceSamples result =
      uniforms ? sample_points_from_meshes(meshes, *uniforms, return_normals)
               : sample_points_from_meshes(meshes, {.num_samples = num_samples, .return_normals = return_normals});
  TensorList tensors = {result.samples, result.face_idx, result.bary_coords};
  if (result.normals.defined()) tensors.push_back(result.normals);
  return tensors;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def(
      "point_mesh_face_distance(Tensor[] verts, Tensor[] faces, Tensor[] points, float min_triangle_area=0.0)"
      " -> Tensor",
      &face_loss);
  library.def("point_mesh_edge_distance(Tensor[] verts, Tensor[] faces, Tensor[] points) -> Tensor", &edge_loss);
  library.def(
      "sample_points_from_meshes(Tensor[] verts, Tensor[] faces, int num_samples=10000, "
      "bool return_normals=False, Tensor? uniforms=None) -> Tensor[]",
      &samples);
}

}  // namespace bisque
