// The params of phong_shading. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

template <class T>
struct PhongShading {
  const T* verts;              // [V, 3]
  const T* normals;            // [V, 3]
  const int64_t* faces;        // [F, 3]
  const int64_t* pix_to_face;  // [N, SH, SW, 1]
  const T* bary_coords;        // [N, SH, SW, 1, 3]
  const T* camera_position;    // [N, 3]
  const T* lights;             // [L, 4]
  const T* light_colors;       // [L, 3]
  const T* ambient;            // [3]
  const T* albedo;             // [3]
  double specular, shininess, wrap;
  int64_t samples;
  T* rgba;  // [N, SH / samples, SW / samples, 4]
  int64_t V, F, N, SH, SW, L;

  void run(const OnCpu& on) const;
};

}  // namespace bisque
