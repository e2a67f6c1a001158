#include <bisque/ops3d/loss/mean_over_meshes.h>

#include <ATen/ATen.h>

#include <bisque/ops3d/structures/meshes.h>

namespace bisque {

at::Tensor mean_over_meshes(const at::Tensor& values, const at::Tensor& mesh_idx, const Meshes& meshes) {
  if (meshes.size() == 0) return values.sum();
  const auto counts = at::bincount(mesh_idx, {}, meshes.size()).to(values.scalar_type());
  return (values / counts.index_select(0, mesh_idx)).sum() / meshes.size();
}

}  // namespace bisque
