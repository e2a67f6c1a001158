// The gradient of one face at one pixel, for CPU and CUDA. R is the type it is computed in.
#pragma once
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_kernels.h>
#include <bisque/ops3d/rasterize_meshes/rasterize_meshes_math.h>

namespace bisque::raster {

/// Gradient of a face's corners: x and y in pixels, z in view space.
template <class R>
struct CornerGrads {
  R x[3] = {}, y[3] = {}, z[3] = {};
};

/// Adds the gradient of barycentric coordinates (as reported) and depth. The pixel lies at the origin.
template <class R>
BISQUE_HOST_DEVICE inline void add_bary_gradient(const R x[3], const R y[3], const R z[3], bool perspective, bool clips,
                                                 R grad_z, const R grad_bary[3], CornerGrads<R>* out) {
  R cross[3], weight[3], size = 0;
  for (int k = 0; k < 3; ++k) {
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    cross[k] = x[l] * y[m] - x[m] * y[l];
    weight[k] = perspective ? cross[k] * z[l] * z[m] : cross[k];
    size += cross[k];
  }
  if (perspective) size *= z[0] * z[1] * z[2];
  const R turn = clips && size < 0 ? R(-1) : R(1);
  const R total = clips ? clip_weights(size, weight) : weight[0] + weight[1] + weight[2];
  // bary = weight / total, and depth = bary . z.
  const R inverse = 1 / total;
  R grad[3], along = 0;
  for (int k = 0; k < 3; ++k) {
    const R bary = weight[k] * inverse;
    grad[k] = grad_bary[k] + grad_z * z[k];
    out->z[k] += grad_z * bary;
    along += grad[k] * bary;
  }
  for (int k = 0; k < 3; ++k) {
    if (clips && weight[k] == 0) continue;  // clipped
    const int l = (k + 1) % 3, m = (k + 2) % 3;
    R grad_cross = turn * (grad[k] - along) * inverse;
    if (perspective) {
      out->z[l] += grad_cross * cross[k] * z[m];
      out->z[m] += grad_cross * cross[k] * z[l];
      grad_cross *= z[l] * z[m];
    }
    out->x[l] += grad_cross * y[m];
    out->y[m] += grad_cross * x[l];
    out->x[m] -= grad_cross * y[l];
    out->y[l] -= grad_cross * x[m];
  }
}

/// A corner of the visible part of a face: a corner of the face, or (behind >= 0) where an edge meets the near plane.
template <class R>
struct VisibleCorner {
  int front, behind;
  R x, y;
};

template <class R>
struct NearPlane {
  R z;
  bool perspective;
};

/// Adds the gradient of a visible corner's place to the corners of the face that it comes from.
template <class R>
BISQUE_HOST_DEVICE inline void add_corner_gradient(const VisibleCorner<R>& corner, const R x[3], const R y[3],
                                                   const R z[3], const NearPlane<R>& near, R grad_x, R grad_y,
                                                   CornerGrads<R>* out) {
  const int a = corner.front, b = corner.behind;
  if (b < 0) {
    out->x[a] += grad_x;
    out->y[a] += grad_y;
    return;
  }
  // a + at (b - a)
  const R at = cut_place(z[a], z[b], near.z, near.perspective);
  out->x[a] += (1 - at) * grad_x;
  out->y[a] += (1 - at) * grad_y;
  out->x[b] += at * grad_x;
  out->y[b] += at * grad_y;
  const R grad_at = grad_x * (x[b] - x[a]) + grad_y * (y[b] - y[a]);
  const R scale = grad_at / ((z[a] - z[b]) * (z[a] - z[b]));
  out->z[a] += scale * (near.z - z[b]) * (near.perspective ? z[b] / near.z : R(1));
  out->z[b] += scale * (z[a] - near.z) * (near.perspective ? z[a] / near.z : R(1));
}

/// Adds the gradient of the squared distance in pixels from the origin to the outline of the visible part.
template <class R>
BISQUE_HOST_DEVICE inline void add_distance_gradient(const R x[3], const R y[3], const R z[3], const bool behind[3],
                                                     const NearPlane<R>& near, R grad, CornerGrads<R>* out) {
  VisibleCorner<R> corner[4];
  int n = 0;
  for (int k = 0; k < 3; ++k) {
    const int next = (k + 1) % 3;
    if (!behind[k]) corner[n++] = {k, -1, x[k], y[k]};
    if (behind[k] == behind[next]) continue;
    const int a = behind[k] ? next : k, b = behind[k] ? k : next;
    const R at = cut_place(z[a], z[b], near.z, near.perspective);
    corner[n++] = {a, b, x[a] + at * (x[b] - x[a]), y[a] + at * (y[b] - y[a])};
  }
  if (n == 0) return;
  int nearest = 0;
  R smallest = 0;
  for (int k = 0; k < n; ++k) {
    const VisibleCorner<R>&a = corner[k], &b = corner[(k + 1) % n];
    const R distance = squared_distance_to_long_segment(a.x, a.y, b.x, b.y);
    // Of edges that are as near but for a rounding the first counts, so that float and double agree.
    if (k == 0 || distance < smallest * R(1 - 1e-5)) {
      smallest = distance;
      nearest = k;
    }
  }
  // The nearest point of the segment moves along it too, but that changes the distance by nothing.
  VisibleCorner<R> a = corner[nearest], b = corner[(nearest + 1) % n];
  if (b.x * b.x + b.y * b.y < a.x * a.x + a.y * a.y) std::swap(a, b);
  const R ex = b.x - a.x, ey = b.y - a.y, squared = ex * ex + ey * ey;
  const R along = squared > 0 ? -(a.x * ex + a.y * ey) / squared : R(0);
  const R t = along > 0 ? (along < 1 ? along : R(1)) : R(0);
  const R grad_x = 2 * grad * (a.x + t * ex), grad_y = 2 * grad * (a.y + t * ey);
  add_corner_gradient(a, x, y, z, near, (1 - t) * grad_x, (1 - t) * grad_y, out);
  add_corner_gradient(b, x, y, z, near, t * grad_x, t * grad_y, out);
}

/// Gradient of one entry of the results to its face's corners in NDC and view space, [3, 3]. Returns false where there
/// is none.
template <class R, class T>
BISQUE_HOST_DEVICE inline bool entry_gradient(const RasterizeMeshesBackward<T>& params, const Viewport<T>& viewport,
                                              const Vertex<T>* const corners[3], T pixel_x, T pixel_y, int64_t entry,
                                              R out[9]) {
  const R grad_z = params.grad_zbuf[entry];
  const R grad_bary[3] = {params.grad_bary_coords[3 * entry], params.grad_bary_coords[3 * entry + 1],
                          params.grad_bary_coords[3 * entry + 2]};
  const R grad_distance = params.grad_dists == nullptr ? T(0) : params.grad_dists[entry];
  const bool bary = grad_z != 0 || grad_bary[0] != 0 || grad_bary[1] != 0 || grad_bary[2] != 0;
  if (!bary && grad_distance == 0) return false;
  CornerGrads<R> grads;
  R x[3], y[3], z[3];
  const bool inside = params.dists == nullptr || !(params.dists[entry] > 0);
  if (bary) {
    careful_corners(corners, viewport, inside, x, y, z);
    for (int k = 0; k < 3; ++k) {
      x[k] -= pixel_x;
      y[k] -= pixel_y;
    }
    add_bary_gradient(x, y, z, viewport.perspective, viewport.clips_bary, grad_z, grad_bary, &grads);
  }
  if (grad_distance != 0) {
    bool behind[3];
    for (int k = 0; k < 3; ++k) {
      x[k] = R(corners[k]->x) - pixel_x;
      y[k] = R(corners[k]->y) - pixel_y;
      z[k] = corners[k]->z;
      behind[k] = is_behind(*corners[k], viewport);
    }
    const R scale = viewport.scale, signed_grad = inside ? -grad_distance : grad_distance;
    const NearPlane<R> near{R(viewport.z_clip), viewport.perspective};
    add_distance_gradient(x, y, z, behind, near, signed_grad / (scale * scale), &grads);
  }
  for (int k = 0; k < 3; ++k) {
    out[3 * k] = -viewport.scale * grads.x[k];
    out[3 * k + 1] = -viewport.scale * grads.y[k];
    out[3 * k + 2] = grads.z[k];
  }
  return true;
}

}  // namespace bisque::raster
