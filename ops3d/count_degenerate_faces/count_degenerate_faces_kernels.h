// Which faces rasterize_meshes leaves out because of their shape, counted. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>

namespace bisque {

inline constexpr int64_t kDegenerateParts =
    256;  // of a mesh, each counted by a thread; the shape of scratch has it too

template <class T>
struct CountDegenerateFaces {
  const T* verts;                         // [V, 3] x_ndc, y_ndc, z_view, packed
  const int64_t* faces;                   // [F, 3]
  const int64_t* mesh_to_face_first_idx;  // [N]
  const int64_t* num_faces_per_mesh;      // [N]
  int64_t height, width;
  bool perspective_correct;
  double z_clip;
  const int64_t* mesh_to_vert_offset;  // [N], or null
  int64_t* num_not_finite;             // [N]
  int64_t* num_without_area;           // [N]
  int64_t* counts;                     // [N, 256, 2] of each part
  int64_t V, F, N;

  template <class On>
  void run(const On& on) const;
};

namespace raster {

template <class T>
BISQUE_HOST_DEVICE inline bool is_finite(const Vertex<T>& v) {
  return (v.x - v.x) + (v.y - v.y) + (v.z - v.z) == 0;
}

/// Whether the visible part of a face has corners but no area on the grid.
template <class T>
BISQUE_HOST_DEVICE inline bool has_no_area(const Vertex<T>* const corners[3], const Viewport<T>& viewport) {
  const Polygon polygon = visible_polygon(corners, viewport);
  for (int i = 0; i + 2 < polygon.corners; ++i) {
    if (doubled_area(polygon, i) != 0) return false;
  }
  return polygon.corners >= 3;
}

/// Counts the faces of one part of a mesh.
template <class P>
BISQUE_HOST_DEVICE inline BadValue count_part(const P& p, int64_t mesh, int64_t part) {
  using T = std::remove_cv_t<std::remove_pointer_t<decltype(p.verts)>>;
  int64_t* const counts = p.counts + 2 * (mesh * kDegenerateParts + part);
  counts[0] = counts[1] = 0;
  if (const BadValue bad = check_mesh(p, mesh); bad.array) return bad;
  const Viewport<T> viewport(p.height, p.width, p.perspective_correct, p.z_clip, false);
  const int64_t n = p.num_faces_per_mesh[mesh], size = (n + kDegenerateParts - 1) / kDegenerateParts;
  const int64_t first = p.mesh_to_face_first_idx[mesh], offset = vert_offset(p, mesh);
  const int64_t end = (part + 1) * size < n ? (part + 1) * size : n;
  for (int64_t face = part * size; face < end; ++face) {
    Vertex<T> corner[3];
    for (int k = 0; k < 3; ++k) {
      const int64_t position = 3 * (first + face) + k;
      if (const BadValue bad = check_corner(p, position, offset); bad.array) return bad;
      corner[k] = place_vertex(viewport, p.verts + 3 * (offset + p.faces[position]));
    }
    const Vertex<T>* const corners[3] = {&corner[0], &corner[1], &corner[2]};
    if (!is_finite(corner[0]) || !is_finite(corner[1]) || !is_finite(corner[2])) {
      ++counts[0];
    } else if (has_no_area(corners, viewport)) {
      ++counts[1];
    }
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline void sum_parts(const P& p, int64_t mesh) {
  int64_t sums[2] = {0, 0};
  const int64_t* const counts = p.counts + 2 * mesh * kDegenerateParts;
  for (int64_t i = 0; i < 2 * kDegenerateParts; ++i) sums[i % 2] += counts[i];
  p.num_not_finite[mesh] = sums[0];
  p.num_without_area[mesh] = sums[1];
}

}  // namespace raster

template <class T>
template <class On>
void CountDegenerateFaces<T>::run(const On& on) const {
  each<raster::count_part<CountDegenerateFaces>, 1>(on, *this, N, kDegenerateParts);
  each<raster::sum_parts<CountDegenerateFaces>, 1>(on, *this, N);
}

}  // namespace bisque
