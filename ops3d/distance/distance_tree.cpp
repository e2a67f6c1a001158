#include <bisque/ops3d/distance/distance_tree.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include <bisque/core/ops/parallel.h>

namespace bisque::distance {
namespace {

/// [count, 3] The centres of targets, scaled by num_corners / 4, so that each is finite exactly where all corners are.
template <class T>
std::vector<T> centers_of(const T* targets, int64_t count, int64_t num_corners) {
  std::vector<T> centers(static_cast<size_t>(3 * count));
  op::parallel_for(count, 4096, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      for (int64_t d = 0; d < 3; ++d) {
        T sum = 0;
        for (int64_t k = 0; k < num_corners; ++k) sum += T(0.25) * targets[(i * num_corners + k) * 3 + d];
        centers[static_cast<size_t>(3 * i + d)] = sum;
      }
    }
  });
  return centers;
}

template <class T>
void fill_corners(const T* targets, Tree<T>& tree, int64_t block) {
  const int64_t values = 3 * tree.num_corners;
  T* corners = const_cast<T*>(tree.block(block));
  const int32_t* index = tree.index(block);
  for (int64_t lane = 0; lane < kBlock; ++lane) {
    for (int64_t value = 0; value < values; ++value) {
      corners[value * kBlock + lane] =
          index[lane] < 0 ? std::numeric_limits<T>::quiet_NaN() : targets[index[lane] * values + value];
    }
  }
}

/// The least and the greatest of some rows of kBlock values; NaN is neither.
template <class T>
struct Range {
  T low = std::numeric_limits<T>::infinity(), high = -std::numeric_limits<T>::infinity();

  void add(const T* lows, const T* highs, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      if (lows[i] < low) low = lows[i];
      if (highs[i] > high) high = highs[i];
    }
  }
};

/// Writes the box of a child into its parent, a node of this level.
template <class T>
void fill_box(Tree<T>& tree, int level, int64_t child) {
  T* parent = const_cast<T*>(tree.centers.node(level, child / kChildren)) + child % kChildren;
  for (int64_t d = 0; d < 3; ++d) {
    Range<T> range;
    if (level == 1) {
      for (int64_t k = 0; k < tree.num_corners; ++k) {
        const T* row = tree.block(child) + (3 * k + d) * kBlock;
        range.add(row, row, kBlock);
      }
    } else {
      const T* sides = tree.centers.node(level - 1, child) + 2 * d * kChildren;
      range.add(sides, sides + kChildren, kChildren);
    }
    parent[2 * d * kChildren] = range.low;
    parent[(2 * d + 1) * kChildren] = range.high;
  }
}

}  // namespace

template <class T>
Tree<T> make_tree(const T* targets, int64_t count, int64_t num_corners, bool with_boxes) {
  Tree<T> tree;
  tree.num_corners = num_corners;
  const std::vector<T> centers = centers_of(targets, count, num_corners);
  tree.centers = knn::make_cloud(centers.data(), count, 3, with_boxes);
  const int64_t blocks = tree.centers.num_blocks;
  tree.corners = hwy::AllocateAligned<T>(static_cast<size_t>(std::max(blocks, int64_t{1}) * num_corners * 3 * kBlock));
  if (!tree.corners) throw std::bad_alloc();
  op::parallel_for(blocks, 256, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; ++block) fill_corners(targets, tree, block);
  });
  for (int level = 1; level <= tree.centers.depth; ++level) {
    op::parallel_for(blocks >> (knn::kChildBits * (level - 1)), 256, [&](int64_t first, int64_t last) {
      for (int64_t child = first; child < last; ++child) fill_box(tree, level, child);
    });
  }
  return tree;
}

template Tree<float> make_tree(const float*, int64_t, int64_t, bool);
template Tree<double> make_tree(const double*, int64_t, int64_t, bool);

}  // namespace bisque::distance
