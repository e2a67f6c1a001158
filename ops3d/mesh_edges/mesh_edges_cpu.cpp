#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/mesh_edges/mesh_edges_kernels.h>

namespace bisque {
namespace {

template <class T>
BadValue check_corner(const MeshEdges<T>& p, int64_t i) {
  return check_index(p.faces, i, p.V);
}

// Half-edges by their lower end; those of one bucket in their own order.
template <class T>
void fill_buckets(const MeshEdges<T>& p) {
  std::fill_n(p.bucket_offsets, p.V + 1, int64_t{0});
  for (int64_t h = 0; h < p.num_half_edges(); ++h) ++p.bucket_offsets[ends_of(p, h).lower];
  std::inclusive_scan(p.bucket_offsets, p.bucket_offsets + p.V + 1, p.bucket_offsets);
  for (int64_t h = p.num_half_edges(); h-- > 0;) p.half_edges[--p.bucket_offsets[ends_of(p, h).lower]] = h;
}

template <class T>
void sort_buckets(const MeshEdges<T>& p, int64_t begin, int64_t end) {
  std::vector<std::pair<int64_t, int64_t>> bucket;  // upper ends and half-edges
  for (int64_t vert = begin; vert < end; ++vert) {
    int64_t* const first = p.half_edges + p.bucket_offsets[vert];
    int64_t* const last = p.half_edges + p.bucket_offsets[vert + 1];
    bucket.clear();
    for (const int64_t* h = first; h < last; ++h) bucket.emplace_back(ends_of(p, *h).upper, *h);
    std::sort(bucket.begin(), bucket.end());
    std::transform(bucket.begin(), bucket.end(), first, [](const auto& entry) { return entry.second; });
  }
}

}  // namespace

template <class T>
std::array<int64_t, 1> MeshEdges<T>::count(const OnCpu& on) const {
  each<check_corner<T>>(on, *this, num_half_edges());
  fill_buckets(*this);
  op::parallel_for(V, 512, [&](int64_t begin, int64_t end) { sort_buckets(*this, begin, end); });
  each<mark_edge<T>>(on, *this, num_half_edges());
  edge_offsets[num_half_edges()] = 0;
  std::exclusive_scan(edge_offsets, edge_offsets + num_half_edges() + 1, edge_offsets, int64_t{0});
  return {edge_offsets[num_half_edges()]};
}

template <class T>
void MeshEdges<T>::run(const OnCpu& on) const {
  each<write_edge<T>>(on, *this, num_half_edges());
}

template std::array<int64_t, 1> MeshEdges<float>::count(const OnCpu&) const;
template void MeshEdges<float>::run(const OnCpu&) const;
template std::array<int64_t, 1> MeshEdges<double>::count(const OnCpu&) const;
template void MeshEdges<double>::run(const OnCpu&) const;

}  // namespace bisque
