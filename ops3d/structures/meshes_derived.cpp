// What follows from the verts and faces of meshes: edges, sparse matrices, areas, normals, boxes.
#include <ATen/ATen.h>

#include <bisque/ops3d/face_areas_normals/face_areas_normals.h>
#include <bisque/ops3d/functions/laplacian.h>
#include <bisque/ops3d/mesh_edges/mesh_edges.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/ops3d/structures/meshes_parts.h>
#include <bisque/ops3d/vertex_normals/vertex_normals.h>

namespace bisque {

using data::RaggedSizes;

namespace {

// values[i] at (edges[i][0], edges[i][1]) and at the reverse, for each edge.
at::Tensor symmetric_matrix(const at::Tensor& edges, const at::Tensor& values, const at::Tensor& reverse_values,
                            int64_t size) {
  const at::Tensor places = at::cat({edges, edges.flip(1)}).t();
  return at::sparse_coo_tensor(places, at::cat({values, reverse_values}), {size, size}).coalesce();
}

at::Tensor adjacency_of(const at::Tensor& edges, int64_t num_verts, at::ScalarType dtype) {
  const at::Tensor proper = edges.index({edges.select(1, 0).ne(edges.select(1, 1))});
  const at::Tensor ones = at::ones({proper.size(0)}, edges.options().dtype(dtype));
  return symmetric_matrix(proper, ones, ones, num_verts);
}

}  // namespace

at::Tensor Meshes::edges_packed() const {
  return std::get<0>(topology_->edges.get([&] { return mesh_edges(verts_packed().detach(), faces_packed()); }));
}

at::Tensor Meshes::faces_packed_to_edges_packed() const {
  return std::get<1>(topology_->edges.get([&] { return mesh_edges(verts_packed().detach(), faces_packed()); }));
}

const RaggedSizes& Meshes::edge_sizes() const {
  return topology_->num_edges.get([&] {
    const at::Tensor meshes = verts_packed_to_mesh_idx().index_select(0, edges_packed().select(1, 0));
    return RaggedSizes(at::bincount(meshes, {}, size()));
  });
}

at::Tensor Meshes::num_edges_per_mesh() const {
  return topology_->num_edges_per_mesh.get([&] { return edge_sizes().lengths(device()); });
}

at::Tensor Meshes::edges_packed_to_mesh_idx() const {
  return topology_->edges_packed_to_mesh_idx.get([&] { return edge_sizes().packed_to_element_idx(device()); });
}

at::Tensor Meshes::mesh_to_edges_packed_first_idx() const {
  return topology_->mesh_to_edges_packed_first_idx.get([&] { return edge_sizes().first_idx(device()); });
}

at::Tensor Meshes::adjacency_packed() const {
  return topology_->adjacency[dtype() == at::kDouble].get(
      [&] { return adjacency_of(edges_packed(), vert_sizes().total(), dtype()); });
}

at::Tensor Meshes::laplacian_packed() const {
  return topology_->laplacian[dtype() == at::kDouble].get(
      [&] { return laplacian(verts_packed().detach(), edges_packed()); });
}

std::tuple<at::Tensor, at::Tensor> Meshes::faces_areas_normals() const {
  return geometry_->faces_areas_normals.get(verts_packed(),
                                            [&] { return face_areas_normals(verts_packed(), faces_packed()); });
}

at::Tensor Meshes::faces_areas_packed() const { return std::get<0>(faces_areas_normals()); }
at::Tensor Meshes::faces_normals_packed() const { return std::get<1>(faces_areas_normals()); }

Meshes::TensorList Meshes::faces_normals_list() const { return face_sizes().list_of_packed(faces_normals_packed()); }

at::Tensor Meshes::faces_normals_padded() const {
  return geometry_->faces_normals_padded.get(verts_packed(),
                                             [&] { return face_sizes().padded_of_packed(faces_normals_packed(), 0); });
}

bool Meshes::has_verts_normals() const { return geometry_->assigned_normals.defined(); }

at::Tensor Meshes::verts_normals_packed() const {
  if (has_verts_normals()) return geometry_->assigned_normals;
  return geometry_->verts_normals.get(verts_packed(), [&] {
    const VertFaces& around =
        topology_->vert_faces.get([&] { return vert_faces_of(faces_packed(), vert_sizes().total()); });
    return vertex_normals(verts_packed().unsqueeze(0), faces_packed(), around.vert_faces_offsets, around.vert_faces)
        .squeeze(0);
  });
}

Meshes::TensorList Meshes::verts_normals_list() const { return vert_sizes().list_of_packed(verts_normals_packed()); }

at::Tensor Meshes::verts_normals_padded() const {
  const at::Tensor packed = verts_normals_packed();
  return geometry_->verts_normals_padded.get(packed, [&] { return vert_sizes().padded_of_packed(packed, 0); });
}

at::Tensor Meshes::get_bounding_boxes() const { return bounding_boxes(verts_packed(), vert_sizes()); }

}  // namespace bisque
