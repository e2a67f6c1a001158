// A batch of point clouds of different sizes.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
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
  /// points of each cloud as lengths [N] (int32 or int64); if undefined, all have P. Errors: as above; a length outside
  /// [0, P].
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

 private:
  struct Data;
  explicit Pointclouds(std::shared_ptr<const Data> data);

  std::shared_ptr<const Data> data_;
};

}  // namespace bisque
