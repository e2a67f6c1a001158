// points_to_volumes and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/each.h>

namespace bisque {

/// A voxel that a point votes for.
template <class T>
struct VolumeVote {
  bool inside;
  int64_t voxel;  // in [0, D H W)
  T weight;
  T slopes[3];  // of the weight, by the point's x, y, z
};

/// A point in the grid of its volume.
template <class T>
struct PointInVolume {
  int64_t cell[3];  // x, y, z: of the nearest voxel, or of the lowest of the eight around it
  T fraction[3];    // from there to the next voxel
  T scale[3];       // voxels per unit of the point's coordinate
  int64_t size[3];  // of the volume
  int votes;        // 1 or 8; 0 for a point that is outside of the volume or is not finite

  template <class P>
  BISQUE_HOST_DEVICE PointInVolume(const P& p, int64_t n, int64_t i) : votes(p.splat ? 8 : 1) {
    const T* point = p.points_3d + 3 * (n * p.P + i);
    const int64_t whole[3] = {p.W, p.H, p.D};
    for (int axis = 0; axis < 3; ++axis) {
      size[axis] = p.grid_sizes ? p.grid_sizes[3 * n + 2 - axis] : whole[axis];
      scale[axis] = T(p.align_corners ? size[axis] - 1 : size[axis]) / 2;
      const T at = (point[axis] + 1) * scale[axis] - (p.align_corners ? T(0) : T(0.5));
      if (!(at > -1 && at < T(size[axis]))) {
        votes = 0;
        return;
      }
      const T low = p.splat ? std::floor(at) : std::round(at);
      cell[axis] = static_cast<int64_t>(low);
      fraction[axis] = at - low;
    }
  }

  /// Vote 0 to 7 of trilinear weights, or the one of the nearest voxel.
  template <class P>
  BISQUE_HOST_DEVICE VolumeVote<T> vote(const P& p, int which) const {
    VolumeVote<T> vote{true, 0, 1, {0, 0, 0}};
    T weights[3] = {1, 1, 1};
    for (int axis = 2; axis >= 0; --axis) {
      const int up = which >> axis & 1;
      const int64_t at = cell[axis] + up;
      if (at < 0 || at >= size[axis]) return {false, 0, 0, {0, 0, 0}};
      vote.voxel = vote.voxel * (axis == 2 ? p.D : axis == 1 ? p.H : p.W) + at;
      if (p.splat) weights[axis] = up ? fraction[axis] : 1 - fraction[axis];
    }
    vote.weight = weights[0] * weights[1] * weights[2];
    for (int axis = 0; axis < 3 && p.splat; ++axis) {
      const T slope = which >> axis & 1 ? scale[axis] : -scale[axis];
      vote.slopes[axis] = slope * weights[(axis + 1) % 3] * weights[(axis + 2) % 3];
    }
    return vote;
  }
};

/// Whether the sizes of grid n lie in those of the tensor.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_grid_sizes(const P& p, int64_t n) {
  const int64_t whole[3] = {p.D, p.H, p.W};
  for (int axis = 0; axis < 3 && p.grid_sizes; ++axis) {
    if (const BadValue bad = check_index(p.grid_sizes, 3 * n + axis, whole[axis] + 1); bad.array) return bad;
  }
  return {};
}

/// Channels that a step of the CPU adds for all points: more would leave threads without work.
constexpr int64_t kVoteChannels = 4;

/// Adds the votes of a point to channels: C is that of the densities.
template <class P>
BISQUE_HOST_DEVICE inline void add_votes(const P& p, int64_t n, int64_t i, int64_t first, int64_t last) {
  using T = typename P::Float;
  const T weight = T(p.point_weight) * (p.mask ? p.mask[n * p.P + i] : T(1));
  if (weight == 0) return;
  const int64_t voxels = p.D * p.H * p.W;
  const T* point_features = p.points_features + (n * p.P + i) * p.C;
  const PointInVolume<T> point(p, n, i);
  for (int which = 0; which < point.votes; ++which) {
    const VolumeVote<T> vote = point.vote(p, which);
    if (!vote.inside) continue;
    const T share = weight * vote.weight;
    for (int64_t channel = first; channel < last && channel < p.C; ++channel) {
      add_to(p.features + (n * p.C + channel) * voxels + vote.voxel, share * point_features[channel]);
    }
    if (last > p.C) add_to(p.densities + n * voxels + vote.voxel, share);
  }
}

/// All points of a volume, for some channels.
template <class P>
BISQUE_HOST_DEVICE inline BadValue add_votes_of_channels(const P& p, int64_t n, int64_t group) {
  if (const BadValue bad = check_grid_sizes(p, n); bad.array) return bad;
  const int64_t first = group * kVoteChannels, last = first + kVoteChannels;
  for (int64_t i = 0; i < p.P; ++i) add_votes(p, n, i, first, last);
  return {};
}

/// One point, for a channel.
template <class P>
BISQUE_HOST_DEVICE inline BadValue add_votes_of_point(const P& p, int64_t point, int64_t channel) {
  if (const BadValue bad = check_grid_sizes(p, point / p.P); bad.array) return bad;
  add_votes(p, point / p.P, point % p.P, channel, channel + 1);
  return {};
}

// The CPU shares out channels, so that no two threads add to one voxel; CUDA shares out points and channels.
template <class P>
void add_all_votes(const OnCpu& on, const P& p) {
  each<add_votes_of_channels<P>, 1>(on, p, p.N, p.C / kVoteChannels + 1);
}
template <class P>
void add_all_votes(const OnCuda& on, const P& p) {
  each<add_votes_of_point<P>>(on, p, p.N * p.P, p.C + 1);
}

template <class P>
BISQUE_HOST_DEVICE inline void copy_density(const P& p, int64_t i) {
  p.densities[i] = p.volume_densities[i];
}
template <class P>
BISQUE_HOST_DEVICE inline void copy_feature(const P& p, int64_t i) {
  p.features[i] = p.volume_features[i];
}

template <class T>
struct PointsToVolumes {
  using Float = T;

  const T* points_3d;         // [N, P, 3]
  const T* points_features;   // [N, P, C]
  const T* volume_densities;  // [N, 1, D, H, W]
  const T* volume_features;   // [N, C, D, H, W]
  const int64_t* grid_sizes;  // [N, 3], null: D, H, W
  double point_weight;
  const T* mask;  // [N, P], null: ones
  bool align_corners, splat;
  T* densities;  // [N, 1, D, H, W]
  T* features;   // [N, C, D, H, W]
  int64_t N, P, C, D, H, W;

  template <class On>
  void run(const On& on) const {
    each<copy_density<PointsToVolumes>>(on, *this, N * D * H * W);
    each<copy_feature<PointsToVolumes>>(on, *this, N * C * D * H * W);
    add_all_votes(on, *this);
  }
};

/// The gradient of what a point adds to a voxel, by its weight: of its density, and of its features.
template <class P>
BISQUE_HOST_DEVICE inline auto vote_gradient(const P& p, int64_t n, int64_t i, int64_t voxel) {
  const int64_t voxels = p.D * p.H * p.W;
  auto sum = p.grad_densities[n * voxels + voxel];
  for (int64_t c = 0; c < p.C; ++c) {
    sum += p.points_features[(n * p.P + i) * p.C + c] * p.grad_features[(n * p.C + c) * voxels + voxel];
  }
  return sum;
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue gradients_of_point(const P& p, int64_t at) {
  using T = typename P::Float;
  const int64_t n = at / p.P, i = at % p.P, voxels = p.D * p.H * p.W;
  for (int axis = 0; axis < 3 && p.grad_points_3d; ++axis) p.grad_points_3d[3 * at + axis] = 0;
  for (int64_t c = 0; c < p.C && p.grad_points_features; ++c) p.grad_points_features[at * p.C + c] = 0;
  if (p.grad_mask) p.grad_mask[at] = 0;
  if (const BadValue bad = check_grid_sizes(p, n); bad.array) return bad;
  const T weight = T(p.point_weight) * (p.mask ? p.mask[at] : T(1));
  if (weight == 0 && !p.grad_mask) return {};
  const PointInVolume<T> point(p, n, i);
  for (int which = 0; which < point.votes; ++which) {
    const VolumeVote<T> vote = point.vote(p, which);
    if (!vote.inside) continue;
    for (int64_t c = 0; c < p.C && p.grad_points_features; ++c) {
      const T grad = p.grad_features[(n * p.C + c) * voxels + vote.voxel];
      p.grad_points_features[at * p.C + c] += weight * vote.weight * grad;
    }
    if (!p.grad_mask && !p.grad_points_3d) continue;
    const T grad = vote_gradient(p, n, i, vote.voxel);
    if (p.grad_mask) p.grad_mask[at] += T(p.point_weight) * vote.weight * grad;
    for (int axis = 0; axis < 3 && p.grad_points_3d; ++axis) {
      p.grad_points_3d[3 * at + axis] += weight * vote.slopes[axis] * grad;
    }
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline void copy_density_gradient(const P& p, int64_t i) {
  p.grad_volume_densities[i] = p.grad_densities[i];
}
template <class P>
BISQUE_HOST_DEVICE inline void copy_feature_gradient(const P& p, int64_t i) {
  p.grad_volume_features[i] = p.grad_features[i];
}

template <class T>
struct PointsToVolumesBackward {
  using Float = T;

  const T* grad_densities;    // [N, 1, D, H, W]
  const T* grad_features;     // [N, C, D, H, W]
  const T* points_3d;         // [N, P, 3]
  const T* points_features;   // [N, P, C]
  const int64_t* grid_sizes;  // [N, 3], null: D, H, W
  double point_weight;
  const T* mask;  // [N, P], null: ones
  bool align_corners, splat;
  bool need_grad_points_3d, need_grad_points_features, need_grad_volume_densities, need_grad_volume_features;
  bool need_grad_mask;
  T* grad_points_3d;         // [N, P, 3], each null where it is not needed
  T* grad_points_features;   // [N, P, C]
  T* grad_volume_densities;  // [N, 1, D, H, W]
  T* grad_volume_features;   // [N, C, D, H, W]
  T* grad_mask;              // [N, P]
  int64_t N, D, H, W, C, P;

  template <class On>
  void run(const On& on) const {
    if (grad_volume_densities) each<copy_density_gradient<PointsToVolumesBackward>>(on, *this, N * D * H * W);
    if (grad_volume_features) each<copy_feature_gradient<PointsToVolumesBackward>>(on, *this, N * C * D * H * W);
    if (grad_points_3d || grad_points_features || grad_mask) {
      each<gradients_of_point<PointsToVolumesBackward>, 64>(on, *this, N * P);
    }
  }
};

}  // namespace bisque
