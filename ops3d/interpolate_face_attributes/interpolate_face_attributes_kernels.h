// interpolate_face_attributes and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// Reports a face that does not exist; a negative index is background.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_face(const P& p, int64_t pixel) {
  return p.pix_to_face[pixel] < 0 ? BadValue{} : check_index(p.pix_to_face, pixel, p.F);
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue interpolate_pixel(const P& p, int64_t pixel) {
  auto* out = p.values + pixel * p.D;
  const BadValue bad = check_face(p, pixel);
  if (bad.array || p.pix_to_face[pixel] < 0) {
    for (int64_t d = 0; d < p.D; ++d) out[d] = 0;
    return bad;
  }
  const auto* bary = p.bary_coords + 3 * pixel;
  const auto* corners = p.face_attributes + 3 * p.D * p.pix_to_face[pixel];
  for (int64_t d = 0; d < p.D; ++d) {
    out[d] = bary[0] * corners[d] + bary[1] * corners[p.D + d] + bary[2] * corners[2 * p.D + d];
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue pixel_bary_gradient(const P& p, int64_t pixel) {
  auto* out = p.grad_bary_coords + 3 * pixel;
  out[0] = out[1] = out[2] = 0;
  const BadValue bad = check_face(p, pixel);
  if (bad.array || p.pix_to_face[pixel] < 0) return bad;
  const auto* grad = p.grad_values + pixel * p.D;
  const auto* corners = p.face_attributes + 3 * p.D * p.pix_to_face[pixel];
  for (int k = 0; k < 3; ++k) {
    for (int64_t d = 0; d < p.D; ++d) out[k] += grad[d] * corners[k * p.D + d];
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue add_attribute_gradient(const P& p, int64_t pixel) {
  const BadValue bad = check_face(p, pixel);
  if (bad.array || p.pix_to_face[pixel] < 0) return bad;
  const auto* grad = p.grad_values + pixel * p.D;
  auto* corners = p.grad_face_attributes + 3 * p.D * p.pix_to_face[pixel];
  for (int k = 0; k < 3; ++k) {
    for (int64_t d = 0; d < p.D; ++d) add_to(corners + k * p.D + d, p.bary_coords[3 * pixel + k] * grad[d]);
  }
  return {};
}

template <class T>
struct InterpolateFaceAttributes {
  const int64_t* pix_to_face;  // [N, H, W, K]
  const T* bary_coords;        // [N, H, W, K, 3]
  const T* face_attributes;    // [F, 3, D]
  T* values;                   // [N, H, W, K, D]
  int64_t N, H, W, K, F, D;

  template <class On>
  void run(const On& on) const {
    each<interpolate_pixel<InterpolateFaceAttributes>>(on, *this, N * H * W * K);
  }
};

template <class T>
struct InterpolateFaceAttributesBackward {
  const T* grad_values;        // [N, H, W, K, D]
  const int64_t* pix_to_face;  // from here as in InterpolateFaceAttributes
  const T *bary_coords, *face_attributes;
  bool need_grad_bary_coords, need_grad_face_attributes;
  T* grad_bary_coords;
  T* grad_face_attributes;
  int64_t N, H, W, K, F, D;

  template <class On>
  void run(const On& on) const {
    const int64_t pixels = N * H * W * K;
    if (grad_bary_coords) each<pixel_bary_gradient<InterpolateFaceAttributesBackward>>(on, *this, pixels);
    if (!grad_face_attributes) return;
    fill_zero(on, grad_face_attributes, 3 * F * D);
    each_in_order<add_attribute_gradient<InterpolateFaceAttributesBackward>>(on, *this, pixels);
  }
};

}  // namespace bisque
