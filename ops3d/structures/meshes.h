// A batch of triangle meshes of different sizes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include <bisque/core/data/ragged_sizes.h>

namespace bisque::data {
struct PackedMeshes;
}

namespace bisque {

/// N triangle meshes. Their verts and faces exist in three forms, as PyTorch3D's Meshes has them:
///
///   list    verts [V_n, 3] and faces [F_n, 3] of each mesh; faces are indices of its own verts
///   packed  [sum V, 3] and [sum F, 3], one mesh after the other; faces are indices of the packed verts
///   padded  [N, max V, 3] with 0 after the verts of a mesh, [N, max F, 3] with -1 after its faces
///
/// verts are float32 or float64; faces are int32 or int64, and int64 from then on. What is derived from them is
/// computed when it is first used. Copies share all tensors and are cheap. A Meshes is not changed by what is done with
/// a copy, and several threads may read one. Every result is differentiable by the verts. A mesh may have no faces, or
/// neither verts nor faces; a batch may have no meshes. Tensors that were given must not be written to afterwards.
class Meshes {
 public:
  /// No meshes.
  Meshes();

  /// A list: one tensor per mesh. Rows of faces with a -1 are padding and left out. An empty tensor [0] is a mesh
  /// without verts or faces. Errors: other shapes or dtypes, dtypes of verts or devices that differ, a face index that
  /// is no vert of its mesh.
  Meshes(const std::vector<at::Tensor>& verts, const std::vector<at::Tensor>& faces);

  /// Padded: verts [N, V, 3], all of which count as verts, and faces [N, F, 3], with rows of -1 after those of a mesh.
  /// Errors: as above; a face after padding.
  Meshes(const at::Tensor& verts, const at::Tensor& faces);

  /// Packed, as default_collate makes them. Errors: as above; lengths whose sum is another.
  explicit Meshes(const data::PackedMeshes& packed);

  int64_t size() const;      ///< N
  bool isempty() const;      ///< no mesh is valid
  at::Tensor valid() const;  ///< [N] bool: which meshes have verts and faces
  bool equisized() const;    ///< whether all have the same number of verts, and of faces; false if N = 0
  at::Device device() const;
  at::ScalarType dtype() const;  ///< of the verts

  const data::RaggedSizes& vert_sizes() const;  ///< of the meshes, on the host
  const data::RaggedSizes& face_sizes() const;

  std::vector<at::Tensor> verts_list() const;
  std::vector<at::Tensor> faces_list() const;
  const at::Tensor& verts_packed() const;
  const at::Tensor& faces_packed() const;
  at::Tensor verts_padded() const;
  at::Tensor faces_padded() const;

  // Indices are int64, on the device of the meshes.
  at::Tensor num_verts_per_mesh() const;              ///< [N]
  at::Tensor num_faces_per_mesh() const;              ///< [N]
  at::Tensor verts_packed_to_mesh_idx() const;        ///< [sum V]
  at::Tensor faces_packed_to_mesh_idx() const;        ///< [sum F]
  at::Tensor mesh_to_verts_packed_first_idx() const;  ///< [N]
  at::Tensor mesh_to_faces_packed_first_idx() const;  ///< [N]
  at::Tensor verts_padded_to_packed_idx() const;  ///< [sum V]: the rows of verts_padded.flatten(0, 1) that are verts

 private:
  struct Topology;  // what depends on the faces alone; meshes whose verts move share it
  struct Geometry;  // what depends on the verts

  Meshes(std::shared_ptr<const Topology> topology, at::Tensor verts_packed);
  /// Faces [sum F, 3] int64 with indices of their own mesh's verts.
  Meshes(at::Tensor verts_packed, data::RaggedSizes num_verts, const at::Tensor& local_faces,
         data::RaggedSizes num_faces);

  const at::Tensor& local_faces_packed() const;

  std::shared_ptr<const Topology> topology_;
  std::shared_ptr<const Geometry> geometry_;
};

}  // namespace bisque
