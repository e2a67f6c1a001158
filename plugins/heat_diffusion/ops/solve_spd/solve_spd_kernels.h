// Conjugate gradients with the inverse diagonal as preconditioner, for all columns of the right side at once; and the
// gradient of the solution. No torch, no CUDA.
//
// Sums over the rows are sums of kChunks parts, each in the order of its rows, so that results depend neither on
// threads nor on the device.
#pragma once
#include <cmath>
#include <type_traits>

#include <bisque/core/ops/each.h>

namespace heat_diffusion {

using bisque::BadValue;
using bisque::check_index;

inline constexpr int64_t kChunks = 256;
inline constexpr int64_t kIterationsPerCheck = 8;  // of the end, for which CUDA waits

/// The system A x = b: the diagonal of A, and the values of its edges, A_ij = A_ji. The neighbours of row i are
/// neighbors[row_offsets[i]] and so on, over the edges neighbor_edges[...].
template <class T>
struct System {
  const T *diagonal, *off_diagonal, *b;
  const int64_t *row_offsets, *neighbors, *neighbor_edges;
  int64_t max_iterations;
  double tolerance;
  T *x, *residual;          // [V, C], [C]
  T *r, *p, *q;             // [V, C]
  double *parts, *sums;     // [kChunks, C]; [3, C]: r z, its goal, and alpha or beta
  int64_t* num_unfinished;  // [1]
  int64_t V, C, E;

  BISQUE_HOST_DEVICE double& rz(int64_t c) const { return sums[c]; }
  BISQUE_HOST_DEVICE double& goal(int64_t c) const { return sums[C + c]; }
  BISQUE_HOST_DEVICE double& factor(int64_t c) const { return sums[2 * C + c]; }
  /// r of the preconditioned system; a row without a diagonal is left as it is.
  BISQUE_HOST_DEVICE T z(int64_t i, int64_t c) const {
    return diagonal[i] == 0 ? r[i * C + c] : r[i * C + c] / diagonal[i];
  }
};

template <class S>
BISQUE_HOST_DEVICE inline BadValue check_offsets(const S& s, int64_t i) {
  return check_index(s.row_offsets, i, 2 * s.E + 1);
}
template <class S>
BISQUE_HOST_DEVICE inline BadValue check_neighbor(const S& s, int64_t i) {
  const BadValue bad = check_index(s.neighbors, i, s.V);
  return bad.array ? bad : check_index(s.neighbor_edges, i, s.E);
}

template <class S>
BISQUE_HOST_DEVICE inline void start(const S& s, int64_t i, int64_t c) {
  const int64_t at = i * s.C + c;
  s.x[at] = 0;
  s.r[at] = s.b[at];
  s.p[at] = s.z(i, c);
}

/// q = A p
template <class S>
BISQUE_HOST_DEVICE inline void multiply(const S& s, int64_t i, int64_t c) {
  auto sum = s.diagonal[i] * s.p[i * s.C + c];
  // CUDA, which raises nothing, skips bad indices.
  const bool has_row = !check_offsets(s, i).array && !check_offsets(s, i + 1).array;
  for (int64_t k = s.row_offsets[i]; has_row && k < s.row_offsets[i + 1]; ++k) {
    if (check_neighbor(s, k).array) continue;
    sum += s.off_diagonal[s.neighbor_edges[k]] * s.p[s.neighbors[k] * s.C + c];
  }
  s.q[i * s.C + c] = sum;
}

template <class S>
BISQUE_HOST_DEVICE inline int64_t chunk_begin(const S& s, int64_t chunk) {
  return s.V * chunk / kChunks;
}

/// The part of a chunk in p q.
template <class S>
BISQUE_HOST_DEVICE inline void sum_pq(const S& s, int64_t chunk, int64_t c) {
  double sum = 0;
  for (int64_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); ++i) {
    sum += static_cast<double>(s.p[i * s.C + c]) * s.q[i * s.C + c];
  }
  s.parts[chunk * s.C + c] = sum;
}

/// The part of a chunk in r z.
template <class S>
BISQUE_HOST_DEVICE inline void sum_rz(const S& s, int64_t chunk, int64_t c) {
  double sum = 0;
  for (int64_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); ++i) {
    sum += static_cast<double>(s.r[i * s.C + c]) * s.z(i, c);
  }
  s.parts[chunk * s.C + c] = sum;
}

template <class S>
BISQUE_HOST_DEVICE inline double sum_of_parts(const S& s, int64_t c) {
  double sum = 0;
  for (int64_t chunk = 0; chunk < kChunks; ++chunk) sum += s.parts[chunk * s.C + c];
  return sum;
}

template <class S>
BISQUE_HOST_DEVICE inline void set_goal(const S& s, int64_t c) {
  s.rz(c) = sum_of_parts(s, c);
  s.goal(c) = s.tolerance * s.tolerance * s.rz(c);
}

template <class S>
BISQUE_HOST_DEVICE inline bool is_finished(const S& s, int64_t c) {
  return !(s.rz(c) > s.goal(c));  // NaN too
}

/// alpha of a column; 0 once it is finished, so that it stays as it is.
template <class S>
BISQUE_HOST_DEVICE inline void set_alpha(const S& s, int64_t c) {
  const double pq = sum_of_parts(s, c);
  s.factor(c) = is_finished(s, c) || !(pq > 0) ? 0 : s.rz(c) / pq;
}

template <class S>
BISQUE_HOST_DEVICE inline void move(const S& s, int64_t i, int64_t c) {
  const int64_t at = i * s.C + c;
  using T = std::remove_cvref_t<decltype(*s.x)>;
  const T alpha = static_cast<T>(s.factor(c));
  s.x[at] += alpha * s.p[at];
  s.r[at] -= alpha * s.q[at];
}

template <class S>
BISQUE_HOST_DEVICE inline void set_beta(const S& s, int64_t c) {
  const double rz = sum_of_parts(s, c);
  s.factor(c) = is_finished(s, c) ? 0 : rz / s.rz(c);
  s.rz(c) = rz;
}

template <class S>
BISQUE_HOST_DEVICE inline void turn(const S& s, int64_t i, int64_t c) {
  using T = std::remove_cvref_t<decltype(*s.x)>;
  s.p[i * s.C + c] = s.z(i, c) + static_cast<T>(s.factor(c)) * s.p[i * s.C + c];
}

template <class S>
BISQUE_HOST_DEVICE inline void count_unfinished(const S& s, int64_t) {
  int64_t count = 0;
  for (int64_t c = 0; c < s.C; ++c) count += !is_finished(s, c);
  s.num_unfinished[0] = count;
}

/// Relative to the right side, in the norm of the preconditioner.
template <class S>
BISQUE_HOST_DEVICE inline void set_residual(const S& s, int64_t c) {
  using T = std::remove_cvref_t<decltype(*s.x)>;
  const double first = s.goal(c) / (s.tolerance * s.tolerance);
  s.residual[c] = static_cast<T>(first > 0 ? std::sqrt(s.rz(c) / first) : 0);
}

template <class S, class On>
bool all_finished(const S& s, const On& on) {
  each<count_unfinished<S>>(on, s, 1);
  int64_t count = 0;
  if constexpr (std::is_same_v<On, bisque::OnCpu>) {
    count = s.num_unfinished[0];
  } else if (!fetch(on, &count, s.num_unfinished)) {
    return true;  // a failed launch, which the op reports
  }
  return count == 0;
}

template <class S, class On>
void solve(const S& s, const On& on) {
  each<check_offsets<S>>(on, s, s.V + 1);
  each<check_neighbor<S>>(on, s, 2 * s.E);
  each<start<S>>(on, s, s.V, s.C);
  each<sum_rz<S>, 1>(on, s, kChunks, s.C);
  each<set_goal<S>>(on, s, s.C);
  for (int64_t iteration = 0; iteration < s.max_iterations; ++iteration) {
    if (iteration % kIterationsPerCheck == 0 && all_finished(s, on)) break;
    each<multiply<S>>(on, s, s.V, s.C);
    each<sum_pq<S>, 1>(on, s, kChunks, s.C);
    each<set_alpha<S>>(on, s, s.C);
    each<move<S>>(on, s, s.V, s.C);
    each<sum_rz<S>, 1>(on, s, kChunks, s.C);
    each<set_beta<S>>(on, s, s.C);
    each<turn<S>>(on, s, s.V, s.C);
  }
  each<set_residual<S>>(on, s, s.C);
}

template <class T>
struct SolveSpd {
  const T *diagonal, *off_diagonal, *b;                     // [V], [E], [V, C]
  const int64_t *row_offsets, *neighbors, *neighbor_edges;  // [V + 1], [2 E], [2 E]
  const int64_t* edges;                                     // [E, 2], for the gradient
  int64_t max_iterations;
  double tolerance;
  T *x, *residual;
  T *r, *p, *q;
  double *parts, *sums;
  int64_t* num_unfinished;
  int64_t V, E, C;

  template <class On>
  void run(const On& on) const {
    solve(System<T>{diagonal, off_diagonal, b, row_offsets, neighbors, neighbor_edges, max_iterations, tolerance, x,
                    residual, r, p, q, parts, sums, num_unfinished, V, C, E},
          on);
  }
};

/// Of the solution w of A w = grad_x: grad_b = w, and grad_A_ij = -w_i x_j.
template <class P>
BISQUE_HOST_DEVICE inline void diagonal_gradient(const P& p, int64_t i) {
  p.grad_diagonal[i] = 0;
  for (int64_t c = 0; c < p.C; ++c) p.grad_diagonal[i] -= p.grad_b[i * p.C + c] * p.x[i * p.C + c];
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue edge_gradient(const P& p, int64_t e) {
  p.grad_off_diagonal[e] = 0;
  for (int64_t end = 0; end < 2; ++end) {
    if (const BadValue bad = check_index(p.edges, 2 * e + end, p.V); bad.array) return bad;
  }
  const int64_t i = p.edges[2 * e] * p.C, j = p.edges[2 * e + 1] * p.C;
  for (int64_t c = 0; c < p.C; ++c) {
    p.grad_off_diagonal[e] -= p.grad_b[i + c] * p.x[j + c] + p.grad_b[j + c] * p.x[i + c];
  }
  return {};
}

template <class T>
struct SolveSpdBackward {
  const T *grad_x, *diagonal, *off_diagonal, *x;
  const int64_t *row_offsets, *neighbors, *neighbor_edges, *edges;
  int64_t max_iterations;
  double tolerance;
  T *grad_diagonal, *grad_off_diagonal, *grad_b;
  T *residual, *r, *p, *q;
  double *parts, *sums;
  int64_t* num_unfinished;
  int64_t V, C, E;

  template <class On>
  void run(const On& on) const {
    solve(System<T>{diagonal, off_diagonal, grad_x, row_offsets, neighbors, neighbor_edges, max_iterations, tolerance,
                    grad_b, residual, r, p, q, parts, sums, num_unfinished, V, C, E},
          on);
    each<diagonal_gradient<SolveSpdBackward>>(on, *this, V);
    each<edge_gradient<SolveSpdBackward>>(on, *this, E);
  }
};

}  // namespace heat_diffusion
