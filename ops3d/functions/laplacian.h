// Laplacians of meshes, as sparse COO matrices. They are not coalesced, which would take ten times as long: an entry
// may be listed twice, and counts as the sum.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

namespace bisque {

/// The uniform Laplacian: L v is the mean of a vertex's neighbours minus the vertex.
///
///   verts    [V, 3]  float32 or float64, for their number, dtype and device alone
///   edges    [E, 2]  int64
///   returns  [V, V]  sparse: -1 on the diagonal, 1 / (the number of i's neighbours) at (i, j) for an edge
///
/// Not differentiable. Deterministic. A vertex without neighbours has a row of -1 at the diagonal alone; an edge that
/// is listed twice counts twice. V or E may be 0. Errors: shapes, dtypes or devices, an index outside [0, V).
at::Tensor laplacian(const at::Tensor& verts, const at::Tensor& edges);

/// The weights of the cotangent Laplacian, and the areas that it is divided by.
///
///   verts    [V, 3]  float32 or float64
///   faces    [F, 3]  int64
///   eps              least square of a face's area (face_cotangents)
///   returns  L          [V, V]  sparse and symmetric: for an edge cot a + cot b, where a and b are the
///                               angles against it. Nothing on the diagonal
///            inv_areas  [V, 1]  1 / (the sum of the areas of the faces around a vertex), 0 for a vertex without faces
///
/// Both are differentiable by verts. Deterministic on the CPU. V or F may be 0; a face without an area gives no NaN.
/// Errors: shapes, dtypes or devices, an index outside [0, V).
/// Meyer et al., Discrete differential-geometry operators for triangulated 2-manifolds, 2003.
std::tuple<at::Tensor, at::Tensor> cot_laplacian(const at::Tensor& verts, const at::Tensor& faces, double eps = 1e-12);

/// Weights of edges by their length.
///
///   verts    [V, 3]  float32 or float64
///   edges    [E, 2]  int64
///   returns  [V, V]  sparse and symmetric: 1 / (length + eps) for an edge. Nothing on the diagonal
///
/// Differentiable by verts. Deterministic on the CPU. V or E may be 0; an edge without length has no gradient.
/// Errors: shapes, dtypes or devices, an index outside [0, V).
at::Tensor norm_laplacian(const at::Tensor& verts, const at::Tensor& edges, double eps = 1e-12);

}  // namespace bisque
