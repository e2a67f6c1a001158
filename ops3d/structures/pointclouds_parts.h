// Internal. What the sources of Pointclouds share.
#pragma once
#include <utility>

#include <bisque/ops3d/structures/lazy.h>
#include <bisque/ops3d/structures/pointclouds.h>

namespace bisque {

struct Pointclouds::Data {
  RaggedSizes sizes;
  at::Tensor points_packed, normals_packed, features_packed;
  LazyDifferentiable<> points_padded, normals_padded, features_padded;
  Lazy<at::Tensor> num_points_per_cloud, packed_to_cloud_idx, cloud_to_packed_first_idx, padded_to_packed_idx;

  Data(RaggedSizes sizes_of_clouds, at::Tensor points, at::Tensor normals, at::Tensor features)
      : sizes(std::move(sizes_of_clouds)),
        points_packed(std::move(points)),
        normals_packed(std::move(normals)),
        features_packed(std::move(features)) {}

  at::Tensor padded(const LazyDifferentiable<>& cache, const at::Tensor& packed) const {
    return packed.defined() ? cache.get(packed, [&] { return sizes.padded_of_packed(packed, 0); }) : packed;
  }
  Pointclouds::TensorList list(const at::Tensor& packed) const {
    return packed.defined() ? sizes.list_of_packed(packed) : Pointclouds::TensorList();
  }
};

}  // namespace bisque
