// A batch of triangle meshes of different sizes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <tuple>
#include <utility>
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
  using TensorList = std::vector<at::Tensor>;

  /// No meshes.
  Meshes();

  /// A list: one tensor per mesh, and if wanted normals of the verts, which else follow from the faces. Rows of faces
  /// with a -1 are padding and left out. An empty tensor [0] is a mesh without verts or faces.
  /// Errors: other shapes or dtypes, dtypes of verts or devices that differ, a face index that is no vert of its mesh.
  Meshes(const TensorList& verts, const TensorList& faces, const TensorList& verts_normals = {});

  /// Padded: verts [N, V, 3], all of which count as verts, faces [N, F, 3], with rows of -1 after those of a mesh, and
  /// if wanted verts_normals [N, V, 3]. Tensors [V, 3] and [F, 3] are one mesh. Errors: as above; a face after padding.
  Meshes(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& verts_normals = {});

  /// N meshes of one topology: verts [N, V, 3], faces [F, 3] int64, and if wanted verts_normals [N, V, 3]. Cheap enough
  /// for each frame of an animation: the indices in faces are not checked here, only by the ops that read them, and for
  /// N = 1 nothing is copied. Errors: other shapes, dtypes or devices.
  static Meshes of_topology(const at::Tensor& verts, const at::Tensor& faces, const at::Tensor& verts_normals = {});

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
  const data::RaggedSizes& edge_sizes() const;

  TensorList verts_list() const;
  TensorList faces_list() const;
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

  /// [sum E, 2]: the edges of the op mesh_edges, of packed verts; those of a mesh follow each other.
  at::Tensor edges_packed() const;
  at::Tensor faces_packed_to_edges_packed() const;    ///< [sum F, 3]: the edges opposite to the verts of each face
  at::Tensor num_edges_per_mesh() const;              ///< [N]
  at::Tensor edges_packed_to_mesh_idx() const;        ///< [sum E]
  at::Tensor mesh_to_edges_packed_first_idx() const;  ///< [N]

  /// Sparse COO [sum V, sum V] of the dtype of verts: 1 where two verts have an edge.
  at::Tensor adjacency_packed() const;
  /// The uniform Laplacian, sparse COO [sum V, sum V] of the dtype of verts: -1 on the diagonal, 1 / degree(i) where i
  /// has an edge to j.
  at::Tensor laplacian_packed() const;

  at::Tensor faces_areas_packed() const;  ///< [sum F], of the op face_areas_normals
  /// Unit normals [sum F, 3] of the op face_areas_normals.
  at::Tensor faces_normals_packed() const;
  TensorList faces_normals_list() const;
  at::Tensor faces_normals_padded() const;  ///< 0 after the faces of a mesh

  /// [sum V, 3]: the normals that were given, or else those of the op vertex_normals: faces weigh by their area.
  at::Tensor verts_normals_packed() const;
  TensorList verts_normals_list() const;
  at::Tensor verts_normals_padded() const;
  bool has_verts_normals() const;  ///< whether they were given

  /// [N, 3, 2]: the least and the greatest coordinates. A mesh without verts has infinity and -infinity.
  at::Tensor get_bounding_boxes() const;

  /// The verts and faces of one mesh; a negative index counts from the end. Error: an index out of range.
  std::pair<at::Tensor, at::Tensor> get_mesh_verts_faces(int64_t index) const;

  /// One mesh, or several in the given order; a negative index counts from the end. Error: an index out of range.
  Meshes operator[](int64_t index) const;
  Meshes operator[](const std::vector<int64_t>& indices) const;
  /// `indices` is [M] int32 or int64, or a mask [N] bool. Errors: another shape or dtype, an index out of range.
  Meshes operator[](const at::Tensor& indices) const;

  /// Consecutive parts of the batch. Error: sizes whose sum is not N.
  std::vector<Meshes> split(const std::vector<int64_t>& sizes) const;
  /// Each mesh `count` times in a row. Error: a count below 1.
  Meshes extend(int64_t count) const;
  /// For each mesh n a list of faces, each an index tensor [M] or a mask [F_n]: a mesh of these faces and the verts
  /// that they use, in their order. Returns all of them in one batch. Errors: a list of another length than N, bad
  /// indices.
  Meshes submeshes(const std::vector<TensorList>& face_indices) const;

  Meshes clone() const;   ///< copies of all tensors, to which gradients flow
  Meshes detach() const;  ///< the same verts without a gradient
  Meshes to(at::Device device) const;
  /// `dtype` of the verts. Error: neither float32 nor float64.
  Meshes to(at::ScalarType dtype) const;

  /// The same meshes with verts moved by `offsets` [sum V, 3] or [3]. Normals that were given are kept if all verts
  /// move alike. Error: another shape.
  Meshes offset_verts(const at::Tensor& offsets) const;
  void offset_verts_(const at::Tensor& offsets) { *this = offset_verts(offsets); }
  /// The same meshes scaled by a number, or by one per mesh: `scale` is [] or [N]. Error: another shape.
  Meshes scale_verts(double scale) const;
  Meshes scale_verts(const at::Tensor& scale) const;
  void scale_verts_(double scale) { *this = scale_verts(scale); }
  void scale_verts_(const at::Tensor& scale) { *this = scale_verts(scale); }
  /// The same faces with the verts of `verts_padded` [N, max V, 3]. Error: another shape, dtype or device.
  Meshes update_padded(const at::Tensor& verts_padded) const;

  friend Meshes join_meshes_as_batch(const std::vector<Meshes>& meshes);
  friend Meshes join_meshes_as_scene(const Meshes& meshes);

 private:
  struct Topology;  // what depends on the faces alone; meshes whose verts move share it
  struct Geometry;  // what depends on the verts

  Meshes(std::shared_ptr<const Topology> topology, at::Tensor verts_packed, at::Tensor normals_packed);
  /// Faces [sum F, 3] int64 with indices of their own mesh's verts.
  Meshes(at::Tensor verts_packed, at::Tensor normals_packed, data::RaggedSizes num_verts, const at::Tensor& local_faces,
         data::RaggedSizes num_faces);

  const at::Tensor& local_faces_packed() const;
  std::tuple<at::Tensor, at::Tensor> faces_areas_normals() const;
  Meshes with_verts(at::Tensor verts_packed, at::Tensor normals_packed = {}) const;

  std::shared_ptr<const Topology> topology_;
  std::shared_ptr<const Geometry> geometry_;
};

/// The meshes of all batches in one. Normals that were given are kept if all have them. Errors: dtypes or devices that
/// differ.
Meshes join_meshes_as_batch(const std::vector<Meshes>& meshes);

/// All meshes as one. A batch without meshes becomes one mesh without verts and faces.
Meshes join_meshes_as_scene(const Meshes& meshes);
Meshes join_meshes_as_scene(const std::vector<Meshes>& meshes);

}  // namespace bisque
