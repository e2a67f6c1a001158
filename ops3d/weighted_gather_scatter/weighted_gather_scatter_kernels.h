// weighted_gather_scatter and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// Sums over edges, in both directions: of the op, and of the gradient of its input.
template <class T>
struct WeightedEdgeSums {
  const T* values;       // [V, D]
  const int64_t* edges;  // [E, 2]
  const T* weights;      // [E]
  T* sums;               // [V, D]
  int64_t V, D, E;
};

/// The first end of an edge that is not a vertex index.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_edge_ends(const P& p, int64_t edge) {
  const BadValue bad = check_index(p.edges, 2 * edge, p.V);
  return bad.array ? bad : check_index(p.edges, 2 * edge + 1, p.V);
}

template <class T>
BISQUE_HOST_DEVICE inline void add_weighted_edge(const WeightedEdgeSums<T>& p, int64_t edge, int64_t first,
                                                 int64_t last) {
  const int64_t a = p.edges[2 * edge], b = p.edges[2 * edge + 1];
  for (int64_t d = first; d < last; ++d) {
    add_to(p.sums + a * p.D + d, p.weights[edge] * p.values[b * p.D + d]);
    add_to(p.sums + b * p.D + d, p.weights[edge] * p.values[a * p.D + d]);
  }
}

/// Columns that a step adds for all edges: a cache line of float.
constexpr int64_t kWeightedColumns = 16;

template <class T>
BISQUE_HOST_DEVICE inline BadValue add_weighted_columns(const WeightedEdgeSums<T>& p, int64_t group) {
  const int64_t first = group * kWeightedColumns;
  const int64_t last = first + kWeightedColumns < p.D ? first + kWeightedColumns : p.D;
  for (int64_t edge = 0; edge < p.E; ++edge) {
    if (const BadValue bad = check_edge_ends(p, edge); bad.array) return bad;
    add_weighted_edge(p, edge, first, last);
  }
  return {};
}

/// A column of one edge.
template <class T>
BISQUE_HOST_DEVICE inline BadValue add_weighted_value(const WeightedEdgeSums<T>& p, int64_t edge, int64_t column) {
  if (const BadValue bad = check_edge_ends(p, edge); bad.array) return bad;
  add_weighted_edge(p, edge, column, column + 1);
  return {};
}

// The CPU shares out columns, so that no two threads add to one sum; CUDA shares out edges and columns.
template <class T>
void add_weighted_edges(const OnCpu& on, const WeightedEdgeSums<T>& p) {
  fill_zero(on, p.sums, p.V * p.D);
  each<add_weighted_columns<T>, 1>(on, p, (p.D + kWeightedColumns - 1) / kWeightedColumns);
}
template <class T>
void add_weighted_edges(const OnCuda& on, const WeightedEdgeSums<T>& p) {
  fill_zero(on, p.sums, p.V * p.D);
  each<add_weighted_value<T>>(on, p, p.E, p.D);
}

template <class T>
struct WeightedGatherScatter {
  const T* input;        // [V, D]
  const int64_t* edges;  // [E, 2]
  const T* weights;      // [E]
  T* output;             // [V, D]
  int64_t V, D, E;

  template <class On>
  void run(const On& on) const {
    add_weighted_edges(on, WeightedEdgeSums<T>{input, edges, weights, output, V, D, E});
  }
};

template <class P>
BISQUE_HOST_DEVICE inline BadValue gradient_of_weight(const P& p, int64_t edge) {
  p.grad_weights[edge] = 0;
  if (const BadValue bad = check_edge_ends(p, edge); bad.array) return bad;
  const int64_t a = p.edges[2 * edge] * p.D, b = p.edges[2 * edge + 1] * p.D;
  for (int64_t d = 0; d < p.D; ++d) {
    p.grad_weights[edge] += p.grad_output[a + d] * p.input[b + d] + p.grad_output[b + d] * p.input[a + d];
  }
  return {};
}

template <class T>
struct WeightedGatherScatterBackward {
  const T* grad_output;  // [V, D]
  const T* input;        // [V, D]
  const int64_t* edges;  // [E, 2]
  const T* weights;      // [E]
  bool need_grad_input, need_grad_weights;
  T* grad_input;    // [V, D]
  T* grad_weights;  // [E]
  int64_t V, D, E;

  template <class On>
  void run(const On& on) const {
    if (grad_input) add_weighted_edges(on, WeightedEdgeSums<T>{grad_output, edges, weights, grad_input, V, D, E});
    if (grad_weights) each<gradient_of_weight<WeightedGatherScatterBackward>, 256>(on, *this, E);
  }
};

}  // namespace bisque
