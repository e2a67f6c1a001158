// sample_points_from_meshes and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>
#include <cstring>

#include <bisque/core/ops/packed.h>

namespace bisque {

template <class P>
BISQUE_HOST_DEVICE inline BadValue check_face(const P& p, int64_t face) {
  for (int corner = 0; corner < 3; ++corner) {
    if (const BadValue bad = check_index(p.faces, 3 * face + corner, p.V); bad.array) return bad;
  }
  return {};
}

/// In double, so that squares of small or large coordinates keep their digits.
template <class P>
BISQUE_HOST_DEVICE inline double face_area(const P& p, int64_t face) {
  const int64_t* corners = p.faces + 3 * face;
  double u[3], w[3], square = 0;
  for (int k = 0; k < 3; ++k) {
    const auto origin = static_cast<double>(p.verts[3 * corners[0] + k]);
    u[k] = static_cast<double>(p.verts[3 * corners[1] + k]) - origin;
    w[k] = static_cast<double>(p.verts[3 * corners[2] + k]) - origin;
  }
  for (int k = 0; k < 3; ++k) {
    const double cross = u[(k + 1) % 3] * w[(k + 2) % 3] - u[(k + 2) % 3] * w[(k + 1) % 3];
    square += cross * cross;
  }
  return std::sqrt(square) / 2;
}

/// Meshes begin in order, and the faces of each lie before the next.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_mesh(const P& p, int64_t mesh) {
  const int64_t* first = p.mesh_to_faces_packed_first_idx;
  BadValue bad = check_first_row(first, mesh, p.F);
  if (!bad.array && mesh + 1 < p.N) bad = check_first_row(first, mesh + 1, p.F);
  if (bad.array) return bad;
  return check_index(p.num_faces_per_mesh, mesh, first_row(first, mesh + 1, p.N, p.F) - first[mesh] + 1);
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue write_area(const P& p, int64_t face) {
  p.areas[face] = 0;
  if (const BadValue bad = check_face(p, face); bad.array) return bad;
  const double area = face_area(p, face);
  if (area - area == 0) p.areas[face] = area;  // a face that is not finite is never chosen
  return {};
}

/// *most = max(*most, value), for values that are not negative.
BISQUE_HOST_DEVICE inline void raise_to(double* most, double value) {
#ifdef __CUDA_ARCH__
  atomicMax(reinterpret_cast<unsigned long long*>(most), static_cast<unsigned long long>(__double_as_longlong(value)));
#else
  if (value > *most) *most = value;
#endif
}

template <class P>
BISQUE_HOST_DEVICE inline int64_t mesh_of_face(const P& p, int64_t face) {
  return p.N == 1 ? 0 : element_of_row(p.mesh_to_faces_packed_first_idx, p.N, face);
}

template <class P>
BISQUE_HOST_DEVICE inline void find_largest_area(const P& p, int64_t face) {
  const int64_t mesh = mesh_of_face(p, face);
  if (mesh >= 0) raise_to(p.largest_areas + mesh, p.areas[face]);
}

/// The weight of a face: its share of the largest area of its mesh, as an integer, so that sums of weights do not
/// depend on their order. The sum of all weights is at most 2^62.
template <class P>
BISQUE_HOST_DEVICE inline void write_weight(const P& p, int64_t face) {
  const int64_t mesh = mesh_of_face(p, face);
  const double largest = mesh < 0 ? 0 : p.largest_areas[mesh];
  const double share = largest > 0 ? p.areas[face] / largest : 0;
  p.weights[face] = static_cast<int64_t>(share * (4611686018427387904. / static_cast<double>(p.F)));
}

inline void exclusive_sums(const OnCpu&, int64_t* values, int64_t size, int64_t*) {
  int64_t sum = 0;
  for (int64_t i = 0; i <= size; ++i) {
    const int64_t value = i < size ? values[i] : 0;
    values[i] = sum;
    sum += value;
  }
}
void exclusive_sums(const OnCuda& on, int64_t* values, int64_t size, int64_t* scratch);

/// A random number; NaN is 0.
template <class T>
BISQUE_HOST_DEVICE inline T within_unit(T value) {
  return value > 0 ? (value < 1 ? value : T(1)) : T(0);
}

/// floor(uniform * count), below count.
BISQUE_HOST_DEVICE inline int64_t scaled_uniform(double uniform, int64_t count) {
  const auto scaled = static_cast<int64_t>(uniform * static_cast<double>(count));
  return scaled < count ? scaled : count - 1;
}

/// The faces [begin, begin + count) of a mesh, and the sum of their weights.
struct MeshFaces {
  int64_t begin, count, all;

  template <class P>
  BISQUE_HOST_DEVICE MeshFaces(const P& p, int64_t mesh)
      : begin(first_row(p.mesh_to_faces_packed_first_idx, mesh, p.N, p.F)), count(p.num_faces_per_mesh[mesh]) {
    if (count > p.F - begin) count = p.F - begin;
    if (count < 0) count = 0;
    all = p.weights[begin + count] - p.weights[begin];
  }

  /// Which of `count` equal parts of the sum a weight lies in.
  BISQUE_HOST_DEVICE int64_t part_of(int64_t weight) const {
    return scaled_uniform(static_cast<double>(weight) / static_cast<double>(all), count);
  }
};

/// Writes the face as the guide to the parts of the sum whose first weight it holds.
template <class P>
BISQUE_HOST_DEVICE inline void write_guide(const P& p, int64_t face) {
  const int64_t mesh = mesh_of_face(p, face);
  if (mesh < 0 || p.weights[face + 1] == p.weights[face]) return;
  const MeshFaces faces(p, mesh);
  if (face >= faces.begin + faces.count) return;
  const int64_t before = p.weights[face] - p.weights[faces.begin], with = p.weights[face + 1] - p.weights[faces.begin];
  const int64_t last = faces.part_of(with - 1);
  for (int64_t part = before == 0 ? 0 : faces.part_of(before - 1) + 1; part <= last; ++part) {
    p.guide[faces.begin + part] = face;
  }
}

/// The first face with which the weights exceed a share of their sum; any face if all weights are 0. From the guide it
/// is a step on average, for any weights (Chen and Asau 1974).
template <class P>
BISQUE_HOST_DEVICE inline int64_t choose_face(const P& p, const MeshFaces& faces, double uniform) {
  if (faces.all <= 0) return faces.begin + scaled_uniform(uniform, faces.count);
  const int64_t target = scaled_uniform(uniform, faces.all), end = faces.begin + faces.count;
  int64_t face = p.guide[faces.begin + faces.part_of(target)];
  if (face < faces.begin || face >= end) face = faces.begin;  // meshes that overlap, which CUDA does not refuse
  while (face + 1 < end && p.weights[face + 1] - p.weights[faces.begin] <= target) ++face;
  return face;
}

template <class P>
BISQUE_HOST_DEVICE inline bool is_finite_face(const P& p, int64_t face) {
  const double area = face_area(p, face);
  return area - area == 0;
}

template <class P>
BISQUE_HOST_DEVICE inline void choose_sample_face(const P& p, int64_t mesh, int64_t sample) {
  const int64_t at = mesh * p.S + sample;
  p.face_idx[at] = -1;
  const MeshFaces faces(p, mesh);
  if (faces.count == 0) return;
  const int64_t face = choose_face(p, faces, static_cast<double>(within_unit(p.uniforms[3 * at])));
  // A face that has a weight is finite.
  if (faces.all <= 0 && (check_face(p, face).array || !is_finite_face(p, face))) return;
  p.face_idx[at] = face;
}

/// A step of its own, so that more reads of faces are under way at a time.
template <class P>
BISQUE_HOST_DEVICE inline void place_sample(const P& p, int64_t sample) {
  using T = typename P::Float;
  const T* uniforms = p.uniforms + 3 * sample;
  T *point = p.samples + 3 * sample, *bary = p.bary_coords + 3 * sample;
  for (int k = 0; k < 3; ++k) point[k] = bary[k] = 0;
  const int64_t face = p.face_idx[sample];
  if (face < 0) return;
  // The square root makes points of equal density out of two uniform numbers.
  const T root = std::sqrt(within_unit(uniforms[1])), along = within_unit(uniforms[2]);
  bary[0] = 1 - root;
  bary[1] = root * (1 - along);
  bary[2] = root * along;
  for (int corner = 0; corner < 3; ++corner) {
    const T* vert = p.verts + 3 * p.faces[3 * face + corner];
    for (int k = 0; k < 3; ++k) point[k] += bary[corner] * vert[k];
  }
}

template <class T>
struct SamplePointsFromMeshes {
  using Float = T;

  const T* verts;                                 // [V, 3]
  const int64_t* faces;                           // [F, 3]
  const int64_t* mesh_to_faces_packed_first_idx;  // [N]
  const int64_t* num_faces_per_mesh;              // [N]
  const T* uniforms;                              // [N, S, 3]
  T* samples;                                     // [N, S, 3]
  int64_t* face_idx;                              // [N, S]
  T* bary_coords;                                 // [N, S, 3]
  double* areas;                                  // [F]
  double* largest_areas;                          // [N] of each mesh
  int64_t* weights;                               // [F + 1] of faces, then the sums of those before each
  int64_t* guide;                                 // [F] for each mesh, a face to each of equal parts of its weights
  int64_t* sums;                                  // scratch of exclusive_sums on CUDA
  int64_t V, F, N, S;

  template <class On>
  void run(const On& on) const {
    each<check_mesh<SamplePointsFromMeshes>>(on, *this, N);
    each<write_area<SamplePointsFromMeshes>>(on, *this, F);
    fill_zero(on, largest_areas, N);
    each_in_order<find_largest_area<SamplePointsFromMeshes>>(on, *this, F);
    each<write_weight<SamplePointsFromMeshes>>(on, *this, F);
    exclusive_sums(on, weights, F, sums);
    fill_zero(on, guide, F);
    each<write_guide<SamplePointsFromMeshes>>(on, *this, F);
    each<choose_sample_face<SamplePointsFromMeshes>, 1024>(on, *this, N, S);
    each<place_sample<SamplePointsFromMeshes>, 1024>(on, *this, N * S);
  }
};

template <class P>
BISQUE_HOST_DEVICE inline BadValue add_sample_gradient(const P& p, int64_t sample) {
  if (const BadValue bad = check_index(p.face_idx, sample, p.F, -1); bad.array) return bad;
  const int64_t face = p.face_idx[sample];
  if (face < 0) return {};
  if (const BadValue bad = check_face(p, face); bad.array) return bad;
  for (int corner = 0; corner < 3; ++corner) {
    auto* grad = p.grad_verts + 3 * p.faces[3 * face + corner];
    for (int k = 0; k < 3; ++k) add_to(grad + k, p.bary_coords[3 * sample + corner] * p.grad_samples[3 * sample + k]);
  }
  return {};
}

template <class T>
struct SamplePointsFromMeshesBackward {
  const T* grad_samples;    // [N, S, 3]
  const T* verts;           // [V, 3], for its size alone
  const int64_t* faces;     // [F, 3]
  const int64_t* face_idx;  // [N, S]
  const T* bary_coords;     // [N, S, 3]
  T* grad_verts;            // [V, 3]
  int64_t V, F, N, S;

  template <class On>
  void run(const On& on) const {
    fill_zero(on, grad_verts, 3 * V);
    each_in_order<add_sample_gradient<SamplePointsFromMeshesBackward>>(on, *this, N * S);
  }
};

}  // namespace bisque
