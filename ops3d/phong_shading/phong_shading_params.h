// The bridge between the glue and the kernels of phong_shading: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

template <class T>
struct PhongShadingParams {
  const T* verts;              // [V, 3]
  const T* normals;            // [V, 3]
  const int64_t* faces;        // [F, 3]
  const int64_t* pix_to_face;  // [N, samples H, samples W]
  const T* bary_coords;        // [N, samples H, samples W, 3]
  const T* camera_position;    // [N, 3]
  const T* light_positions;    // [L, 4]
  const T* light_colors;       // [L, 3]
  const T* ambient;            // [3]
  const T* albedo;             // [3]
  T specular, shininess, wrap;
  int64_t samples;
  T* colors;  // [N, H, W, 4]
  int64_t num_verts, num_faces, num_lights;
  int64_t num_pictures, height, width;  // of the result
};

template <class T>
void phong_shading_cpu_kernel(const PhongShadingParams<T>& params);

}  // namespace bisque
