#include <bisque/ops3d/functions/subdivide_meshes.h>

#include <ATen/ATen.h>

#include <bisque/core/data/ragged.h>
#include <bisque/core/error.h>
#include <bisque/ops3d/structures/meshes.h>

namespace bisque {
namespace {

// Where the verts and edges of a batch of meshes lie among the verts of the subdivided ones.
struct SubdividedVerts {
  at::Tensor of_verts, of_edges;  // [sum V], [sum E]

  explicit SubdividedVerts(const Meshes& meshes) {
    const auto edges_before = meshes.mesh_to_edges_packed_first_idx();
    const auto verts_after = meshes.num_verts_per_mesh().cumsum(0);
    const auto options = edges_before.options();
    of_verts = at::arange(meshes.vert_sizes().total(), options) + meshes.vert_sizes().expand(edges_before);
    of_edges = at::arange(meshes.edge_sizes().total(), options) + meshes.edge_sizes().expand(verts_after);
  }
};

// Rows of verts, and of the middles of edges, in their places.
at::Tensor subdivided_rows(const at::Tensor& rows, const Meshes& meshes, const SubdividedVerts& places) {
  const auto ends = meshes.edges_packed().unbind(1);
  const auto middles = (rows.index_select(0, ends[0]) + rows.index_select(0, ends[1])) / 2;
  const auto all = at::cat({rows, middles});
  return at::empty_like(all).index_copy(0, at::cat({places.of_verts, places.of_edges}), all);
}

// [4 sum F, 3], of the packed subdivided verts.
at::Tensor subdivided_faces(const Meshes& meshes, const SubdividedVerts& places) {
  const auto corners = places.of_verts.index({meshes.faces_packed()}).unbind(1);
  const auto middles = places.of_edges.index({meshes.faces_packed_to_edges_packed()});
  const auto sides = middles.unbind(1);
  const auto parts =
      at::cat({at::stack({corners[0], sides[2], sides[1]}, 1), at::stack({corners[1], sides[0], sides[2]}, 1),
               at::stack({corners[2], sides[1], sides[0]}, 1), middles});
  // Part k of a face goes to 4 (faces before the mesh) + k (faces of the mesh) + (its place among these).
  const auto first = meshes.mesh_to_faces_packed_first_idx(), count = meshes.num_faces_per_mesh();
  const auto number = at::arange(4, first.options()).unsqueeze(1);
  const auto rows = at::arange(meshes.face_sizes().total(), first.options()) + meshes.face_sizes().expand(3 * first) +
                    number * meshes.face_sizes().expand(count);
  return at::empty_like(parts).index_copy(0, rows.flatten(), parts);
}

Meshes subdivided(const Meshes& meshes, const SubdividedVerts& places) {
  return Meshes(
      data::PackedMeshes{subdivided_rows(meshes.verts_packed(), meshes, places), subdivided_faces(meshes, places),
                         meshes.num_verts_per_mesh() + meshes.num_edges_per_mesh(), 4 * meshes.num_faces_per_mesh()});
}

}  // namespace

Meshes subdivide_meshes(const Meshes& meshes) { return subdivided(meshes, SubdividedVerts(meshes)); }

std::pair<Meshes, at::Tensor> subdivide_meshes(const Meshes& meshes, const at::Tensor& feats) {
  const int64_t num_verts = meshes.vert_sizes().total();
  if (feats.dim() != 2 || feats.size(0) != num_verts || !feats.is_floating_point()) {
    fail("subdivide_meshes: expected feats to be float32 or float64 [", num_verts, ", D], but got ",
         feats.dtype().name(), " ", feats.sizes(), ".");
  }
  const SubdividedVerts places(meshes);
  return {subdivided(meshes, places), subdivided_rows(feats, meshes, places)};
}

}  // namespace bisque
