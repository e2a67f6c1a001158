// gather_scatter and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// The first end of an edge that is not a vertex index.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_edge(const P& p, int64_t edge) {
  const BadValue bad = check_index(p.edges, 2 * edge, p.V);
  return bad.array ? bad : check_index(p.edges, 2 * edge + 1, p.V);
}

/// Columns that a step adds for all edges: a cache line of float.
constexpr int64_t kScatterColumns = 16;

template <class P>
BISQUE_HOST_DEVICE inline void add_edge(const P& p, int64_t edge, bool forwards, bool backwards, int64_t first,
                                        int64_t last) {
  const int64_t a = p.edges[2 * edge], b = p.edges[2 * edge + 1];
  for (int64_t d = first; d < last; ++d) {
    if (forwards) add_to(p.sums() + a * p.D + d, p.values()[b * p.D + d]);
    if (backwards) add_to(p.sums() + b * p.D + d, p.values()[a * p.D + d]);
  }
}

/// All edges, for some columns.
template <class P>
BISQUE_HOST_DEVICE inline BadValue add_columns(const P& p, int64_t group) {
  const int64_t first = group * kScatterColumns, last = first + kScatterColumns < p.D ? first + kScatterColumns : p.D;
  for (int64_t edge = 0; edge < p.E; ++edge) {
    if (const BadValue bad = check_edge(p, edge); bad.array) return bad;
    add_edge(p, edge, p.adds_to_first(), p.adds_to_second(), first, last);
  }
  return {};
}

/// A column of one edge.
template <class P>
BISQUE_HOST_DEVICE inline BadValue add_value(const P& p, int64_t edge, int64_t column) {
  if (const BadValue bad = check_edge(p, edge); bad.array) return bad;
  add_edge(p, edge, p.adds_to_first(), p.adds_to_second(), column, column + 1);
  return {};
}

// The CPU shares out columns, so that no two threads add to one sum; CUDA shares out edges and columns.
template <class P>
void scatter(const OnCpu& on, const P& p) {
  each<add_columns<P>, 1>(on, p, (p.D + kScatterColumns - 1) / kScatterColumns);
}
template <class P>
void scatter(const OnCuda& on, const P& p) {
  each<add_value<P>>(on, p, p.E, p.D);
}

template <class T>
struct GatherScatter {
  const T* input;        // [V, D]
  const int64_t* edges;  // [E, 2]
  bool directed, backward;
  T* output;  // [V, D]
  int64_t V, D, E;

  BISQUE_HOST_DEVICE const T* values() const { return input; }
  BISQUE_HOST_DEVICE T* sums() const { return output; }
  BISQUE_HOST_DEVICE bool adds_to_first() const { return !directed || !backward; }
  BISQUE_HOST_DEVICE bool adds_to_second() const { return !directed || backward; }

  template <class On>
  void run(const On& on) const {
    fill_zero(on, output, V * D);
    scatter(on, *this);
  }
};

/// The same sums, against the direction.
template <class T>
struct GatherScatterBackward {
  const T* grad_output;  // [V, D]
  const int64_t* edges;  // [E, 2]
  bool directed, backward;
  T* grad_input;  // [V, D]
  int64_t V, D, E;

  BISQUE_HOST_DEVICE const T* values() const { return grad_output; }
  BISQUE_HOST_DEVICE T* sums() const { return grad_input; }
  BISQUE_HOST_DEVICE bool adds_to_first() const { return !directed || backward; }
  BISQUE_HOST_DEVICE bool adds_to_second() const { return !directed || !backward; }

  template <class On>
  void run(const On& on) const {
    fill_zero(on, grad_input, V * D);
    scatter(on, *this);
  }
};

}  // namespace bisque
