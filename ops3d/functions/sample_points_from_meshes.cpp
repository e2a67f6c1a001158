#include <bisque/ops3d/functions/sample_points_from_meshes.h>

#include <ATen/ATen.h>

#include <tuple>

#include <bisque/core/error.h>
#include <bisque/ops3d/sample_points_from_meshes/sample_points_from_meshes.h>
#include <bisque/ops3d/structures/meshes.h>

namespace bisque {
namespace {

/// Of the faces of the samples. The op face_areas_normals would shorten the normals of small faces.
at::Tensor normals_of(const Meshes& meshes, const at::Tensor& face_idx) {
  const at::Tensor exists = face_idx >= 0, faces = meshes.faces_packed();
  if (faces.size(0) == 0) return at::zeros({face_idx.size(0), face_idx.size(1), 3}, meshes.verts_packed().options());
  const at::Tensor corner_idx = faces.index_select(0, face_idx.clamp_min(0).flatten()).flatten();
  const at::Tensor corners =
      meshes.verts_packed().index_select(0, corner_idx).view({face_idx.size(0), face_idx.size(1), 3, 3});
  const at::Tensor first = corners.select(2, 0);
  const at::Tensor cross = at::linalg_cross(corners.select(2, 1) - first, corners.select(2, 2) - first);
  const at::Tensor length = at::linalg_vector_norm(cross, 2, at::IntArrayRef{-1}, true);
  const at::Tensor has_normal = (length > 0) & exists.unsqueeze(-1);
  return at::where(has_normal, cross / at::where(has_normal, length, 1), 0);
}

void check_samplable(const Meshes& meshes) {
  if (meshes.isempty()) fail("sample_points_from_meshes: expected a mesh with faces, but all meshes are empty.");
  if (!meshes.verts_packed().isfinite().all().item<bool>()) {
    fail("sample_points_from_meshes: expected finite verts, but some are NaN or infinite.");
  }
}

}  // namespace

SurfaceSamples sample_points_from_meshes(const Meshes& meshes, const at::Tensor& uniforms, bool return_normals) {
  check_samplable(meshes);
  SurfaceSamples result;
  std::tie(result.samples, result.face_idx, result.bary_coords) =
      sample_points_from_meshes(meshes.verts_packed(), meshes.faces_packed(), meshes.mesh_to_faces_packed_first_idx(),
                                meshes.num_faces_per_mesh(), uniforms);
  if (return_normals) result.normals = normals_of(meshes, result.face_idx);
  return result;
}

SurfaceSamples sample_points_from_meshes(const Meshes& meshes, const SamplePointsFromMeshesOptions& options) {
  if (options.num_samples < 0) {
    fail("sample_points_from_meshes: expected num_samples to be at least 0, but got ", options.num_samples, ".");
  }
  const at::Tensor uniforms =
      at::rand({meshes.size(), options.num_samples, 3}, meshes.verts_packed().options().requires_grad(false));
  return sample_points_from_meshes(meshes, uniforms, options.return_normals);
}

}  // namespace bisque
