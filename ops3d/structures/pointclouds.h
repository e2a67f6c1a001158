// A batch of point clouds of different sizes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include <bisque/core/data/ragged_sizes.h>

namespace bisque {

/// N point clouds, each with normals and features of its points where they were given. As PyTorch3D's Pointclouds, they
/// exist in three forms:
///
///   list    points [P_n, 3], normals [P_n, 3], features [P_n, C] of each cloud
///   packed  [sum P, 3], [sum P, 3], [sum P, C], one cloud after the other
///   padded  [N, max P, 3], [N, max P, 3], [N, max P, C], with 0 after the points of a cloud
///
/// All are float32 or all float64. Copies share all tensors and are cheap. A Pointclouds is not changed by what is done
/// with a copy, and several threads may read one. A cloud may have no points; a batch may have no clouds. Tensors that
/// were given must not be written to afterwards.
class Pointclouds {
 public:
  using TensorList = std::vector<at::Tensor>;

  /// No clouds.
  Pointclouds();

  /// A list: one tensor per cloud; normals and features for all clouds or, as an empty list, none. An empty tensor [0]
  /// is a cloud without points.
  /// Errors: other shapes or dtypes; dtypes or devices that differ; numbers of clouds, points or features that differ.
  explicit Pointclouds(const TensorList& points, const TensorList& normals = {}, const TensorList& features = {});

  /// Padded: points [N, P, 3], normals [N, P, 3] or undefined, features [N, P, C] or undefined, and the number of
  /// points of each cloud as lengths [N] (int32 or int64); if undefined, all have P. Tensors [P, 3], [P, 3] and [P, C]
  /// without lengths are one cloud. Errors: as above; a length outside [0, P].
  explicit Pointclouds(const at::Tensor& points, const at::Tensor& normals = {}, const at::Tensor& features = {},
                       const at::Tensor& lengths = {});

  int64_t size() const;      ///< N
  bool isempty() const;      ///< no cloud has points
  at::Tensor valid() const;  ///< [N] bool: which clouds have points
  bool equisized() const;    ///< whether all have the same number of points; false if N = 0
  at::Device device() const;
  at::ScalarType dtype() const;

  const data::RaggedSizes& point_sizes() const;  ///< of the clouds, on the host

  bool has_normals() const;
  bool has_features() const;

  // Lists are empty, and tensors undefined, where there are no normals or features.
  TensorList points_list() const;
  TensorList normals_list() const;
  TensorList features_list() const;
  const at::Tensor& points_packed() const;
  const at::Tensor& normals_packed() const;
  const at::Tensor& features_packed() const;
  at::Tensor points_padded() const;
  at::Tensor normals_padded() const;
  at::Tensor features_padded() const;

  // Indices are int64, on the device of the clouds.
  at::Tensor num_points_per_cloud() const;       ///< [N]
  at::Tensor packed_to_cloud_idx() const;        ///< [sum P]
  at::Tensor cloud_to_packed_first_idx() const;  ///< [N]
  at::Tensor padded_to_packed_idx() const;       ///< [sum P]: the rows of points_padded.flatten(0, 1) that are points

  /// [N, 3, 2]: the least and the greatest coordinates. A cloud without points has infinity and -infinity.
  at::Tensor get_bounding_boxes() const;
  /// [sum P] bool: which packed points are inside a box, its border included. `box` is [2, 3], its least and its
  /// greatest corner, or [N, 2, 3], one per cloud. Errors: another shape, a least corner that is greater.
  at::Tensor inside_box(const at::Tensor& box) const;

  /// The points, normals and features of one cloud; a negative index counts from the end. Error: an index out of range.
  std::tuple<at::Tensor, at::Tensor, at::Tensor> get_cloud(int64_t index) const;

  /// One cloud, or several in the given order; a negative index counts from the end. Error: an index out of range.
  Pointclouds operator[](int64_t index) const;
  Pointclouds operator[](const std::vector<int64_t>& indices) const;
  /// `indices` is [M] int32 or int64, or a mask [N] bool. Errors: another shape or dtype, an index out of range.
  Pointclouds operator[](const at::Tensor& indices) const;

  /// Consecutive parts of the batch. Error: sizes whose sum is not N.
  std::vector<Pointclouds> split(const std::vector<int64_t>& sizes) const;
  /// Each cloud `count` times in a row. Error: a count below 1.
  Pointclouds extend(int64_t count) const;
  /// At most max_points[n] points of cloud n: those with the least numbers of `random` [sum P] (at::rand gives a
  /// uniform choice), in their order. Errors: a negative number or another number of them, another shape of `random`.
  Pointclouds subsample(const std::vector<int64_t>& max_points, const at::Tensor& random) const;
  Pointclouds subsample(int64_t max_points, const at::Tensor& random) const;

  Pointclouds clone() const;   ///< copies of all tensors, to which gradients flow
  Pointclouds detach() const;  ///< the same tensors without gradients
  Pointclouds to(at::Device device) const;
  /// Error: neither float32 nor float64.
  Pointclouds to(at::ScalarType dtype) const;

  /// The same clouds with points moved by `offsets` [sum P, 3] or [3]. Error: another shape.
  Pointclouds offset(const at::Tensor& offsets) const;
  void offset_(const at::Tensor& offsets) { *this = offset(offsets); }
  /// The same clouds with points scaled by a number, or by one per cloud: `scale` is [] or [N]. Error: another shape.
  Pointclouds scale(double scale) const;
  Pointclouds scale(const at::Tensor& scale) const;
  void scale_(double scale) { *this = this->scale(scale); }
  void scale_(const at::Tensor& scale) { *this = this->scale(scale); }
  /// The same clouds with points [N, max P, 3], and with normals [N, max P, 3] and features [N, max P, C] where they
  /// are defined. Errors: another shape, dtype or device.
  Pointclouds update_padded(const at::Tensor& points, const at::Tensor& normals = {},
                            const at::Tensor& features = {}) const;

  friend Pointclouds join_pointclouds_as_batch(const std::vector<Pointclouds>& clouds);
  friend Pointclouds join_pointclouds_as_scene(const Pointclouds& clouds);

 private:
  struct Data;
  explicit Pointclouds(std::shared_ptr<const Data> data);
  Pointclouds(data::RaggedSizes sizes, at::Tensor points, at::Tensor normals, at::Tensor features);

  /// The same sizes, with other points.
  Pointclouds with_points(at::Tensor points_packed) const;
  /// change(tensor) of all packed tensors that are defined.
  template <class Change>
  Pointclouds changed(data::RaggedSizes sizes, const Change& change) const;

  std::shared_ptr<const Data> data_;
};

/// The clouds of all batches in one. Errors: dtypes, devices or numbers of features that differ; only some have
/// normals, or features.
Pointclouds join_pointclouds_as_batch(const std::vector<Pointclouds>& clouds);

/// All points as one cloud. A batch without clouds becomes one cloud without points.
Pointclouds join_pointclouds_as_scene(const Pointclouds& clouds);
Pointclouds join_pointclouds_as_scene(const std::vector<Pointclouds>& clouds);

}  // namespace bisque
