// A cloud of points laid out for vectors, and the tree of boxes over it: what the CPU kernel searches. Torch-free but
// for threads.
#pragma once
#include <hwy/aligned_allocator.h>

#include <cstdint>
#include <vector>

namespace bisque::knn {

inline constexpr int64_t kBlock = 16;  // points of a block, a multiple of every vector's lanes
inline constexpr int kChildBits = 4;   // a node of the tree has 16 children
inline constexpr int64_t kChildren = int64_t{1} << kChildBits;
inline constexpr int kMaxDepth = 16;  // more than 2^31 points need

/// The finite points in blocks, coordinate by coordinate; in a tree, each block is a leaf.
template <class T>
struct Cloud {
  hwy::AlignedFreeUniquePtr<T[]> points;  // [blocks, D, kBlock]; NaN where a block has no point
  std::vector<int32_t> index;             // [blocks, kBlock] of the cloud
  std::vector<int32_t> not_finite;        // points with an infinite or NaN coordinate, which are in no block
  int64_t num_blocks = 0, dim = 0;

  // Nodes of level l + 1 have kChildren nodes of level l as children, but the root, which may have fewer; level 0 are
  // the blocks. Where depth is 0, there is no tree.
  int depth = 0;
  int64_t root_children = 0;
  hwy::AlignedFreeUniquePtr<T[]> boxes;  // [nodes, D, 2, kChildren] least and greatest coordinates of the children
  std::vector<int64_t> level_first;      // [depth + 1] first node of each level, from level 1 on

  const T* block(int64_t i) const { return &points[static_cast<size_t>(i * dim * kBlock)]; }
  const T* node(int level, int64_t i) const {
    return &boxes[static_cast<size_t>((level_first[static_cast<size_t>(level)] + i) * dim * 2 * kChildren)];
  }
};

/// Whether the queries repay the building of a tree. Measured with AVX-512 and 16,384 points: they do after at most
/// 1,000 for D from 2 to 8; for D = 12 seldom, for more never; nor for fewer than 500 points where K = 1.
inline bool wants_tree(int64_t queries, int64_t points, int64_t dim) {
  return dim <= 8 && points >= 512 && 16 * queries >= points;
}

/// Lays out `count` points [count, dim]; with_tree sorts them by space and builds the boxes.
template <class T>
Cloud<T> make_cloud(const T* points, int64_t count, int64_t dim, bool with_tree);

}  // namespace bisque::knn
