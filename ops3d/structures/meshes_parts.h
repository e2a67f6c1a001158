// Internal. What the sources of Meshes share.
#pragma once
#include <array>
#include <tuple>
#include <utility>

#include <bisque/ops3d/structures/lazy.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/topology.h>

namespace bisque {

struct Meshes::Topology {
  at::Tensor faces_packed;
  data::RaggedSizes num_verts, num_faces;

  Lazy<at::Tensor> local_faces_packed;
  Lazy<at::Tensor> faces_padded, num_verts_per_mesh, num_faces_per_mesh, verts_packed_to_mesh_idx,
      faces_packed_to_mesh_idx, mesh_to_verts_packed_first_idx, mesh_to_faces_packed_first_idx,
      verts_padded_to_packed_idx;

  Lazy<std::tuple<at::Tensor, at::Tensor>> edges;  // and faces_to_edges
  Lazy<data::RaggedSizes> num_edges;
  Lazy<at::Tensor> num_edges_per_mesh, edges_packed_to_mesh_idx, mesh_to_edges_packed_first_idx;
  Lazy<VertFaces> vert_faces;
  std::array<Lazy<at::Tensor>, 2> adjacency, laplacian;  // float32, float64

  Topology(at::Tensor faces, data::RaggedSizes verts_of_meshes, data::RaggedSizes faces_of_meshes)
      : faces_packed(std::move(faces)), num_verts(std::move(verts_of_meshes)), num_faces(std::move(faces_of_meshes)) {}
};

struct Meshes::Geometry {
  at::Tensor verts_packed;
  at::Tensor assigned_normals;  // packed; undefined: they are computed

  LazyDifferentiable<> verts_padded, verts_normals, verts_normals_padded, faces_normals_padded;
  LazyDifferentiable<std::tuple<at::Tensor, at::Tensor>> faces_areas_normals;

  Geometry(at::Tensor verts, at::Tensor normals)
      : verts_packed(std::move(verts)), assigned_normals(std::move(normals)) {}
};

}  // namespace bisque
