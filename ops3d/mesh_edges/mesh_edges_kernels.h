// The params of mesh_edges, and its steps for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <array>
#include <cstdint>

#include <bisque/core/ops/each.h>

namespace bisque {

/// Half-edge h lies opposite to corner h % 3 of face h / 3. Half-edges are sorted by their ends, the lower one first,
/// so that those of an edge are neighbours: in buckets of one lower end, which are then sorted by the upper end.
template <class T>
struct MeshEdges {
  const T* verts;           // [V, 3], for its size alone
  const int64_t* faces;     // [F, 3]
  int64_t* edges;           // [E, 2], null while counting
  int64_t* faces_to_edges;  // [F, 3], null while counting
  int64_t* bucket_offsets;  // [V + 1], from here on scratch
  int64_t* half_edges;      // [3 F], sorted
  int64_t* edge_offsets;    // [3 F + 1] the number of edges that begin before each sorted half-edge
  int64_t* unsorted;        // [3 F] half-edges in their buckets, of CUDA
  int64_t* cursors;         // [V] where the next half-edge of each bucket goes, of CUDA
  int64_t* sums;            // [1024], of CUDA
  int64_t* first_bad;       // [1] the position of the first bad index, of CUDA
  int64_t V, F, E;

  BISQUE_HOST_DEVICE int64_t num_half_edges() const { return 3 * F; }

  std::array<int64_t, 1> count(const OnCpu& on) const;
  void run(const OnCpu& on) const;
  std::array<int64_t, 1> count(const OnCuda& on) const;
  void run(const OnCuda& on) const;
};

struct EdgeEnds {
  int64_t lower, upper;
};

template <class T>
BISQUE_HOST_DEVICE inline EdgeEnds ends_of(const MeshEdges<T>& p, int64_t half_edge) {
  const int64_t corner = half_edge % 3, *face = p.faces + (half_edge - corner);
  const int64_t a = face[(corner + 1) % 3], b = face[(corner + 2) % 3];
  return a < b ? EdgeEnds{a, b} : EdgeEnds{b, a};
}

/// Notes whether an edge begins at a sorted half-edge.
template <class T>
BISQUE_HOST_DEVICE inline void mark_edge(const MeshEdges<T>& p, int64_t i) {
  const EdgeEnds ends = ends_of(p, p.half_edges[i]);
  const bool begins = i == p.bucket_offsets[ends.lower] || ends_of(p, p.half_edges[i - 1]).upper != ends.upper;
  p.edge_offsets[i] = begins;
}

template <class T>
BISQUE_HOST_DEVICE inline void write_edge(const MeshEdges<T>& p, int64_t i) {
  const int64_t half_edge = p.half_edges[i], edge = p.edge_offsets[i + 1] - 1;
  p.faces_to_edges[half_edge] = edge;
  if (edge != p.edge_offsets[i]) return;
  const EdgeEnds ends = ends_of(p, half_edge);
  p.edges[2 * edge] = ends.lower;
  p.edges[2 * edge + 1] = ends.upper;
}

}  // namespace bisque
