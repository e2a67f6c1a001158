// A tree of boxes over the targets of a cloud, laid out for vectors: what the CPU kernel searches. Torch-free but for
// threads.
#pragma once
#include <hwy/aligned_allocator.h>

#include <cstdint>

#include <bisque/ops3d/knn_points/knn_points_cloud.h>

namespace bisque::distance {

using knn::kBlock;
using knn::kChildren;

/// The finite targets, sorted by their centres as the points of a knn::Cloud.
template <class T>
struct Tree {
  knn::Cloud<T> centers;                   // its boxes are those of the targets
  hwy::AlignedFreeUniquePtr<T[]> corners;  // [blocks, num_corners, 3, kBlock]; NaN where a block has no target
  int64_t num_corners = 0;

  const T* block(int64_t i) const { return &corners[static_cast<size_t>(i * num_corners * 3 * kBlock)]; }
  const int32_t* index(int64_t block) const { return &centers.index[static_cast<size_t>(block * kBlock)]; }
};

/// targets [count, num_corners, 3]. Without boxes the targets are in their order, and the depth is 0.
template <class T>
Tree<T> make_tree(const T* targets, int64_t count, int64_t num_corners, bool with_boxes);

}  // namespace bisque::distance
