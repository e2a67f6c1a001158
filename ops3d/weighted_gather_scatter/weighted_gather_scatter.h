// Weighted sums of the values of neighbours in a graph.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// For each vertex of a graph, the sum of its neighbours' values, each times the weight of the edge between them: the
/// product of a symmetric sparse matrix with a dense one.
///
///   input    [V, D]  float32 or float64
///   edges    [E, 2]  int64: an edge (a, b) adds the value of b to the sum of a, and that of a to b
///   weights  [E]     the dtype of input
///   returns  [V, D]  zero for a vertex without neighbours
///
/// Differentiable by input and weights. Deterministic on the CPU, for any number of threads. On CUDA sums are atomic,
/// so that their rounding differs from run to run. An edge that is listed twice counts twice, and so does an edge of a
/// vertex with itself. V, D or E may be 0. Errors: shapes, dtypes or devices that do not match; on the CPU, an index
/// outside [0, V). On CUDA such an edge is skipped.
inline at::Tensor weighted_gather_scatter(const at::Tensor& input, const at::Tensor& edges, const at::Tensor& weights) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>("bisque::weighted_gather_scatter");
  return op.call(input, edges, weights);
}

}  // namespace bisque
