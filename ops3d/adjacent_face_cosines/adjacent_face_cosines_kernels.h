// adjacent_face_cosines and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <array>
#include <cmath>

#include <bisque/core/ops/each.h>

namespace bisque {

/// Two faces at an edge. In double, since squares of areas underflow in float.
struct FacePair {
  double edge[3], first[3], second[3];  // from one end of the edge: to the other, and to the corners against it
  double normals[2][3];                 // of unit length, or zero; they agree where the faces lie in a plane
  double lengths[2];                    // of the normals before
  double cosine;

  /// `ends` are the two of the edge, then the corner of the first face against it, then that of the second.
  template <class T>
  BISQUE_HOST_DEVICE FacePair(const T* verts, const int64_t (&ends)[4]) {
    for (int k = 0; k < 3; ++k) {
      const double origin = verts[3 * ends[0] + k];
      edge[k] = verts[3 * ends[1] + k] - origin;
      first[k] = verts[3 * ends[2] + k] - origin;
      second[k] = verts[3 * ends[3] + k] - origin;
    }
    for (int k = 0; k < 3; ++k) {
      const int l = (k + 1) % 3, m = (k + 2) % 3;
      normals[0][k] = edge[l] * first[m] - edge[m] * first[l];
      normals[1][k] = second[l] * edge[m] - second[m] * edge[l];
    }
    for (int i = 0; i < 2; ++i) {
      double* n = normals[i];
      lengths[i] = std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
      for (int k = 0; k < 3 && lengths[i] != 0; ++k) n[k] /= lengths[i];
    }
    cosine = normals[0][0] * normals[1][0] + normals[0][1] * normals[1][1] + normals[0][2] * normals[1][2];
  }
};

/// The vertices of a pair of corners, 3 face + corner, for FacePair; a BadValue where one is none.
template <class P>
BISQUE_HOST_DEVICE inline BadValue vertices_of_pair(const P& p, int64_t pair, int64_t (&ends)[4]) {
  const int64_t *corners = p.corners + 2 * pair, begin = corners[0] / 3 * 3;
  const int64_t places[4] = {begin + (corners[0] + 1) % 3, begin + (corners[0] + 2) % 3, corners[0], corners[1]};
  for (int i = 0; i < 4; ++i) {
    if (const BadValue bad = check_index(p.faces, places[i], p.V); bad.array) return bad;
    ends[i] = p.faces[places[i]];
  }
  return {};
}

template <class T>
struct AdjacentFaceCosines {
  using Float = T;

  const T* verts;                 // [V, 3]
  const int64_t* faces;           // [F, 3]
  const int64_t* faces_to_edges;  // [F, 3]
  int64_t num_edges;
  T* cosines;             // [P]
  int64_t* corners;       // [P, 2]
  int64_t* edge_offsets;  // [num_edges + 1] how many corners are against an edge, then their sums before each
  int64_t* edge_ends;     // [num_edges] how many are in edge_corners already
  int64_t* edge_corners;  // [3 F] corners by edge
  int64_t* pair_offsets;  // [num_edges + 1]
  int64_t* sums;          // of CUDA
  int64_t V, F, P;

  template <class On>
  std::array<int64_t, 1> count(const On& on) const;
  template <class On>
  void run(const On& on) const;
};

/// (*count)++
BISQUE_HOST_DEVICE inline int64_t increment(int64_t* count) {
#ifdef __CUDA_ARCH__
  return static_cast<int64_t>(atomicAdd(reinterpret_cast<unsigned long long*>(count), 1ull));
#else
  return (*count)++;
#endif
}

template <class T>
BISQUE_HOST_DEVICE inline BadValue count_edge_corner(const AdjacentFaceCosines<T>& p, int64_t corner) {
  if (const BadValue bad = check_index(p.faces_to_edges, corner, p.num_edges); bad.array) return bad;
  increment(p.edge_offsets + p.faces_to_edges[corner]);
  return {};
}

template <class T>
BISQUE_HOST_DEVICE inline BadValue put_edge_corner(const AdjacentFaceCosines<T>& p, int64_t corner) {
  if (const BadValue bad = check_index(p.faces_to_edges, corner, p.num_edges); bad.array) return bad;
  const int64_t edge = p.faces_to_edges[corner];
  p.edge_corners[p.edge_offsets[edge] + increment(p.edge_ends + edge)] = corner;
  return {};
}

template <class T>
BISQUE_HOST_DEVICE inline void count_edge_pairs(const AdjacentFaceCosines<T>& p, int64_t edge) {
  const int64_t count = p.edge_offsets[edge + 1] - p.edge_offsets[edge];
  p.pair_offsets[edge] = count * (count - 1) / 2;
}

/// Sorts the corners of an edge, which CUDA puts in any order, and lists their pairs.
template <class T>
BISQUE_HOST_DEVICE inline void write_edge_pairs(const AdjacentFaceCosines<T>& p, int64_t edge) {
  const int64_t begin = p.edge_offsets[edge], end = p.edge_offsets[edge + 1];
  for (int64_t i = begin + 1; i < end; ++i) {
    const int64_t corner = p.edge_corners[i];
    int64_t place = i;
    for (; place > begin && p.edge_corners[place - 1] > corner; --place) {
      p.edge_corners[place] = p.edge_corners[place - 1];
    }
    p.edge_corners[place] = corner;
  }
  int64_t* out = p.corners + 2 * p.pair_offsets[edge];
  for (int64_t i = begin; i < end; ++i) {
    for (int64_t j = i + 1; j < end; ++j) {
      *out++ = p.edge_corners[i];
      *out++ = p.edge_corners[j];
    }
  }
}

template <class T>
BISQUE_HOST_DEVICE inline BadValue cosine_of_pair(const AdjacentFaceCosines<T>& p, int64_t pair) {
  p.cosines[pair] = 0;
  int64_t ends[4] = {};
  if (const BadValue bad = vertices_of_pair(p, pair, ends); bad.array) return bad;
  p.cosines[pair] = static_cast<T>(FacePair(p.verts, ends).cosine);
  return {};
}

template <class T>
template <class On>
std::array<int64_t, 1> AdjacentFaceCosines<T>::count(const On& on) const {
  fill_zero(on, edge_offsets, num_edges);
  fill_zero(on, edge_ends, num_edges);
  each_in_order<count_edge_corner<T>>(on, *this, 3 * F);
  exclusive_scan(on, edge_offsets, num_edges, sums);
  each_in_order<put_edge_corner<T>>(on, *this, 3 * F);
  each<count_edge_pairs<T>>(on, *this, num_edges);
  return std::array<int64_t, 1>{exclusive_scan(on, pair_offsets, num_edges, sums)};
}

template <class T>
template <class On>
void AdjacentFaceCosines<T>::run(const On& on) const {
  each<write_edge_pairs<T>>(on, *this, num_edges);
  each<cosine_of_pair<T>, 512>(on, *this, P);
}

template <class T>
struct AdjacentFaceCosinesBackward {
  const T* grad_cosines;   // [P]
  const T* verts;          // [V, 3]
  const int64_t* faces;    // [F, 3]
  const int64_t* corners;  // [P, 2]
  T* grad_verts;           // [V, 3]
  int64_t P, V, F;

  template <class On>
  void run(const On& on) const;
};

/// The gradient of a cosine by a normal, before it was divided by its length; 0 if it has none.
struct NormalGradient {
  double values[3] = {0, 0, 0};

  BISQUE_HOST_DEVICE NormalGradient(const FacePair& f, int i, double grad) {
    for (int k = 0; k < 3 && f.lengths[i] != 0; ++k) {
      values[k] = grad * (f.normals[1 - i][k] - f.cosine * f.normals[i][k]) / f.lengths[i];
    }
  }
};

template <class T>
BISQUE_HOST_DEVICE inline BadValue add_pair_gradient(const AdjacentFaceCosinesBackward<T>& p, int64_t pair) {
  for (int i = 0; i < 2; ++i) {
    if (const BadValue bad = check_index(p.corners, 2 * pair + i, 3 * p.F); bad.array) return bad;
  }
  int64_t ends[4] = {};
  if (const BadValue bad = vertices_of_pair(p, pair, ends); bad.array) return bad;
  const FacePair f(p.verts, ends);
  const double grad = p.grad_cosines[pair];
  const NormalGradient first(f, 0, grad), second(f, 1, grad);
  const double *of_first = first.values, *of_second = second.values;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    const double by_edge =
        f.first[l] * of_first[m] - f.first[m] * of_first[l] + of_second[l] * f.second[m] - of_second[m] * f.second[l];
    const double by_first = of_first[l] * f.edge[m] - of_first[m] * f.edge[l];
    const double by_second = f.edge[l] * of_second[m] - f.edge[m] * of_second[l];
    add_to(p.grad_verts + 3 * ends[0] + k, static_cast<T>(-by_edge - by_first - by_second));
    add_to(p.grad_verts + 3 * ends[1] + k, static_cast<T>(by_edge));
    add_to(p.grad_verts + 3 * ends[2] + k, static_cast<T>(by_first));
    add_to(p.grad_verts + 3 * ends[3] + k, static_cast<T>(by_second));
  }
  return {};
}

template <class T>
template <class On>
void AdjacentFaceCosinesBackward<T>::run(const On& on) const {
  fill_zero(on, grad_verts, 3 * V);
  each_in_order<add_pair_gradient<T>>(on, *this, P);
}

}  // namespace bisque
