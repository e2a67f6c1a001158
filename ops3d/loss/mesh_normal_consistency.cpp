#include <bisque/ops3d/loss/mesh_normal_consistency.h>

#include <ATen/ATen.h>

#include <bisque/ops3d/adjacent_face_cosines/adjacent_face_cosines.h>
#include <bisque/ops3d/loss/mean_over_meshes.h>
#include <bisque/ops3d/structures/meshes.h>

namespace bisque {

at::Tensor mesh_normal_consistency(const Meshes& meshes) {
  const auto [cosines, corners] = adjacent_face_cosines(
      meshes.verts_packed(), meshes.faces_packed(), meshes.faces_packed_to_edges_packed(), meshes.edge_sizes().total());
  const auto faces = at::floor_divide(corners.select(1, 0), 3);
  return mean_over_meshes(1 - cosines, meshes.faces_packed_to_mesh_idx().index_select(0, faces), meshes);
}

}  // namespace bisque
