// The params of phong_shading and its gradient. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

template <class T>
struct PhongShading {
  const T* verts;              // [V, 3]
  const T* normals;            // [V, 3]
  const int64_t* faces;        // [F, 3]
  const int64_t* pix_to_face;  // [N, SH, SW, K]
  const T* bary_coords;        // [N, SH, SW, K, 3]
  const T* texels;             // [N, SH, SW, K, 3], or null: white
  const T* camera_position;    // [N, 3]
  const T* lights;             // [N, L, 4]
  const T* light_diffuse;      // [N, L, 3]
  const T* light_specular;     // [N, L, 3]
  const T* ambient;            // [N, 3]
  const T* shininess;          // [N]
  double wrap;
  bool reflection;
  int64_t samples, channels;
  T* colors;  // [N, SH / samples, SW / samples, K, channels]
  int64_t V, F, N, SH, SW, K, L;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
struct PhongShadingBackward {
  const T* grad_colors;  // [N, SH / samples, SW / samples, K, channels]
  const T* verts;        // from here as in PhongShading
  const T* normals;
  const int64_t *faces, *pix_to_face;
  const T *bary_coords, *texels, *camera_position, *lights, *light_diffuse, *light_specular, *ambient, *shininess;
  double wrap;
  bool reflection;
  int64_t samples, channels;
  bool need_grad_verts, need_grad_normals, need_grad_bary_coords, need_grad_texels;
  T *grad_verts, *grad_normals, *grad_bary_coords, *grad_texels;  // null where they are not needed
  T *grad_camera_position, *grad_lights, *grad_light_diffuse, *grad_light_specular, *grad_ambient, *grad_shininess;
  int64_t V, F, N, SH, SW, K, L;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

namespace phong {

// The gradients that are sums over the fragments of a picture have numbers: those of camera_position, ambient and
// shininess, and then for each light those of lights, light_diffuse and light_specular.
constexpr int64_t kSumCamera = 0, kSumAmbient = 3, kSumShininess = 6, kSumLights = 7;
constexpr int64_t kSumDiffuse = 4, kSumSpecular = 7, kSumsPerLight = 10;  // within a light

BISQUE_HOST_DEVICE inline int64_t num_sums(int64_t L) { return kSumLights + kSumsPerLight * L; }

/// The gradient that is the sum `index` of the picture n.
template <class T>
BISQUE_HOST_DEVICE inline T* sum_of(const PhongShadingBackward<T>& p, int64_t n, int64_t index) {
  if (index < kSumAmbient) return p.grad_camera_position + 3 * n + index;
  if (index < kSumShininess) return p.grad_ambient + 3 * n + index - kSumAmbient;
  if (index < kSumLights) return p.grad_shininess + n;
  const int64_t light = n * p.L + (index - kSumLights) / kSumsPerLight, k = (index - kSumLights) % kSumsPerLight;
  if (k < kSumDiffuse) return p.grad_lights + 4 * light + k;
  if (k < kSumSpecular) return p.grad_light_diffuse + 3 * light + k - kSumDiffuse;
  return p.grad_light_specular + 3 * light + k - kSumSpecular;
}

/// Where the fragments of a row of samples are averaged: the pixels of a row of the picture.
struct RowLayout {
  int64_t K, samples;

  /// The place in a row of pixels of the fragment i of a row of samples.
  BISQUE_HOST_DEVICE int64_t pixel(int64_t i) const {
    if (samples == 1) return i;
    if (K == 1) return samples == 2 ? i >> 1 : i >> 2;
    return i / K / samples * K + i % K;
  }
};

/// The corners of a face; null where it, or one of them, does not exist.
BISQUE_HOST_DEVICE inline const int64_t* corners_of(const int64_t* faces, int64_t num_faces, int64_t num_verts,
                                                    int64_t face) {
  if (static_cast<uint64_t>(face) >= static_cast<uint64_t>(num_faces)) return nullptr;
  const int64_t* at = faces + 3 * face;
  const auto exists = [&](int64_t vert) { return static_cast<uint64_t>(vert) < static_cast<uint64_t>(num_verts); };
  return exists(at[0]) && exists(at[1]) && exists(at[2]) ? at : nullptr;
}

template <class On, class T>
void clear_gradients(const On& on, const PhongShadingBackward<T>& p) {
  const int64_t fragments = p.N * p.SH * p.SW * p.K, lights = p.N * p.L;
  if (p.grad_verts) fill_zero(on, p.grad_verts, 3 * p.V);
  if (p.grad_normals) fill_zero(on, p.grad_normals, 3 * p.V);
  if (p.grad_bary_coords) fill_zero(on, p.grad_bary_coords, 3 * fragments);
  if (p.grad_texels) fill_zero(on, p.grad_texels, 3 * fragments);
  fill_zero(on, p.grad_camera_position, 3 * p.N);
  fill_zero(on, p.grad_lights, 4 * lights);
  fill_zero(on, p.grad_light_diffuse, 3 * lights);
  fill_zero(on, p.grad_light_specular, 3 * lights);
  fill_zero(on, p.grad_ambient, 3 * p.N);
  fill_zero(on, p.grad_shininess, p.N);
}

}  // namespace phong
}  // namespace bisque
