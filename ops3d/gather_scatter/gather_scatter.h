// Sums of the values of neighbours in a graph.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// For each vertex of a graph, the sum of its neighbours' values: the aggregation of a graph convolution.
///
///   input     [V, D]  float32 or float64
///   edges     [E, 2]  int64
///   directed          an edge (a, b) adds the value of b to the sum of a; where it is false, also that of a to b
///   backward          against the direction of the edges: (a, b) adds the value of a to the sum of b
///   returns   [V, D]  zero for a vertex without neighbours
///
/// Differentiable by input. Deterministic on the CPU, for any number of threads. On CUDA sums are atomic, so that their
/// rounding differs from run to run. An edge that is listed twice counts twice. V, D or E may be 0. Errors: shapes,
/// dtypes or devices that do not match; on the CPU, an index outside [0, V). On CUDA such an edge is skipped. Source:
/// PyTorch3D's gather_scatter.
inline at::Tensor gather_scatter(const at::Tensor& input, const at::Tensor& edges, bool directed = false,
                                 bool backward = false) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, bool, bool)>("bisque::gather_scatter");
  return op.call(input, edges, directed, backward);
}

}  // namespace bisque
