#include <bisque/ops3d/loss/mesh_edge_loss.h>

#include <ATen/ATen.h>

#include <bisque/ops3d/loss/mean_over_meshes.h>
#include <bisque/ops3d/structures/meshes.h>

namespace bisque {

at::Tensor mesh_edge_loss(const Meshes& meshes, double target_length) {
  const at::Tensor verts = meshes.verts_packed();
  const auto ends = meshes.edges_packed().unbind(1);
  const auto lengths = (verts.index_select(0, ends[0]) - verts.index_select(0, ends[1])).norm(2, 1);
  return mean_over_meshes((lengths - target_length).square(), meshes.edges_packed_to_mesh_idx(), meshes);
}

}  // namespace bisque
