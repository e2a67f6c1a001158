// weighted_gather_scatter and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/gather_scatter/gather_scatter_kernels.h>

namespace bisque {

template <class T>
struct WeightedGatherScatter {
  const T* input;        // [V, D]
  const int64_t* edges;  // [E, 2]
  const T* weights;      // [E]
  T* output;             // [V, D]
  int64_t V, D, E;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, output, V * D);
    add_edges(on, EdgeSums<T>{input, output, edges, V, D, E, true, true, weights});
  }
};

template <class P>
BISQUE_HOST_DEVICE inline BadValue gradient_of_weight(const P& p, int64_t edge) {
  p.grad_weights[edge] = 0;
  if (const BadValue bad = check_edge(p, edge); bad.array) return bad;
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
    if (grad_input) {
      fill_zero(on, grad_input, V * D);
      add_edges(on, EdgeSums<T>{grad_output, grad_input, edges, V, D, E, true, true, weights});
    }
    if (grad_weights) each<gradient_of_weight<WeightedGatherScatterBackward>, 256>(on, *this, E);
  }
};

}  // namespace bisque
