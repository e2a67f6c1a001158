// Samples of different lengths: point clouds and meshes, packed one after the other.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>
#include <vector>

#include <bisque/core/data/collate.h>

namespace bisque::data {

/// A tensor [n, ...] of a sample whose n differs between samples; default_collate makes Packed from them.
struct Ragged {
  at::Tensor values;
  static auto fields(auto& ragged) { return std::tie(ragged.values); }
};

/// The rows of all samples in one tensor.
struct Packed {
  at::Tensor values;   // [sum of lengths, ...]
  at::Tensor lengths;  // [B] int64

  static auto fields(auto& packed) { return std::tie(packed.values, packed.lengths); }
  /// The rows of each sample, which share the memory of `values`.
  std::vector<at::Tensor> split() const;
  /// [B, longest, ...], padded with `padding`.
  at::Tensor padded(double padding = 0) const;
};

/// Errors: no samples; a tensor has no dimension; trailing dimensions, dtypes or devices differ.
Packed pack(Column<at::Tensor> samples);
Packed pack(const std::vector<at::Tensor>& samples);

template <>
struct Collate<Ragged> {
  static Packed of(Column<Ragged> samples);
};

/// A triangle mesh: verts [V, 3], faces [F, 3] of indices into verts.
struct MeshSample {
  at::Tensor verts, faces;
  static auto fields(auto& mesh) { return std::tie(mesh.verts, mesh.faces); }
};

/// Concatenated meshes; faces are indices into verts_packed.
struct PackedMeshes {
  at::Tensor verts_packed;        // [sum V, 3]
  at::Tensor faces_packed;        // [sum F, 3]
  at::Tensor num_verts_per_mesh;  // [B] int64
  at::Tensor num_faces_per_mesh;  // [B] int64

  static auto fields(auto& meshes) {
    return std::tie(meshes.verts_packed, meshes.faces_packed, meshes.num_verts_per_mesh, meshes.num_faces_per_mesh);
  }
};

/// Errors: those of pack(); faces that are not int32 or int64, or have an index that is none of their mesh's verts.
template <>
struct Collate<MeshSample> {
  static PackedMeshes of(Column<MeshSample> samples);
};

}  // namespace bisque::data
