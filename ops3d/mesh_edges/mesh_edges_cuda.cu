// One thread per half-edge for each step.
#include <bisque/ops3d/mesh_edges/mesh_edges_kernels.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/scan.cuh>

namespace bisque {
namespace {

using Unsigned = unsigned long long;  // what atomics take

template <class T>
__device__ void note_bad_corner(const MeshEdges<T>& p, int64_t i) {
  if (check_index(p.faces, i, p.V).array) {
    atomicMin(reinterpret_cast<Unsigned*>(p.first_bad), static_cast<Unsigned>(i));
  }
}

__device__ int64_t increment(int64_t* count) {
  return static_cast<int64_t>(atomicAdd(reinterpret_cast<Unsigned*>(count), 1ull));
}

template <class T>
__device__ void count_half_edge(const MeshEdges<T>& p, int64_t i) {
  increment(p.bucket_offsets + ends_of(p, i).lower);
}

template <class T>
__device__ void put_in_bucket(const MeshEdges<T>& p, int64_t i) {
  p.unsorted[increment(p.cursors + ends_of(p, i).lower)] = i;
}

// Its place is the number of half-edges of its bucket that come before it: buckets are small.
template <class T>
__device__ void sort_half_edge(const MeshEdges<T>& p, int64_t i) {
  const int64_t own = p.unsorted[i];
  const EdgeEnds ends = ends_of(p, own);
  const int64_t first = p.bucket_offsets[ends.lower], last = p.bucket_offsets[ends.lower + 1];
  int64_t place = first;
  for (int64_t other = first; other < last; ++other) {
    const int64_t half_edge = p.unsorted[other], upper = ends_of(p, half_edge).upper;
    place += upper < ends.upper || (upper == ends.upper && half_edge < own);
  }
  p.half_edges[place] = own;
}

}  // namespace

template <class T>
std::array<int64_t, 1> MeshEdges<T>::count(const OnCuda& on) const {
  if (F == 0) return {0};
  const auto stream = static_cast<cudaStream_t>(on.stream);
  cudaMemsetAsync(first_bad, 0xff, sizeof(int64_t), stream);
  each<note_bad_corner<T>>(on, *this, num_half_edges());
  BadValue bad{faces, -1, 0, V};
  if (!fetch(on, &bad.position, first_bad)) return {0};
  if (bad.position >= 0) {
    fetch(on, &bad.value, faces + bad.position);
    throw bad;
  }
  fill_zero(on, bucket_offsets, V + 1);
  each<count_half_edge<T>>(on, *this, num_half_edges());
  exclusive_scan(bucket_offsets, V, sums, stream);
  cudaMemcpyAsync(cursors, bucket_offsets, static_cast<size_t>(V) * sizeof(int64_t), cudaMemcpyDeviceToDevice, stream);
  each<put_in_bucket<T>>(on, *this, num_half_edges());
  each<sort_half_edge<T>>(on, *this, num_half_edges());
  each<mark_edge<T>>(on, *this, num_half_edges());
  exclusive_scan(edge_offsets, num_half_edges(), sums, stream);
  int64_t num_edges = 0;
  fetch(on, &num_edges, edge_offsets + num_half_edges());
  return {num_edges};
}

template <class T>
void MeshEdges<T>::run(const OnCuda& on) const {
  each<write_edge<T>>(on, *this, num_half_edges());
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::MeshEdges)
