// gather_scatter and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// Sums over edges: of gather_scatter, of weighted_gather_scatter, and of their gradients.
template <class T>
struct EdgeSums {
  const T* values;       // [V, D]
  T* sums;               // [V, D]
  const int64_t* edges;  // [E, 2]
  int64_t V, D, E;
  bool to_first, to_second;    // which ends of an edge get the value of the other
  const T* weights = nullptr;  // [E] factors of the values; null: 1
};

/// The first end of an edge that is not a vertex index.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_edge(const P& p, int64_t edge) {
  const BadValue bad = check_index(p.edges, 2 * edge, p.V);
  return bad.array ? bad : check_index(p.edges, 2 * edge + 1, p.V);
}

/// Columns that a step adds for all edges: a cache line of float.
constexpr int64_t kScatterColumns = 16;

template <class T>
BISQUE_HOST_DEVICE inline void add_edge(const EdgeSums<T>& p, int64_t edge, int64_t first, int64_t last) {
  const int64_t a = p.edges[2 * edge], b = p.edges[2 * edge + 1];
  const T weight = p.weights ? p.weights[edge] : T(1);
  for (int64_t d = first; d < last; ++d) {
    if (p.to_first) add_to(p.sums + a * p.D + d, weight * p.values[b * p.D + d]);
    if (p.to_second) add_to(p.sums + b * p.D + d, weight * p.values[a * p.D + d]);
  }
}

/// All edges, for some columns.
template <class T>
BISQUE_HOST_DEVICE inline BadValue add_columns(const EdgeSums<T>& p, int64_t group) {
  const int64_t first = group * kScatterColumns, last = first + kScatterColumns < p.D ? first + kScatterColumns : p.D;
  for (int64_t edge = 0; edge < p.E; ++edge) {
    if (const BadValue bad = check_edge(p, edge); bad.array) return bad;
    add_edge(p, edge, first, last);
  }
  return {};
}

/// A column of one edge.
template <class T>
BISQUE_HOST_DEVICE inline BadValue add_value(const EdgeSums<T>& p, int64_t edge, int64_t column) {
  if (const BadValue bad = check_edge(p, edge); bad.array) return bad;
  add_edge(p, edge, column, column + 1);
  return {};
}

// The CPU shares out columns, so that no two threads add to one sum; CUDA shares out edges and columns.
template <class T>
void add_edges(const OnCpu& on, const EdgeSums<T>& p) {
  each<add_columns<T>, 1>(on, p, (p.D + kScatterColumns - 1) / kScatterColumns);
}
template <class T>
void add_edges(const OnCuda& on, const EdgeSums<T>& p) {
  each<add_value<T>>(on, p, p.E, p.D);
}

template <class T>
struct GatherScatter {
  const T* input;        // [V, D]
  const int64_t* edges;  // [E, 2]
  bool directed, backward;
  T* output;  // [V, D]
  int64_t V, D, E;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, output, V * D);
    add_edges(on, EdgeSums<T>{input, output, edges, V, D, E, !directed || !backward, !directed || backward});
  }
};

template <class T>
struct GatherScatterBackward {
  const T* grad_output;  // [V, D]
  const int64_t* edges;  // [E, 2]
  bool directed, backward;
  T* grad_input;  // [V, D]
  int64_t V, D, E;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, grad_input, V * D);
    add_edges(on, EdgeSums<T>{grad_output, grad_input, edges, V, D, E, !directed || backward, !directed || !backward});
  }
};

}  // namespace bisque
