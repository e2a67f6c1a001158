// A batch of volumes of different sizes.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

namespace bisque {

struct VolumesOptions {
  /// The size of voxels in world units: [], [1], [3] (x, y, z), [N, 1] or [N, 3]; undefined: 1.
  at::Tensor voxel_size;
  /// World coordinates are those about the centre of a volume minus this: [3], [1, 3] or [N, 3]; undefined: 0.
  at::Tensor volume_translation;
  /// Whether local coordinates of -1 and 1 are the centres of the first and last voxel, or else their outer borders.
  bool align_corners = true;
};

/// N volumes of densities, each with features where they were given. Volume n has D_n x H_n x W_n voxels; x runs along
/// W, y along H, z along D. As PyTorch3D's Volumes, they exist in two forms:
///
///   list    densities [C, D_n, H_n, W_n], features [K, D_n, H_n, W_n] of each volume
///   padded  [N, C, max D, max H, max W], [N, K, max D, max H, max W], with 0 after the voxels of a volume
///
/// Local coordinates are those of grid_sample: (x, y, z) in [-1, 1] over the volume's own voxels. World coordinates are
///
///   world = local * (size - 1) / 2 * voxel_size - volume_translation
///
/// with `size` in place of `size - 1` without align_corners. An axis of one voxel has the local coordinate 0 there, and
/// a size of 2 in this formula, so that it has an inverse.
///
/// All are float32 or all float64, and differentiable by densities, features, voxel_size and volume_translation. Copies
/// share all tensors and are cheap. Tensors that were given must not be written to afterwards.
class Volumes {
 public:
  using TensorList = std::vector<at::Tensor>;

  /// A list: features for all volumes or, as an empty list, none.
  /// Errors: other shapes or dtypes, dtypes or devices that differ, features of other sizes than densities.
  explicit Volumes(const TensorList& densities, const TensorList& features = {}, const VolumesOptions& options = {});
  /// Padded, of equal sizes: features may be undefined. Tensors [C, D, H, W] and [K, D, H, W] are one volume. Errors:
  /// as above.
  explicit Volumes(const at::Tensor& densities, const at::Tensor& features = {}, const VolumesOptions& options = {});

  int64_t size() const { return densities_.size(0); }  ///< N
  at::Device device() const { return densities_.device(); }
  at::ScalarType dtype() const { return densities_.scalar_type(); }
  bool align_corners() const { return align_corners_; }
  bool has_features() const { return features_.defined(); }

  const at::Tensor& densities() const { return densities_; }  ///< padded
  const at::Tensor& features() const { return features_; }    ///< padded; undefined without features
  TensorList densities_list() const;
  TensorList features_list() const;                                             ///< empty without features
  at::Tensor get_grid_sizes() const;                                            ///< [N, 3] int64: D_n, H_n, W_n
  const at::Tensor& voxel_size() const { return voxel_size_; }                  ///< [N, 3]: x, y, z
  const at::Tensor& volume_translation() const { return volume_translation_; }  ///< [N, 3]

  /// [N, max D, max H, max W, 3]: the coordinates of the voxels' centres. They go on linearly in the padding.
  at::Tensor get_coord_grid(bool world_coordinates = true) const;
  /// `points` is [N, ..., 3]. Error: another shape, dtype or device.
  at::Tensor local_to_world_coords(const at::Tensor& points) const;
  at::Tensor world_to_local_coords(const at::Tensor& points) const;
  /// [N, 4, 4] for row vectors, as Transform3d has them: [world, 1] = [local, 1] @ matrix.
  at::Tensor get_local_to_world_coords_matrix() const;

  /// One volume, or several in the given order; a negative index counts from the end. Error: an index out of range.
  Volumes operator[](int64_t index) const;
  Volumes operator[](const std::vector<int64_t>& indices) const;
  /// `indices` is [M] int32 or int64, or a mask [N] bool. Errors: another shape or dtype, an index out of range.
  Volumes operator[](const at::Tensor& indices) const;

  /// The same places and sizes, with other padded densities [N, C, max D, max H, max W], and features or none.
  /// Errors: another N, D, H or W, another dtype or device.
  Volumes update_padded(const at::Tensor& densities, const at::Tensor& features = {}) const;

  Volumes clone() const;   ///< copies of all tensors, to which gradients flow
  Volumes detach() const;  ///< the same tensors without gradients
  Volumes to(at::Device device) const;
  /// Error: neither float32 nor float64.
  Volumes to(at::ScalarType dtype) const;

 private:
  using GridSize = std::array<int64_t, 3>;  // D, H, W

  void set_place(const VolumesOptions& options);
  at::Tensor half_extents() const;  // [N, 3]: the factor from local to world coordinates
  at::Tensor for_points(const char* name, const at::Tensor& per_volume, const at::Tensor& points) const;
  TensorList list_of(const at::Tensor& padded) const;
  template <class Change>
  Volumes changed(const Change& change) const;

  at::Tensor densities_, features_, voxel_size_, volume_translation_;
  std::vector<GridSize> grid_sizes_;
  bool align_corners_ = true;
};

}  // namespace bisque
